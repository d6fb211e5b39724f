with

area as (

    select * from {{ ref('int_providers__area') }}
    where geography_level = 'county'

),

county as (

    select * from {{ ref('dim_county') }}

),

-- The counties a ZIP code touches, in the codes of today; a county that was split has none to hand its ZIP codes to.
zip_county as (

    select distinct
        zip_county.zip_code,
        area.geography_id as county_fips
    from {{ ref('stg_geography__zip_county') }} as zip_county
    left join county on zip_county.county_fips = county.county_fips
    inner join area on coalesce(county.successor_county_fips, zip_county.county_fips) = area.geography_id

),

zip_known as (

    select distinct zip_code from zip_county

),

-- Active registrations at an address in the United States whose county the ZIP rule leaves open.
open_location as (

    select
        group_location.npi,
        group_location.enumeration_type,
        group_location.specialty_group,
        group_location.state,
        group_location.zip_code,
        group_location.location_share,
        zip_known.zip_code is not null as is_zip_known
    from {{ ref('int_providers__group_location') }} as group_location
    left join zip_known on group_location.zip_code = zip_known.zip_code
    where group_location.county_fips is null

),

by_zip as (

    select
        zip_county.county_fips,
        open_location.specialty_group,
        open_location.npi,
        open_location.enumeration_type,
        sum(open_location.location_share) as location_share
    from open_location
    inner join zip_county on open_location.zip_code = zip_county.zip_code
    group by zip_county.county_fips, open_location.specialty_group, open_location.npi, open_location.enumeration_type

),

-- An address whose ZIP code leads nowhere can lie in any county of its state.
by_state as (

    select
        state,
        specialty_group,
        npi,
        enumeration_type,
        sum(location_share) as location_share
    from open_location
    where not is_zip_known and state is not null
    group by state, specialty_group, npi, enumeration_type

),

state_total as (

    select
        state,
        specialty_group,
        count(case when enumeration_type = 'NPI-1' then 1 end) as individuals,
        count(*) as registrations,
        sum(case when enumeration_type = 'NPI-1' then location_share end) as fractional
    from by_state
    group by state, specialty_group

),

county_part as (

    select
        county_fips,
        specialty_group,
        count(case when enumeration_type = 'NPI-1' then 1 end) as individuals,
        count(*) as registrations,
        sum(case when enumeration_type = 'NPI-1' then location_share end) as fractional
    from by_zip
    group by county_fips, specialty_group
    union all
    select
        area.geography_id as county_fips,
        state_total.specialty_group,
        state_total.individuals,
        state_total.registrations,
        state_total.fractional
    from state_total
    inner join area on state_total.state = area.state

)

select
    county_fips,
    specialty_group,
    cast(sum(individuals) as bigint) as individuals,
    cast(sum(registrations) as bigint) as registrations,
    round(cast(coalesce(sum(fractional), 0) as double), 6) as fractional
from county_part
group by county_fips, specialty_group
