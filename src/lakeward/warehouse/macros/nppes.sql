{#
    The value of one provider's primary taxonomy slot: the first slot switched 'Y', else the first that holds a code.
    `prefix` is the published column without its slot number, such as 'provider_license_number'.
#}
{% macro primary_slot_value(prefix) -%}
case
    {%- for slot in range(1, 16) %}
    when healthcare_provider_primary_taxonomy_switch_{{ slot }} = 'Y' and healthcare_provider_taxonomy_code_{{ slot }} is not null
        then {{ prefix }}_{{ slot }}
    {%- endfor %}
    {%- for slot in range(1, 16) %}
    when healthcare_provider_taxonomy_code_{{ slot }} is not null then {{ prefix }}_{{ slot }}
    {%- endfor %}
end
{%- endmacro %}

{# Which of the two rules of `primary_slot_value` applied: 'switch', 'first_listed', or 'none' where no slot holds a code. #}
{% macro primary_slot_rule() -%}
case
    {%- for slot in range(1, 16) %}
    when healthcare_provider_primary_taxonomy_switch_{{ slot }} = 'Y' and healthcare_provider_taxonomy_code_{{ slot }} is not null
        then 'switch'
    {%- endfor %}
    {%- for slot in range(1, 16) %}
    when healthcare_provider_taxonomy_code_{{ slot }} is not null then 'first_listed'
    {%- endfor %}
    else 'none'
end
{%- endmacro %}

{# A reason when a registry date (MM/DD/YYYY) has text that is no such date, else null. #}
{% macro unreadable_date_reason(column, reason) -%}
case when {{ column }} is not null and {{ parse_date(column, 'MM/DD/YYYY') }} is null then '{{ reason }}' end
{%- endmacro %}
