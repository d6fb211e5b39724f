with

published as (

    select * from {{ ref('stg_taxonomy__nucc') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by taxonomy_code order by taxonomy_release desc nulls last, source_file_id desc, source_record desc
        ) as place
    from published

)

select
    taxonomy_code,
    taxonomy_grouping,
    classification,
    specialization,
    -- As the registry's own lookup writes it; it needs no display name, which releases up to 15 do not have.
    concat_ws(', ', classification, specialization) as taxonomy_desc,
    display_name,
    section,
    taxonomy_release,
    source_file_id,
    source_record
from ranked
where place = 1
