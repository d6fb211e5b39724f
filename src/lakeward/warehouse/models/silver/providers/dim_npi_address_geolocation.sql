with

address as (

    select * from {{ ref('dim_npi_address') }}
    where address_purpose in ('LOCATION', 'SECONDARY')

),

answer as (

    select * from {{ ref('stg_geocoder__answer') }}

),

answer_count as (

    select count(*) as answers from answer

),

with_zip_code as (

    select
        address.*,
        case
            when address.address_type = 'DOM' and {{ regexp_like('address.postal_code', '^[0-9]{5}(-?[0-9]{4})?$') }}
                then substr(address.postal_code, 1, 5)
        end as zip_code,
        -- The key is dear for millions of addresses, and for nothing where no one was asked.
        case
            when answer_count.answers > 0 and address.address_type = 'DOM'
                then {{ address_key('address.address_1', 'address.city', 'address.state', 'address.postal_code') }}
        end as address_key,
        case
            when address.address_type = 'DOM' and upper(trim(address.state)) in ('CT', 'CONNECTICUT')
                then {{ town_text('address.city') }}
        end as connecticut_city
    from address
    cross join answer_count

),

zip_place as (

    select * from {{ ref('int_reference__zip_place') }}

),

zip_table as (

    select count(*) as zip_counties from {{ ref('stg_geography__zip_county') }}

),

zip_county as (

    select distinct
        zip_code,
        county_fips
    from {{ ref('stg_geography__zip_county') }}

),

county as (

    select * from {{ ref('dim_county') }}

),

town as (

    select * from {{ ref('seed_connecticut_town') }}

),

-- City and ZIP must agree: a town decides only for a ZIP of the county it was in, or of its planning region.
zip_town as (

    select distinct
        zip_county.zip_code,
        town.town,
        town.county_fips
    from town
    inner join zip_county on zip_county.county_fips in (town.former_county_fips, town.county_fips)

),

looked_up as (

    select
        with_zip_code.*,
        answer.status as geocoder_status,
        answer.matched_address,
        answer.latitude as geocoder_latitude,
        answer.longitude as geocoder_longitude,
        matched_county.county_fips as geocoder_county_fips,
        case
            when matched_county.county_change_kind is null then matched_county.county_fips
            else matched_county.successor_county_fips
        end as geocoder_current_county_fips,
        zip_town.county_fips as town_county_fips,
        zip_place.current_county_fips as zip_current_county_fips,
        zip_place.current_county_status as zip_current_county_status,
        case
            when with_zip_code.address_type = 'FOREIGN' then 'not_us'
            when with_zip_code.postal_code is null then 'zip_missing'
            when with_zip_code.zip_code is null then 'zip_malformed'
            when zip_table.zip_counties = 0 then 'no_zip_table'
            else coalesce(zip_place.county_status, 'zip_unknown')
        end as zip_status,
        zip_place.county_fips as zip_county_fips,
        zip_place.county_share,
        zip_place.zip_county_vintage,
        zip_place.stat_area_code,
        zip_place.stat_area_name,
        zip_place.stat_area_vintage,
        zip_place.stat_area_share,
        zip_place.stat_area_status,
        zip_place.latitude,
        zip_place.longitude,
        zip_place.coordinate_precision
    from with_zip_code
    cross join zip_table
    left join zip_place on with_zip_code.zip_code = zip_place.zip_code
    left join answer on with_zip_code.address_key = answer.address_key
    left join county as matched_county on answer.county_fips = matched_county.county_fips
    left join zip_town
        on with_zip_code.zip_code = zip_town.zip_code and with_zip_code.connecticut_city = upper(zip_town.town)

),

-- A matched street decides; then the ZIP; where the ZIP's county was split since, Connecticut's towns.
decided as (

    select
        looked_up.*,
        coalesce(looked_up.geocoder_county_fips, looked_up.zip_county_fips) as county_fips,
        coalesce(
            looked_up.geocoder_current_county_fips, looked_up.zip_current_county_fips, looked_up.town_county_fips
        ) as current_county_fips,
        case
            when looked_up.geocoder_current_county_fips is not null then 'geocoder'
            when looked_up.zip_current_county_fips is not null then looked_up.zip_current_county_status
            when looked_up.town_county_fips is not null then 'connecticut_town'
        end as county_rule
    from looked_up

),

placed_county as (

    select * from {{ ref('dim_county') }}

)

select
    decided.npi,
    decided.address_hash,
    decided.address_purpose,
    decided.address_type,
    decided.address_1,
    decided.address_2,
    decided.city,
    decided.state,
    decided.postal_code,
    decided.country_code,
    decided.zip_code,
    case when decided.geocoder_county_fips is not null then 'geocoded' else decided.zip_status end as geocode_status,
    decided.county_fips,
    named_county.county_name,
    case when decided.geocoder_county_fips is null then decided.county_share end as county_share,
    decided.zip_county_vintage,
    decided.current_county_fips,
    case
        when decided.county_rule = 'geocoder' then 'geocoded'
        when decided.county_rule is not null then 'placed'
        when decided.zip_status in ('zip_single_county', 'zip_largest_share', 'zip_in_several_counties')
            then decided.zip_current_county_status
        else decided.zip_status
    end as county_status,
    decided.county_rule,
    decided.geocoder_status,
    case
        when placed_county.stat_area_status = 'county_delineation' then placed_county.stat_area_code
        when placed_county.stat_area_status = 'outside_stat_areas' then cast(null as string)
        else decided.stat_area_code
    end as stat_area_code,
    case
        when placed_county.stat_area_status = 'county_delineation' then placed_county.stat_area_name
        when placed_county.stat_area_status = 'outside_stat_areas' then cast(null as string)
        else decided.stat_area_name
    end as stat_area_name,
    case
        when placed_county.stat_area_status in ('county_delineation', 'outside_stat_areas') then placed_county.stat_area_vintage
        else decided.stat_area_vintage
    end as stat_area_vintage,
    case
        when coalesce(placed_county.stat_area_status, 'no_delineation') = 'no_delineation' then decided.stat_area_share
    end as stat_area_share,
    case
        when placed_county.stat_area_status in ('county_delineation', 'outside_stat_areas') then placed_county.stat_area_status
        when decided.zip_code is null then 'undetermined'
        else coalesce(decided.stat_area_status, 'undetermined')
    end as stat_area_status,
    coalesce(decided.geocoder_latitude, decided.latitude) as latitude,
    case when decided.geocoder_latitude is not null then decided.geocoder_longitude else decided.longitude end as longitude,
    case
        when decided.geocoder_latitude is not null then 'geocoder'
        else decided.coordinate_precision
    end as coordinate_precision,
    decided.matched_address
from decided
left join county as named_county on decided.county_fips = named_county.county_fips
left join placed_county on decided.current_county_fips = placed_county.county_fips
