with

source as (

    {{ newest_file_rows('geography__zip_zcta') }}

),

renamed as (

    select
        {{ padded('zipcode', 5) }} as zip_code,
        {{ padded('zcta', 5) }} as zcta,
        {{ coordinate('lat', 'lat', 'lng') }} as latitude,
        {{ coordinate('lng', 'lat', 'lng') }} as longitude,
        vintage,
        _file_id as source_file_id,
        _source_record as source_record
    from source

)

select * from renamed
