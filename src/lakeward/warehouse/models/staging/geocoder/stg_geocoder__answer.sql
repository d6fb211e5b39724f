with

source as (

    select * from {{ source('bronze', 'geocoder__answer') }}

),

renamed as (

    select
        address_key,
        status,
        match_type,
        matched_address,
        case when status = 'Match' then concat({{ padded('state_fips', 2) }}, {{ padded('county_fips', 3) }}) end as county_fips,
        case when status = 'Match' then {{ coordinate('latitude', 'latitude', 'longitude') }} end as latitude,
        case when status = 'Match' then {{ coordinate('longitude', 'latitude', 'longitude') }} end as longitude,
        tract,
        block,
        benchmark,
        vintage,
        _file_id as source_file_id,
        _source_record as source_record
    from source
    where address_key is not null

),

-- An address is asked once; should two lakes' answers meet, a match is better than none, then the higher vintage.
ranked as (

    select
        renamed.*,
        row_number() over (
            partition by renamed.address_key
            order by
                case renamed.status when 'Match' then 0 when 'Tie' then 1 else 2 end asc,
                renamed.vintage desc nulls last,
                renamed.benchmark desc nulls last,
                renamed.source_file_id desc,
                renamed.source_record desc
        ) as place
    from renamed

)

select
    address_key,
    status,
    match_type,
    matched_address,
    county_fips,
    latitude,
    longitude,
    tract,
    block,
    benchmark,
    vintage,
    source_file_id,
    source_record
from ranked
where place = 1
