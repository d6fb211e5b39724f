-- The two seeds say the same of Connecticut: from which county to which planning region any town went; and no code that took
-- another's place went out of use itself, so that one step leads to the county of today.
with

town as (

    select distinct
        former_county_fips as old_county_fips,
        county_fips as new_county_fips
    from {{ ref('seed_connecticut_town') }}

),

change as (

    select
        old_county_fips,
        new_county_fips
    from {{ ref('seed_county_change') }}

),

connecticut_change as (

    select * from change
    where substr(old_county_fips, 1, 2) = '09'

)

select
    town.old_county_fips,
    town.new_county_fips,
    'town without change' as problem
from town
left join connecticut_change
    on town.old_county_fips = connecticut_change.old_county_fips and town.new_county_fips = connecticut_change.new_county_fips
where connecticut_change.old_county_fips is null
union all
select
    connecticut_change.old_county_fips,
    connecticut_change.new_county_fips,
    'change without town' as problem
from connecticut_change
left join town
    on connecticut_change.old_county_fips = town.old_county_fips and connecticut_change.new_county_fips = town.new_county_fips
where town.old_county_fips is null
union all
select
    change.old_county_fips,
    change.new_county_fips,
    'successor out of use' as problem
from change
inner join change as later on change.new_county_fips = later.old_county_fips
