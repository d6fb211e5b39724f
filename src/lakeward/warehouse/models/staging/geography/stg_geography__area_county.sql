with

source as (

    select * from {{ source('bronze', 'geography__cbsa_delineation') }}

),

-- One file a vintage: the same list in another format has the same rows.
file_of_vintage as (

    select
        vintage,
        max(_file_id) as _file_id
    from source
    group by vintage

),

renamed as (

    select
        source.vintage,
        concat({{ padded('source.fips_state_code', 2) }}, {{ padded('source.fips_county_code', 3) }}) as county_fips,
        {{ padded('source.cbsa_code', 5) }} as stat_area_code,
        trim(source.cbsa_title) as stat_area_name,
        trim(source.metropolitan_micropolitan_statistical_area) as stat_area_type,
        trim(source.county_county_equivalent) as county_name,
        source._file_id as source_file_id,
        source._source_record as source_record
    from source
    inner join file_of_vintage
        on source.vintage = file_of_vintage.vintage and source._file_id = file_of_vintage._file_id

)

select * from renamed
