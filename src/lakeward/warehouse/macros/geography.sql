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

{#
    What tells one practice address of a provider from another: its lines, city, state, postal code and country, without
    regard to case, blanks and where a line breaks. Compared within one provider only. `place` is the relation's name.
#}
{% macro place_text(place) -%}
upper(trim({{ regexp_replace_all(
    "concat_ws(' ', #.address_1, #.address_2, #.city, #.state, coalesce(#.zip_code, #.postal_code), coalesce(#.country_code, 'US'))"
    | replace('#', place),
    ' +',
    ' '
) }}))
{%- endmacro %}

{#
    The name of a town as a seed spells it, in capitals: single blanks, no full stops, and a first word N, S, E or W in
    full, as in 'W. HARTFORD'.
#}
{% macro town_text(city) -%}
{%- set plain = "upper(trim(" ~ regexp_replace_all("replace(" ~ city ~ ", '.', ' ')", ' +', ' ') ~ "))" -%}
case substr({{ plain }}, 1, 2)
    {%- for word in ['NORTH', 'SOUTH', 'EAST', 'WEST'] %}
    when '{{ word[0] }} ' then concat('{{ word }} ', substr({{ plain }}, 3))
    {%- endfor %}
    else {{ plain }}
end
{%- endmacro %}
