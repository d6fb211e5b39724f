with coded as (

    {% for slot in range(0, 11) -%}
        select
            release_id,
            claim_key,
            claim_id,
            segment,
            {{ slot }} as diagnosis_sequence,
            '{{ ['admitting', 'principal'][slot] or 'secondary' }}' as diagnosis_role,
            diagnosis_code_{{ slot }} as diagnosis_code
        from {{ ref('int_claims__segment') }}
        where diagnosis_code_{{ slot }} is not null
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

)

select * from coded
