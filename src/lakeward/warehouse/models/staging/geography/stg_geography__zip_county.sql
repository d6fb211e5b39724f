with

source as (

    {{ newest_file_rows('geography__zip_county') }}

),

renamed as (

    select
        {{ padded('zip', 5) }} as zip_code,
        {{ padded('county', 5) }} as county_fips,
        trim(countyname) as county_name,
        {{ try_number('tot_ratio') }} as address_share,
        vintage,
        _file_id as source_file_id,
        _source_record as source_record
    from source

)

select * from renamed
