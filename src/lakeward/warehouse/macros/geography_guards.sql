{#
    The states whose rows find nothing on the other side of a join, although the other side is loaded for them: it has rows
    of the state, or it is a list of the whole country, with at least 40 of the 51 states and the District. One state that
    drops out changes no total by much; a code system that changed takes a whole state at once, as in Connecticut in 2022.

    `subject` selects `state_fips` and `is_matched` of each row that is joined, `loaded` the `state_fips` of the other
    side; states of fewer than `minimum` rows are left alone, for a single address may be mistyped.
#}
{% macro states_that_match_nothing(subject, loaded, minimum=1) -%}
with

subject as (

    {{ subject }}

),

loaded as (

    select distinct state_fips from ({{ loaded }}) as other_side

),

loaded_count as (

    select count(*) as states from loaded

),

state as (

    select * from {{ ref('seed_state') }}

)

select
    state.state,
    count(*) as rows_joined
from subject
inner join state on subject.state_fips = state.state_fips
cross join loaded_count
left join loaded on subject.state_fips = loaded.state_fips
where loaded.state_fips is not null or (loaded_count.states >= 40 and state.state_kind <> 'territory')
group by state.state
having count(*) >= {{ minimum }} and count(case when subject.is_matched then 1 end) = 0
{%- endmacro %}
