with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

taxonomy as (

    select * from {{ ref('dim_taxonomy') }}

),

joined as (

    select
        provider.npi,
        provider.first_name,
        provider.last_name,
        provider.organization_name,
        case provider.entity_type_code when '1' then 'NPI-1' when '2' then 'NPI-2' end as enumeration_type,
        case
            when provider.deactivation_date is null then 'A'
            when provider.reactivation_date >= provider.deactivation_date then 'A'
            else 'I'
        end as status,
        provider.primary_taxonomy_code,
        taxonomy.taxonomy_desc as primary_taxonomy_desc,
        provider.primary_taxonomy_state,
        provider.primary_taxonomy_license,
        provider.primary_taxonomy_rule,
        provider.credential,
        provider.provider_sex_code,
        case provider.sole_proprietor_code when 'Y' then 'YES' when 'N' then 'NO' end as sole_proprietor,
        provider.enumeration_date,
        provider.last_update_date as last_updated,
        provider.deactivation_date,
        provider.reactivation_date,
        provider.replacement_npi,
        true as nppes_fetched,
        cast(null as date) as nppes_fetch_date,
        current_version.file_as_of_date as registry_as_of_date,
        provider.source_file_id,
        provider.source_record
    from current_version
    inner join provider
        on
            current_version.source_file_id = provider.source_file_id
            and current_version.source_record = provider.source_record
    left join taxonomy
        on provider.primary_taxonomy_code = taxonomy.taxonomy_code

)

select * from joined
