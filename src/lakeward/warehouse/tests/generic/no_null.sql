{# Fails on every column of the list that is null in any row; one pass over the rows for all of them. #}
{% test no_null(model, columns) %}

with counted as (

    select
    {%- for column in columns %}
        count(*) - count({{ column }}) as {{ column }}_nulls{{ ',' if not loop.last }}
    {%- endfor %}
    from {{ model }}

)

{% for column in columns -%}
select
    '{{ column }}' as column_name,
    {{ column }}_nulls as null_count
from counted
where {{ column }}_nulls > 0
{% if not loop.last %}union all{% endif %}
{% endfor %}

{% endtest %}
