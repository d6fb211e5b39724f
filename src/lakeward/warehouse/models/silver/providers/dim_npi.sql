with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

reported as (

    select * from {{ ref('int_providers__reported_deactivation') }}
    where is_news and not is_withdrawn

),

newest_reported as (

    select
        *,
        row_number() over (partition by npi order by valid_from desc, deactivation_date desc) as place
    from reported

),

replacement as (

    select * from {{ ref('int_providers__replacement') }}

),

taxonomy as (

    select * from {{ ref('dim_taxonomy') }}

),

with_report as (

    select
        current_version.npi,
        current_version.source_file_id,
        current_version.source_record,
        current_version.file_as_of_date,
        -- A record newer than what the report says is believed.
        case
            when current_version.as_of_date is null or newest_reported.valid_from >= current_version.as_of_date
                then newest_reported.deactivation_date
        end as reported_date
    from current_version
    left join newest_reported
        on current_version.npi = newest_reported.npi and newest_reported.place = 1

),

recorded as (

    select
        provider.npi,
        provider.first_name,
        provider.last_name,
        provider.organization_name,
        provider.enumeration_type,
        case when with_report.reported_date is null then provider.status else 'I' end as status,
        provider.primary_taxonomy_code,
        provider.primary_taxonomy_state,
        provider.primary_taxonomy_license,
        provider.primary_taxonomy_rule,
        provider.credential,
        provider.provider_sex_code,
        provider.sole_proprietor,
        provider.enumeration_date,
        provider.last_update_date,
        coalesce(with_report.reported_date, provider.deactivation_date) as deactivation_date,
        provider.reactivation_date,
        provider.replacement_npi,
        with_report.file_as_of_date,
        case
            when with_report.reported_date is not null then 'report'
            when provider.status = 'I' then 'record'
        end as deactivation_source,
        provider.layout as last_record_layout,
        provider.source_file_id,
        provider.source_record
    from with_report
    inner join provider
        on
            with_report.source_file_id = provider.source_file_id
            and with_report.source_record = provider.source_record

),

-- The report lists every deactivated NPI, also those of which no record was loaded.
only_reported as (

    select
        newest_reported.npi,
        cast(null as string) as first_name,
        cast(null as string) as last_name,
        cast(null as string) as organization_name,
        cast(null as string) as enumeration_type,
        'I' as status,
        cast(null as string) as primary_taxonomy_code,
        cast(null as string) as primary_taxonomy_state,
        cast(null as string) as primary_taxonomy_license,
        'none' as primary_taxonomy_rule,
        cast(null as string) as credential,
        cast(null as string) as provider_sex_code,
        cast(null as string) as sole_proprietor,
        cast(null as date) as enumeration_date,
        cast(null as date) as last_update_date,
        newest_reported.deactivation_date,
        cast(null as date) as reactivation_date,
        cast(null as string) as replacement_npi,
        newest_reported.report_date as file_as_of_date,
        'report' as deactivation_source,
        cast(null as string) as last_record_layout,
        newest_reported.source_file_id,
        newest_reported.source_record
    from newest_reported
    left join current_version on newest_reported.npi = current_version.npi
    where newest_reported.place = 1 and current_version.npi is null

),

registered as (

    select * from recorded
    union all
    select * from only_reported

)

select
    registered.npi,
    registered.first_name,
    registered.last_name,
    registered.organization_name,
    registered.enumeration_type,
    registered.status,
    registered.primary_taxonomy_code,
    taxonomy.taxonomy_desc as primary_taxonomy_desc,
    registered.primary_taxonomy_state,
    registered.primary_taxonomy_license,
    registered.primary_taxonomy_rule,
    registered.credential,
    registered.provider_sex_code,
    registered.sole_proprietor,
    registered.enumeration_date,
    registered.last_update_date as last_updated,
    registered.deactivation_date,
    registered.reactivation_date,
    registered.replacement_npi,
    true as nppes_fetched,
    cast(null as date) as nppes_fetch_date,
    registered.file_as_of_date as registry_as_of_date,
    registered.source_file_id,
    registered.source_record,
    registered.status = 'A' as is_active,
    registered.deactivation_source,
    coalesce(replacement.current_npi, registered.npi) as current_npi,
    coalesce(replacement.replacement_status, 'none') as replacement_status,
    registered.last_record_layout
from registered
left join replacement on registered.npi = replacement.npi
left join taxonomy on registered.primary_taxonomy_code = taxonomy.taxonomy_code
