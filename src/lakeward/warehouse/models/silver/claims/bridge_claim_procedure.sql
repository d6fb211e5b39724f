with coded as (

    {% for slot in range(1, 7) -%}
        select
            release_id,
            claim_key,
            claim_id,
            segment,
            {{ slot }} as procedure_sequence,
            procedure_code_{{ slot }} as procedure_code
        from {{ ref('int_claims__segment') }}
        where procedure_code_{{ slot }} is not null
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

procedure_code as (

    select * from {{ ref('int_claims__procedure_code') }}

)

select
    coded.release_id,
    coded.claim_key,
    coded.claim_id,
    coded.segment,
    coded.procedure_sequence,
    coded.procedure_code,
    procedure_code.code_classification
from coded
inner join procedure_code on coded.procedure_code = procedure_code.procedure_code
