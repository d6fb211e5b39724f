with release_file as (

    select * from {{ ref('int_rates__release') }}

),

newest as (

    select
        *,
        row_number() over (
            partition by payer_slug
            order by
                coalesce(year_month, '') desc, coalesce(reporting_entity_name, '') asc, coalesce(version, '') desc, file_id asc
        ) as preference
    from release_file
    where payer_slug is not null

)

select
    payer_slug,
    reporting_entity_name,
    version
from newest
where preference = 1
