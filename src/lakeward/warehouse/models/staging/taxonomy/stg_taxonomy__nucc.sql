with

source as (

    select * from {{ source('bronze', 'taxonomy__nucc') }}

),

renamed as (

    select
        code as taxonomy_code,
        trim(grouping) as taxonomy_grouping,
        trim(classification) as classification,
        trim(specialization) as specialization,
        trim(display_name) as display_name,
        trim(section) as section,
        cast(release as int) as taxonomy_release,
        _file_id as source_file_id,
        _source_record as source_record
    from source

)

select * from renamed
