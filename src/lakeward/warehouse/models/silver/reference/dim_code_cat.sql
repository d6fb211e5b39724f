with classes as (

    select * from {{ ref('stg_medicare__rbcs') }}
    where reject_reasons is null and is_latest_assignment

),

-- Several yearly releases may lie in the lake; the newest says the category of a code.
newest as (

    select
        *,
        row_number() over (partition by code order by coalesce(data_year, 0) desc, file_id, source_record asc) as preference
    from classes

)

select
    code_type,
    code,
    rbcs_id,
    category_name as proc_set,
    subcategory_name as proc_class,
    family_name as proc_group,
    data_year as rbcs_release_year
from newest
where preference = 1
