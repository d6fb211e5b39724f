with

source as (

    select * from {{ source('bronze', 'nppes__other_name') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,

        -- attributes
        provider_other_organization_name as organization_name,
        provider_other_organization_name_type_code as name_type_code,

        -- dates
        {{ parse_date('file_as_of_date', 'YYYYMMDD') }} as file_as_of_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case when provider_other_organization_name is null then 'name_missing' end
        ) as reject_reasons
    from source

)

select * from renamed
