{#
    True when a text is a National Provider Identifier: ten digits, the first 1 or 2, and a check digit that agrees.
    Null is no identifier, so the answer is never null. `column` is named eleven times: give a column, not an expression.

    The check digit is Luhn's over '80840' and the NPI; the prefix adds a constant 24. Every other digit from the first
    on counts double, less 9 above 9: that is the place of the digit in '0516273849'. Only translate, substr, instr and
    length are used, which DuckDB and Spark share, and nothing is cast, so a text of letters is false and no error.
#}
{% macro npi_is_valid(column) -%}
coalesce(
    length({{ column }}) = 10
    and translate({{ column }}, '0123456789', '') = ''
    and substr({{ column }}, 1, 1) in ('1', '2')
    and (
        24
        {%- for position in [1, 3, 5, 7, 9] %}
        + instr('0516273849', substr({{ column }}, {{ position }}, 1)) - 1
        + instr('0123456789', substr({{ column }}, {{ position + 1 }}, 1)) - 1
        {%- endfor %}
    ) % 10 = 0,
    false
)
{%- endmacro %}
