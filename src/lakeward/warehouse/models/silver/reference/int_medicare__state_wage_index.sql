-- The wage index of a state: the mean over its statistical and rural areas, with the least and the greatest.
with areas as (

    select * from {{ ref('stg_medicare__wage_index') }}
    where reject_reasons is null and wage_index is not null

),

states as (

    select * from {{ ref('seed_medicare_rural_area') }}

),

-- An area across a border belongs to each of its states; an area listed with two values counts with both.
areas_of_states as (

    select
        areas.file_id,
        states.state,
        areas.wage_index
    from areas
    inner join states
        on
            (areas.is_rural and areas.area_code = states.area_code)
            or concat('-', areas.area_states, '-') like concat('%-', states.state, '-%')

),

summarised as (

    select
        file_id,
        state,
        sum(wage_index) as wage_index_total,
        count(*) as n_areas,
        min(wage_index) as wage_index_min,
        max(wage_index) as wage_index_max
    from areas_of_states
    group by file_id, state

)

select
    file_id,
    state,
    {{ medicare_rounded_mean('wage_index_total', 'n_areas', 4) }} as wage_index_mean,
    cast(wage_index_min as decimal(18, 4)) as wage_index_min,
    cast(wage_index_max as decimal(18, 4)) as wage_index_max,
    cast(n_areas as int) as n_areas,
    case when n_areas = 1 then 'single_wage_area' else 'mean_of_wage_areas' end as state_rate_rule
from summarised
