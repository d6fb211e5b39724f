-- A person is shared out over its practice addresses: over all counties, and the addresses without one, the shares of a group
-- add up to its people. Each county's sum is rounded to six decimals, so the whole may be off by half of that per county.
with

person as (

    select
        specialty_group,
        npi,
        sum(case when county_fips is null then location_share else 0 end) as open_share
    from {{ ref('int_providers__group_location') }}
    where enumeration_type = 'NPI-1'
    group by specialty_group, npi

),

located as (

    select
        specialty_group,
        count(*) as people,
        sum(open_share) as open_share
    from person
    group by specialty_group

),

counted as (

    select
        specialty_group,
        sum(providers_fractional) as placed_share
    from {{ ref('mart_provider_density') }}
    where geography_level = 'county'
    group by specialty_group

)

select
    counted.specialty_group,
    located.people,
    located.open_share,
    counted.placed_share
from counted
left join located on counted.specialty_group = located.specialty_group
where abs(counted.placed_share + cast(coalesce(located.open_share, 0) as double) - coalesce(located.people, 0)) > 0.01
