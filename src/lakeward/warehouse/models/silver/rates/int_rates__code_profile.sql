with code as (

    select * from {{ ref('int_rates__code') }}

),

named_code as (

    select * from {{ ref('dim_code') }}

),

category as (

    select * from {{ ref('dim_code_cat') }}

),

profiled as (

    select
        code.code_key,
        code.code_type,
        code.code,
        named_code.code_description,
        named_code.code_name,
        category.proc_set as procedure_set,
        category.proc_class as procedure_class,
        category.proc_group as procedure_group
    from code
    left join named_code on code.code_type = named_code.code_type and code.code = named_code.code
    -- Payers file CPT codes under HCPCS and the other way round; the category goes by the shape of the code.
    left join category
        on
            code.code_type in ('CPT', 'HCPCS', 'CDT')
            and category.code_type = {{ medicare_code_type('code.code') }}
            and code.code = category.code

)

select
    *,
    cast(dense_rank() over (order by {{ nulls_first(['procedure_set', 'procedure_class', 'code', 'code_type']) }}) as int) as code_rank
from profiled
