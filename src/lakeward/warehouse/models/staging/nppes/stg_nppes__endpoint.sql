with

source as (

    select * from {{ source('bronze', 'nppes__endpoint') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,

        -- attributes
        endpoint_type,
        endpoint_type_description,
        endpoint,
        -- X is 'not answered', as everywhere in the registry.
        case affiliation when 'Y' then true when 'N' then false end as is_affiliation,
        endpoint_description,
        affiliation_legal_business_name as affiliation_name,
        use_code,
        use_description,
        other_use_description,
        content_type,
        content_description,
        other_content_description,
        affiliation_address_line_one as affiliation_address_1,
        affiliation_address_line_two as affiliation_address_2,
        affiliation_address_city as affiliation_city,
        affiliation_address_state as affiliation_state,
        affiliation_address_country as affiliation_country_code,
        affiliation_address_postal_code as affiliation_postal_code,

        -- dates
        {{ parse_date('file_as_of_date', 'YYYYMMDD') }} as file_as_of_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case when endpoint is null then 'endpoint_missing' end
        ) as reject_reasons
    from source

)

select * from renamed
