with

zip_county as (

    -- One row a ZIP and county, should a file repeat one.
    select
        zip_code,
        county_fips,
        max(address_share) as address_share,
        max(vintage) as vintage
    from {{ ref('stg_geography__zip_county') }}
    group by zip_code, county_fips

),

county as (

    select * from {{ ref('dim_county') }}

),

stat_area as (

    select * from {{ ref('int_reference__stat_area') }}

),

zip_area as (

    select
        zip_code,
        stat_area_code,
        sum(address_share) as address_share
    from {{ ref('stg_geography__zip_area') }}
    group by zip_code, stat_area_code

),

zip_zcta as (

    select
        zip_code,
        zcta,
        latitude,
        longitude,
        row_number() over (partition by zip_code order by source_record) as place
    from {{ ref('stg_geography__zip_zcta') }}

),

zcta as (

    select * from {{ ref('stg_geography__zcta') }}

),

zip_code as (

    select zip_code from zip_county
    union
    select zip_code from zip_area
    union
    select zip_code from zip_zcta
    union
    select zcta as zip_code from zcta

),

-- The counties of each ZIP: how many, whether their shares are known, and whether they lie in one statistical area.
counted_counties as (

    select
        zip_county.zip_code,
        count(*) as counties,
        count(zip_county.address_share) as counties_with_share,
        count(county.stat_area_code) as counties_in_an_area,
        count(distinct county.stat_area_code) as stat_areas,
        count(case when county.stat_area_status = 'no_delineation' then 1 end) as counties_without_delineation,
        max(county.stat_area_code) as stat_area_code,
        max(county.stat_area_vintage) as stat_area_vintage,
        max(zip_county.vintage) as vintage
    from zip_county
    inner join county on zip_county.county_fips = county.county_fips
    group by zip_county.zip_code

),

ranked_counties as (

    select
        zip_code,
        county_fips,
        address_share,
        row_number() over (partition by zip_code order by address_share desc nulls last, county_fips asc) as place
    from zip_county

),

chosen_county as (

    select
        counted_counties.zip_code,
        counted_counties.vintage,
        case
            when counted_counties.counties = 1 then 'zip_single_county'
            when counted_counties.counties = counted_counties.counties_with_share then 'zip_largest_share'
            else 'zip_in_several_counties'
        end as status,
        case
            when counted_counties.counties in (1, counted_counties.counties_with_share) then ranked_counties.county_fips
        end as county_fips,
        case
            when counted_counties.counties in (1, counted_counties.counties_with_share) then ranked_counties.address_share
        end as county_share,
        case
            when counted_counties.counties_without_delineation > 0 then 'unknown'
            when counted_counties.counties_in_an_area = 0 then 'outside'
            when counted_counties.counties_in_an_area = counted_counties.counties and counted_counties.stat_areas = 1
                then 'one_area'
            else 'several'
        end as areas_of_counties,
        counted_counties.stat_area_code as common_stat_area_code,
        counted_counties.stat_area_vintage as common_stat_area_vintage
    from counted_counties
    inner join ranked_counties
        on counted_counties.zip_code = ranked_counties.zip_code and ranked_counties.place = 1

),

-- The same counties under the codes of today: what was renamed or merged counts as its successor, and of what was split
-- the code does not tell which part.
current_county as (

    select
        zip_county.zip_code,
        case
            when county.county_change_kind is null then zip_county.county_fips
            else county.successor_county_fips
        end as county_fips,
        zip_county.address_share
    from zip_county
    inner join county on zip_county.county_fips = county.county_fips

),

shared_current_county as (

    select
        zip_code,
        county_fips,
        count(*) as counties,
        count(address_share) as counties_with_share,
        sum(address_share) as address_share
    from current_county
    group by zip_code, county_fips

),

counted_current_counties as (

    select
        zip_code,
        sum(counties) = sum(counties_with_share) as has_shares,
        count(county_fips) as known_counties,
        count(case when county_fips is null then 1 end) as split_counties,
        sum(case when county_fips is null then address_share end) as split_share
    from shared_current_county
    group by zip_code

),

ranked_current_counties as (

    select
        zip_code,
        county_fips,
        address_share,
        row_number() over (partition by zip_code order by address_share desc nulls last, county_fips asc) as place
    from shared_current_county
    where county_fips is not null

),

judged_current_county as (

    select
        counted_current_counties.zip_code,
        case
            when counted_current_counties.known_counties = 0 then 'county_split'
            when counted_current_counties.known_counties = 1 and counted_current_counties.split_counties = 0
                then 'zip_single_county'
            when counted_current_counties.has_shares and counted_current_counties.split_counties = 0 then 'zip_largest_share'
            when
                counted_current_counties.has_shares
                and ranked_current_counties.address_share > counted_current_counties.split_share
                then 'zip_largest_share'
            else 'zip_in_several_counties'
        end as status,
        ranked_current_counties.county_fips
    from counted_current_counties
    left join ranked_current_counties
        on counted_current_counties.zip_code = ranked_current_counties.zip_code and ranked_current_counties.place = 1

),

