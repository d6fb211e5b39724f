with used as (

    {% for slot in range(1, 7) -%}
        select distinct procedure_code_{{ slot }} as procedure_code from {{ ref('int_claims__segment') }}
        where procedure_code_{{ slot }} is not null
        {% if not loop.last -%} union {%- endif %}
    {% endfor %}

),

description as (

    select * from {{ ref('stg_synpuf__icd9_description') }}

),

classified as (

    -- A procedure slot is meant for a procedure, so a code that both systems know is one.
    select
        used.procedure_code,
        case
            when as_procedure.code is not null then 'procedure'
            when as_diagnosis.code is not null then 'diagnosis'
            else 'unknown'
        end as code_classification,
        case when as_procedure.code is not null then as_procedure.short_description else as_diagnosis.short_description end
            as short_description,
        case when as_procedure.code is not null then as_procedure.long_description else as_diagnosis.long_description end
            as long_description
    from used
    left join description as as_procedure on used.procedure_code = as_procedure.code and as_procedure.code_type = 'procedure'
    left join description as as_diagnosis on used.procedure_code = as_diagnosis.code and as_diagnosis.code_type = 'diagnosis'

)

select * from classified
