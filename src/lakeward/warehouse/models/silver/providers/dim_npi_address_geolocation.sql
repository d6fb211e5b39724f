with

address as (

    select * from {{ ref('dim_npi_address') }}
    where address_purpose = 'LOCATION'

),

with_zip_code as (

    select
        address.*,
        case
            when address.address_type = 'DOM' and {{ regexp_like('address.postal_code', '^[0-9]{5}(-?[0-9]{4})?$') }}
                then substr(address.postal_code, 1, 5)
        end as zip_code
    from address

),

zip_place as (

    select * from {{ ref('int_reference__zip_place') }}

),

zip_table as (

    select count(*) as zip_counties from {{ ref('stg_geography__zip_county') }}

)

select
    with_zip_code.npi,
    with_zip_code.address_hash,
    with_zip_code.address_purpose,
    with_zip_code.address_type,
    with_zip_code.address_1,
    with_zip_code.address_2,
    with_zip_code.city,
    with_zip_code.state,
    with_zip_code.postal_code,
    with_zip_code.country_code,
    with_zip_code.zip_code,
    case
        when with_zip_code.address_type = 'FOREIGN' then 'not_us'
        when with_zip_code.postal_code is null then 'zip_missing'
        when with_zip_code.zip_code is null then 'zip_malformed'
        when zip_table.zip_counties = 0 then 'no_zip_table'
        else coalesce(zip_place.county_status, 'zip_unknown')
    end as geocode_status,
    zip_place.county_fips,
    zip_place.county_name,
    zip_place.county_share,
    zip_place.zip_county_vintage,
    zip_place.stat_area_code,
    zip_place.stat_area_name,
    zip_place.stat_area_vintage,
    zip_place.stat_area_share,
    case
        when with_zip_code.zip_code is null then 'undetermined'
        else coalesce(zip_place.stat_area_status, 'undetermined')
    end as stat_area_status,
    zip_place.latitude,
    zip_place.longitude,
    zip_place.coordinate_precision,
    cast(null as string) as matched_address
from with_zip_code
cross join zip_table
left join zip_place on with_zip_code.zip_code = zip_place.zip_code
