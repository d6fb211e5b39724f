{#
    The key of an address that was asked of the Census Geocoder: md5 of its street line, city, state and five-digit ZIP.
    It holds nothing of who practises there, so it is all that the service is told besides the address itself. Letters
    count alike in either case and runs of blanks as one; what is not printable ASCII counts as '?', because the engines
    differ in the capital letters of the rest. A missing part is empty. Null without a street: such an address cannot be
    asked. `lakeward geocode` makes the key with this macro too, so that there is one definition of it.
#}
{% macro address_key(street, city, state, postal_code) -%}
case when {{ street }} is not null then {{ md5_text(
    address_key_part(street) ~ " || '|' || " ~ address_key_part(city) ~ " || '|' || " ~ address_key_part(state)
    ~ " || '|' || substr(" ~ address_key_part(postal_code) ~ ", 1, 5)"
) }} end
{%- endmacro %}

{# One part of the key's text: never null. #}
{% macro address_key_part(text) -%}
upper(trim({{ regexp_replace_all(regexp_replace_all("coalesce(" ~ text ~ ", '')", '[^ -~]+', '?'), ' +', ' ') }}))
{%- endmacro %}
