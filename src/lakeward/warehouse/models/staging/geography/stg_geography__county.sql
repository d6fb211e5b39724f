with

source as (

    {{ newest_file_rows('geography__gazetteer_county') }}

),

renamed as (

    select
        {{ padded('geoid', 5) }} as county_fips,
        usps as state,
        trim(name) as county_name,
        {{ coordinate('intptlat', 'intptlat', 'intptlong') }} as latitude,
        {{ coordinate('intptlong', 'intptlat', 'intptlong') }} as longitude,
        vintage,
        _file_id as source_file_id,
        _source_record as source_record
    from source

)

select * from renamed
