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
        layout,
        -- Cut copies of the first 41 columns do not say which specialties a provider has.
        coalesce(layout, '') <> 'first_41' as has_taxonomies,
        entity_type_code,
        {{ enumeration_type('entity_type_code') }} as enumeration_type,
        provider_organization_name_legal_business_name as organization_name,
        provider_last_name_legal_name as last_name,
        provider_first_name as first_name,
        provider_middle_name as middle_name,
        provider_name_prefix_text as name_prefix,
        provider_name_suffix_text as name_suffix,
        provider_credential_text as credential,
        provider_other_organization_name as other_organization_name,
        provider_other_organization_name_type_code as other_organization_name_type_code,
        provider_other_last_name as other_last_name,
        provider_other_first_name as other_first_name,
        provider_other_middle_name as other_middle_name,
        provider_other_name_prefix_text as other_name_prefix,
        provider_other_name_suffix_text as other_name_suffix,
        provider_other_credential_text as other_credential,
        provider_other_last_name_type_code as other_name_type_code,
        provider_sex_code,
        is_sole_proprietor as sole_proprietor_code,
        -- X is 'not answered'.
        case is_sole_proprietor when 'Y' then 'YES' when 'N' then 'NO' end as sole_proprietor,
        {{ primary_slot_value('healthcare_provider_taxonomy_code') }} as primary_taxonomy_code,
        {{ primary_slot_value('provider_license_number_state_code') }} as primary_taxonomy_state,
        {{ primary_slot_value('provider_license_number') }} as primary_taxonomy_license,
        {{ primary_slot_rule() }} as primary_taxonomy_rule,
        {{ registry_status(registry_date('npi_deactivation_date'), registry_date('npi_reactivation_date')) }} as status,

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
        {{ registry_date('provider_enumeration_date') }} as enumeration_date,
        {{ registry_date('last_update_date') }} as last_update_date,
        {{ registry_date('npi_deactivation_date') }} as deactivation_date,
        {{ registry_date('npi_reactivation_date') }} as reactivation_date,
        {{ parse_date('file_as_of_date', 'YYYYMMDD') }} as file_as_of_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case when entity_type_code not in ('1', '2') then 'entity_type_unknown' end,
            {{ unreadable_date_reason('provider_enumeration_date', 'enumeration_date_unreadable') }},
            {{ unreadable_date_reason('last_update_date', 'last_update_date_unreadable') }},
            {{ unreadable_date_reason('npi_deactivation_date', 'deactivation_date_unreadable') }},
            {{ unreadable_date_reason('npi_reactivation_date', 'reactivation_date_unreadable') }}
        ) as reject_reasons
    from source

)

select * from renamed
