with

source as (

    select * from {{ source('bronze', 'nppes__npidata') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,
        replacement_npi,

        -- attributes
        entity_type_code,
        provider_organization_name_legal_business_name as organization_name,
        provider_last_name_legal_name as last_name,
        provider_first_name as first_name,
        provider_credential_text as credential,
        provider_sex_code,
        is_sole_proprietor as sole_proprietor_code,
        {{ primary_slot_value('healthcare_provider_taxonomy_code') }} as primary_taxonomy_code,
        {{ primary_slot_value('provider_license_number_state_code') }} as primary_taxonomy_state,
        {{ primary_slot_value('provider_license_number') }} as primary_taxonomy_license,
        {{ primary_slot_rule() }} as primary_taxonomy_rule,

        -- addresses
        provider_first_line_business_mailing_address as mailing_address_1,
        provider_second_line_business_mailing_address as mailing_address_2,
        provider_business_mailing_address_city_name as mailing_city,
        provider_business_mailing_address_state_name as mailing_state,
        provider_business_mailing_address_postal_code as mailing_postal_code,
        provider_business_mailing_address_country_code_if_outside_u_s as mailing_country_code,
        provider_business_mailing_address_telephone_number as mailing_telephone_number,
        provider_business_mailing_address_fax_number as mailing_fax_number,
        provider_first_line_business_practice_location_address as location_address_1,
        provider_second_line_business_practice_location_address as location_address_2,
        provider_business_practice_location_address_city_name as location_city,
        provider_business_practice_location_address_state_name as location_state,
        provider_business_practice_location_address_postal_code as location_postal_code,
        provider_business_practice_location_address_country_code_if_outside_u_s as location_country_code,
        provider_business_practice_location_address_telephone_number as location_telephone_number,
        provider_business_practice_location_address_fax_number as location_fax_number,

        -- dates
        {{ parse_date('provider_enumeration_date', 'MM/DD/YYYY') }} as enumeration_date,
        {{ parse_date('last_update_date', 'MM/DD/YYYY') }} as last_update_date,
        {{ parse_date('npi_deactivation_date', 'MM/DD/YYYY') }} as deactivation_date,
        {{ parse_date('npi_reactivation_date', 'MM/DD/YYYY') }} as reactivation_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            case when npi is null then 'npi_missing' end,
            case
                when length(npi) <> 10 or translate(npi, '0123456789', '') <> '' or substr(npi, 1, 1) not in ('1', '2')
                    then 'npi_format'
                when npi is not null and not {{ npi_is_valid('npi') }} then 'npi_check_digit'
            end,
            case when entity_type_code not in ('1', '2') then 'entity_type_unknown' end,
            {{ unreadable_date_reason('provider_enumeration_date', 'enumeration_date_unreadable') }},
            {{ unreadable_date_reason('last_update_date', 'last_update_date_unreadable') }},
            {{ unreadable_date_reason('npi_deactivation_date', 'deactivation_date_unreadable') }},
            {{ unreadable_date_reason('npi_reactivation_date', 'reactivation_date_unreadable') }}
        ) as reject_reasons
    from source

)

select * from renamed
