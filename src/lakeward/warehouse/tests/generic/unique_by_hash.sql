{#
    Fails on values that stand in more than one row. For many rows of long text: rows are grouped by a 64-bit hash, and only
    where a hash repeats are the texts themselves compared. The model is named twice instead of a CTE, which would be kept in memory.
#}
{% test unique_by_hash(model, column) %}

with repeated as (

    select {{ hash_text(column) }} as hashed_value
    from {{ model }}
    group by {{ hash_text(column) }}
    having count(*) > 1

)

select
    candidate.{{ column }},
    count(*) as row_count
from {{ model }} as candidate
inner join repeated on {{ hash_text('candidate.' ~ column) }} = repeated.hashed_value
group by candidate.{{ column }}
having count(*) > 1

{% endtest %}
