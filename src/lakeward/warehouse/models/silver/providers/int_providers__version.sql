with

accepted as (

    select
        npi,
        source_file_id,
        source_record,
        layout,
        status,
        deactivation_date,
        reactivation_date,
        -- A deactivated provider is blank but for its dates, so those tell how new the row is as well.
        greatest(last_update_date, deactivation_date, reactivation_date) as newest_date,
        file_as_of_date as published_as_of_date
    from {{ ref('stg_nppes__provider') }}
    where reject_reasons = ''

),

file_dated as (

    select
        *,
        coalesce(published_as_of_date, max(newest_date) over (partition by source_file_id)) as file_as_of_date
    from accepted

),

dated as (

    select
        npi,
        source_file_id,
        source_record,
        layout,
        status,
        deactivation_date,
        reactivation_date,
        coalesce(newest_date, file_as_of_date) as as_of_date,
        published_as_of_date,
        file_as_of_date
    from file_dated

),

ranked as (

    select
        *,
        row_number() over (
            partition by npi
            order by
                as_of_date desc nulls last,
                file_as_of_date desc nulls last,
                source_file_id desc,
                source_record desc
        ) as place
    from dated

)

select
    npi,
    source_file_id,
    source_record,
    layout,
    status,
    deactivation_date,
    reactivation_date,
    as_of_date,
    published_as_of_date,
    file_as_of_date,
    cast(place as bigint) as place,
    cast(place = 1 as boolean) as is_current
from ranked
