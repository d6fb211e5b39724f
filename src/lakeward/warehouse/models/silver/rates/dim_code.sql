with published as (

    select
        code_type,
        code,
        code_name,
        code_description,
        cast(count(*) as bigint) as published_count
    from {{ ref('stg_mrf__item') }}
    group by code_type, code, code_name, code_description
    union all
    select
        code_type,
        code,
        code_name,
        code_description,
        cast(count(*) as bigint) as published_count
    from {{ ref('stg_flat_rates__published') }}
    group by code_type, code, code_name, code_description

),

code as (

    select distinct
        code_type,
        code
    from published
    where code_type is not null and code is not null

),

description_rank as (

    select
        code_type,
        code,
        code_description,
        row_number() over (partition by code_type, code order by sum(published_count) desc, code_description) as preference
    from published
    where code_description is not null
    group by code_type, code, code_description

),

name_rank as (

    select
        code_type,
        code,
        code_name,
        row_number() over (partition by code_type, code order by sum(published_count) desc, code_name) as preference
    from published
    where code_name is not null
    group by code_type, code, code_name

)

select
    code.code_type,
    code.code,
    description_rank.code_description,
    name_rank.code_name
from code
left join description_rank
    on code.code_type = description_rank.code_type and code.code = description_rank.code and description_rank.preference = 1
left join name_rank
    on code.code_type = name_rank.code_type and code.code = name_rank.code and name_rank.preference = 1
