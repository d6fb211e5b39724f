with

source as (

    select * from {{ source('bronze', 'geography__ssa_county') }}

),

newest as (

    select * from source
    where _file_id = (select max(_file_id) from {{ source('bronze', 'geography__ssa_county') }})

),

renamed as (

    select
        {{ padded('ssa_county_code', 5) }} as ssa_county_code,
        {{ padded('county_fips', 5) }} as county_fips,
        _file_id as source_file_id,
        _source_record as source_record
    from newest

)

select * from renamed
