{#
    Fails on spans (valid_from, valid_to exclusive) of a key that do not begin where the one before ends, that end before
    they begin, or that last although another follows. So a date finds one row of a key at most. One start may be null.
#}
{% test spans_are_seamless(model, key) %}

with spans as (

    select
        {{ key }},
        valid_from,
        valid_to,
        is_current,
        row_number() over (partition by {{ key }} order by valid_from nulls first) as place,
        lag(valid_to) over (partition by {{ key }} order by valid_from nulls first) as previous_valid_to,
        lead({{ key }}) over (partition by {{ key }} order by valid_from nulls first) is null as is_last
    from {{ model }}

)

select *
from spans
where
    valid_to <= valid_from
    or (place > 1 and (valid_from is null or previous_valid_to is distinct from valid_from))
    or is_last is distinct from is_current
    or is_last is distinct from (valid_to is null)

{% endtest %}
