{#
    Fails on rows whose span of days (effective_from to effective_to, both included) overlaps another of the same key,
    or ends before it begins. So (key, effective_from) is unique, and a date finds one row of a key at most.
#}
{% test ranges_do_not_overlap(model, key) %}

with spans as (

    select
        {{ key | join(', ') }},
        effective_from,
        effective_to,
        lag(effective_to) over (partition by {{ key | join(', ') }} order by effective_from, effective_to) as previous_effective_to
    from {{ model }}

)

select *
from spans
where effective_to < effective_from or previous_effective_to >= effective_from

{% endtest %}
