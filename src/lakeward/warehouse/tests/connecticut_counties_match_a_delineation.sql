-- Connecticut's counties became planning regions in 2022, with other codes. Where ZIPs lead to counties of the one system
-- and every list loaded speaks the other, no Connecticut address would have an area: add the list of the right years
-- (list1_2020.xls for counties, list1_2023.xlsx for planning regions).
with

used as (

    select distinct county_fips from {{ ref('stg_geography__zip_county') }}

),

connecticut as (

    select
        dim_county.county_fips,
        dim_county.stat_area_status
    from {{ ref('dim_county') }} as dim_county
    inner join used on dim_county.county_fips = used.county_fips
    where dim_county.state_fips = '09'

),

list as (

    select count(*) as counties from {{ ref('stg_geography__area_county') }}

)

select count(*) as connecticut_counties
from connecticut
cross join list
where list.counties > 0
having count(*) > 0 and count(case when connecticut.stat_area_status <> 'no_delineation' then 1 end) = 0
