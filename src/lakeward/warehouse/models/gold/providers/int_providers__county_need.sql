with

county as (

    select * from {{ ref('dim_county') }}
    where coalesce(is_current, true)

),

ratio as (

    select
        county_fips,
        poverty_pct,
        case when population_18_to_64 > 0 then cast(population_under_18 as double) / cast(population_18_to_64 as double) end as youth_ratio,
        case when population_18_to_64 > 0 then cast(population_65_and_over as double) / cast(population_18_to_64 as double) end
            as elderly_ratio
    from county

)

-- 42 CFR 5, appendices A to C, part I, B.4: the criteria that Census figures speak to. Births, infant deaths, fluoridated water
-- and substance use are not loaded. An `or` with an unknown side is unknown unless the other side is true.
select
    county_fips,
    'primary_care' as discipline,
    poverty_pct > 20 as is_high_need
from ratio
union all
select
    county_fips,
    'dental' as discipline,
    poverty_pct > 20 as is_high_need
from ratio
union all
select
    county_fips,
    'mental_health' as discipline,
    poverty_pct >= 20 or youth_ratio > 0.6 or elderly_ratio > 0.25 as is_high_need
from ratio
