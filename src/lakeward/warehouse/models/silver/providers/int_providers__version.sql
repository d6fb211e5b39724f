with

accepted as (

    select
        npi,
        source_file_id,
        source_record,
        -- A deactivated provider is blank but for its dates, so those tell how new the row is as well.
        greatest(last_update_date, deactivation_date, reactivation_date) as as_of_date
    from {{ ref('stg_nppes__provider') }}
    where reject_reasons = ''

),

file_dated as (

    select
        accepted.npi,
        accepted.source_file_id,
        accepted.source_record,
        accepted.as_of_date,
        max(accepted.as_of_date) over (partition by accepted.source_file_id) as file_as_of_date
    from accepted

),

ranked as (

    select
        npi,
        source_file_id,
        source_record,
        as_of_date,
        file_as_of_date,
        row_number() over (
            partition by npi
            order by
                as_of_date desc nulls last,
                file_as_of_date desc nulls last,
                source_file_id desc,
                source_record desc
        ) as place
    from file_dated

)

select
    npi,
    source_file_id,
    source_record,
    as_of_date,
    file_as_of_date,
    cast(place = 1 as boolean) as is_current
from ranked
