{# A code with the leading zeros that spreadsheets take away; null stays null. #}
{% macro padded(column, digits) -%}
lpad(trim({{ column }}), {{ digits }}, '0')
{%- endmacro %}

{# A coordinate pair's member, or null where the pair is incomplete, 0/0 or off the globe: never Null Island. #}
{% macro coordinate(value, latitude, longitude) -%}
case
    when {{ try_number(latitude) }} between -90 and 90
        and {{ try_number(longitude) }} between -180 and 180
        and not ({{ try_number(latitude) }} = 0 and {{ try_number(longitude) }} = 0)
        then {{ try_number(value) }}
end
{%- endmacro %}

{#
    The name of the code system that a county code belongs to. Connecticut's eight counties (09001-09015) became nine
    planning regions (09110-09190) in 2022, and the two are not one to one: a code is only looked up in its own system.
#}
{% macro county_code_system(column) -%}
case
    when {{ column }} between '09110' and '09190' then 'connecticut_planning_region'
    when substr({{ column }}, 1, 2) = '09' then 'connecticut_county'
    else 'county'
end
{%- endmacro %}

{#
    The rows of the newest file of a bronze geography dataset, by vintage, then by file: a lake may hold several, and
    ZIP codes move between counties, so two vintages are never mixed.
#}
{% macro newest_file_rows(dataset) -%}
select published.*
from {{ source('bronze', dataset) }} as published
inner join (
    select max(concat(coalesce(vintage, ''), '|', _file_id)) as newest
    from {{ source('bronze', dataset) }}
) as choice
    on concat(coalesce(published.vintage, ''), '|', published._file_id) = choice.newest
{%- endmacro %}
