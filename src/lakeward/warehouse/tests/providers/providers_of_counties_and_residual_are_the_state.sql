-- The shares of a state's counties and of its addresses without a county add up to the state's own row.
with

density as (

    select * from {{ ref('mart_provider_density') }}

),

open_share as (

    select
        state,
        specialty_group,
        sum(location_share) as open_share
    from {{ ref('int_providers__group_location') }}
    where enumeration_type = 'NPI-1' and county_fips is null and state is not null
    group by state, specialty_group

),

county_share as (

    select
        state,
        specialty_group,
        sum(providers_fractional) as placed_share
    from density
    where geography_level = 'county'
    group by state, specialty_group

)

select
    density.state,
    density.specialty_group,
    density.providers_fractional,
    county_share.placed_share,
    open_share.open_share
from density
left join county_share on density.state = county_share.state and density.specialty_group = county_share.specialty_group
left join open_share on density.state = open_share.state and density.specialty_group = open_share.specialty_group
where
    density.geography_level = 'state'
    and abs(
        density.providers_fractional - coalesce(county_share.placed_share, 0) - cast(coalesce(open_share.open_share, 0) as double)
    ) > 0.01