ranked_areas as (

    select
        zip_code,
        stat_area_code,
        address_share,
        count(*) over (partition by zip_code) as areas,
        row_number() over (
            partition by zip_code order by address_share desc nulls last, stat_area_code asc nulls last
        ) as place
    from zip_area

),

-- The county decides; where it is open, all counties of the ZIP may agree; else the shares of the ZIP's own areas.
chosen_area as (

    select
        zip_code.zip_code,
        case
            when county.stat_area_status in ('county_delineation', 'outside_stat_areas') then county.stat_area_status
            when chosen_county.county_fips is null and chosen_county.areas_of_counties = 'one_area' then 'counties_agree'
            when chosen_county.county_fips is null and chosen_county.areas_of_counties = 'outside' then 'outside_stat_areas'
            when ranked_areas.zip_code is null then 'undetermined'
            when ranked_areas.stat_area_code is null then 'outside_stat_areas'
            when ranked_areas.areas = 1 then 'zip_single_area'
            else 'zip_largest_share'
        end as status,
        chosen_county.county_fips,
        chosen_county.common_stat_area_code,
        chosen_county.common_stat_area_vintage,
        county.stat_area_code as county_stat_area_code,
        county.stat_area_vintage as county_stat_area_vintage,
        ranked_areas.stat_area_code as zip_stat_area_code,
        ranked_areas.address_share as zip_stat_area_share
    from zip_code
    left join chosen_county on zip_code.zip_code = chosen_county.zip_code
    left join county on chosen_county.county_fips = county.county_fips
    left join ranked_areas on zip_code.zip_code = ranked_areas.zip_code and ranked_areas.place = 1

),

coded_area as (

    select
        zip_code,
        status,
        case status
            when 'county_delineation' then county_stat_area_code
            when 'counties_agree' then common_stat_area_code
            when 'zip_single_area' then zip_stat_area_code
            when 'zip_largest_share' then zip_stat_area_code
        end as stat_area_code,
        case status
            when 'county_delineation' then county_stat_area_vintage
            when 'counties_agree' then common_stat_area_vintage
            when 'outside_stat_areas' then coalesce(county_stat_area_vintage, common_stat_area_vintage)
        end as delineation_vintage,
        case when status in ('zip_single_area', 'zip_largest_share') then zip_stat_area_share end as stat_area_share
    from chosen_area

),

placed as (

    select
        zip_code.zip_code,
        coalesce(zip_zcta.zcta, own_zcta.zcta) as zcta,
        coalesce(mapped_zcta.latitude, own_zcta.latitude, zip_zcta.latitude) as latitude,
        coalesce(mapped_zcta.longitude, own_zcta.longitude, zip_zcta.longitude) as longitude,
        case
            when coalesce(mapped_zcta.latitude, own_zcta.latitude) is not null then 'zcta_centroid'
            when zip_zcta.latitude is not null then 'zip_point'
        end as coordinate_precision
    from zip_code
    left join zip_zcta on zip_code.zip_code = zip_zcta.zip_code and zip_zcta.place = 1
    left join zcta as mapped_zcta on zip_zcta.zcta = mapped_zcta.zcta
    left join zcta as own_zcta on zip_code.zip_code = own_zcta.zcta

)

select
    placed.zip_code,
    chosen_county.county_fips,
    county.county_name,
    cast(chosen_county.county_share as double) as county_share,
    coalesce(chosen_county.status, 'zip_unknown') as county_status,
    chosen_county.vintage as zip_county_vintage,
    case
        when judged_current_county.status in ('zip_single_county', 'zip_largest_share') then judged_current_county.county_fips
    end as current_county_fips,
    coalesce(judged_current_county.status, 'zip_unknown') as current_county_status,
    coded_area.stat_area_code,
    stat_area.stat_area_name,
    coalesce(coded_area.delineation_vintage, stat_area.vintage) as stat_area_vintage,
    cast(coded_area.stat_area_share as double) as stat_area_share,
    coded_area.status as stat_area_status,
    placed.zcta,
    placed.latitude,
    placed.longitude,
    placed.coordinate_precision
from placed
left join chosen_county on placed.zip_code = chosen_county.zip_code
left join county on chosen_county.county_fips = county.county_fips
left join judged_current_county on placed.zip_code = judged_current_county.zip_code
left join coded_area on placed.zip_code = coded_area.zip_code
left join stat_area on coded_area.stat_area_code = stat_area.stat_area_code
