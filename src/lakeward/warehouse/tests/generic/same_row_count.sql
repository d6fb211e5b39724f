{# Fails when the model has more or fewer rows than the one it was made from: a join lost or multiplied rows. #}
{% test same_row_count(model, other) %}

with counted as (

    select
        (select count(*) from {{ model }}) as row_count,
        (select count(*) from {{ other }}) as expected_row_count

)

select *
from counted
where row_count <> expected_row_count

{% endtest %}
