with

source as (

    select * from {{ source('bronze', 'nppes__secondary_practice_location') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,

        -- attributes
        provider_secondary_practice_location_address_address_line_1 as address_1,
        provider_secondary_practice_location_address_address_line_2 as address_2,
        provider_secondary_practice_location_address_city_name as city,
        provider_secondary_practice_location_address_state_name as state,
        provider_secondary_practice_location_address_postal_code as postal_code,
        provider_secondary_practice_location_address_country_code_if_outside_u_s as country_code,
        provider_secondary_practice_location_address_telephone_number as telephone_number,
        provider_secondary_practice_location_address_telephone_extension as telephone_extension,
        provider_practice_location_address_fax_number as fax_number,

        -- dates
        {{ parse_date('file_as_of_date', 'YYYYMMDD') }} as file_as_of_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case
                when
                    coalesce(
                        provider_secondary_practice_location_address_address_line_1,
                        provider_secondary_practice_location_address_address_line_2,
                        provider_secondary_practice_location_address_city_name,
                        provider_secondary_practice_location_address_state_name,
                        provider_secondary_practice_location_address_postal_code,
                        provider_secondary_practice_location_address_country_code_if_outside_u_s
                    ) is null
                    then 'address_missing'
            end
        ) as reject_reasons
    from source

)

select * from renamed
