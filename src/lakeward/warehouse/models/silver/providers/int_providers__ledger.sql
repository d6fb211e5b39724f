{%- set datasets = {
    'npidata': 'int_providers__version', 'secondary_practice_location': 'int_providers__secondary_location',
    'other_name': 'int_providers__other_name', 'endpoint': 'int_providers__endpoint',
} -%}
with

{% for dataset in (datasets | list) + ['deactivation'] -%}
    {{ dataset }}_published as (

        select count(*) as row_count from {{ source('bronze', 'nppes__' ~ dataset) }}

    ),

    {{ dataset }}_rejected as (

        select count(*) as row_count
        from {{ ref('quarantine_npi' if dataset == 'npidata' else 'quarantine_npi_detail') }}
        {% if dataset != 'npidata' -%} where dataset = '{{ dataset }}' {%- endif %}

    ),

{% endfor -%}

{% for dataset, model in datasets.items() -%}
    {{ dataset }}_superseded as (

        select count(*) as row_count from {{ ref(model) }}
        where not is_current

    ),

    {{ dataset }}_count as (

        select
            published.row_count as published_count,
            rejected.row_count as rejected_count,
            superseded.row_count as superseded_count
        from {{ dataset }}_published as published
        cross join {{ dataset }}_rejected as rejected
        cross join {{ dataset }}_superseded as superseded

    ),

{% endfor -%}

current_record as (

    select
        npi,
        source_file_id,
        source_record
    from {{ ref('int_providers__version') }}
    where is_current

),

-- What is known of providers: their records, and the reports' word.
statement as (

    select
        npi,
        1 as statement_count
    from {{ ref('int_providers__version') }}
    union all
    select
        npi,
        line_count as statement_count
    from {{ ref('int_providers__reported_deactivation') }}
    where not is_withdrawn

),

stated as (

    select
        coalesce(sum(statement_count), 0) as row_count,
        count(distinct npi) as key_count
    from statement

),

-- A report adds a provider only where no record is loaded.
reported as (

    select
        coalesce(sum(report.line_count), 0) as row_count,
        count(distinct case when current_record.npi is null and not report.is_withdrawn then report.npi end) as added_count
    from {{ ref('int_providers__reported_deactivation') }} as report
    left join current_record on report.npi = current_record.npi

),

provider as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('dim_npi') }}

),

history as (

    select
        count(*) as row_count,
        coalesce(sum(record_count), 0) as statement_count,
        count(distinct npi) as key_count
    from {{ ref('dim_npi_history') }}

),

filled as (

    select
        current_record.npi,
        {{ filled_slot_count(taxonomy_slot_columns(), taxonomy_slots()) }} as taxonomy_count,
        {{ filled_slot_count(identifier_slot_columns(), identifier_slots()) }} as identifier_count,
        case
            when
                coalesce(
                    record.provider_first_name,
                    record.provider_middle_name,
                    record.provider_last_name_legal_name,
                    record.provider_organization_name_legal_business_name
                ) is not null
                then 1
            else 0
        end as legal_name_count,
        case
            when
                coalesce(
                    record.provider_other_first_name, record.provider_other_middle_name, record.provider_other_last_name
                ) is not null
                then 1
            else 0
        end as other_name_count,
        case when record.provider_other_organization_name is not null then 1 else 0 end as other_organization_count
    from current_record
    inner join {{ source('bronze', 'nppes__npidata') }} as record
        on
            current_record.source_file_id = record._file_id
            and current_record.source_record = record._source_record

),

filled_slot as (

    select
        coalesce(sum(taxonomy_count), 0) as taxonomy_count,
        count(case when taxonomy_count > 0 then 1 end) as taxonomy_key_count,
        coalesce(sum(identifier_count), 0) as identifier_count,
        count(case when identifier_count > 0 then 1 end) as identifier_key_count,
        coalesce(sum(legal_name_count + other_name_count + other_organization_count), 0) as name_count
    from filled

),

taxonomy as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('bridge_npi_taxonomy') }}

),

identifier as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('bridge_npi_identifier') }}

),

collected_name as (

    select
        count(case when is_repeat then 1 end) as repeat_count,
        count(distinct concat(npi, name_kind)) as key_count
    from {{ ref('int_providers__name') }}

),

name_row as (

    select
        count(*) as row_count,
        count(distinct concat(npi, name_kind)) as key_count
    from {{ ref('dim_npi_name') }}

),

current_endpoint as (

    select count(distinct npi) as key_count
    from {{ ref('int_providers__endpoint') }}
    where is_current

),

endpoint as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('dim_npi_endpoint') }}

),

filled_block as (

    select
        count(case when address_purpose <> 'SECONDARY' then 1 end) as row_count,
        count(distinct concat(npi, address_purpose)) as key_count
    from {{ ref('int_providers__address') }}

),

address as (

    select
        count(*) as row_count,
        count(distinct concat(npi, address_purpose)) as key_count,
        count(case when address_purpose <> 'MAILING' then 1 end) as location_count,
        count(distinct case when address_purpose <> 'MAILING' then npi end) as location_key_count
    from {{ ref('dim_npi_address') }}

),

geolocation as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count,
        count(case when address_purpose = 'LOCATION' then 1 end) as primary_count,
        count(distinct case when address_purpose = 'LOCATION' then npi end) as primary_key_count
    from {{ ref('dim_npi_address_geolocation') }}

),

practice_location as (

    select
        count(*) as row_count,
        count(distinct npi) as key_count
    from {{ ref('int_providers__practice_location') }}

),

step as (

    select
        'current_provider' as step,
        'dim_npi' as table_name,
        npidata_count.published_count + deactivation_published.row_count as rows_in,
        provider.row_count as rows_out,
        npidata_count.rejected_count + deactivation_rejected.row_count as rows_quarantined,
        npidata_count.superseded_count + reported.row_count - reported.added_count as rows_merged,
        stated.key_count as keys_in,
        provider.key_count as keys_out
    from npidata_count
    cross join deactivation_published
    cross join deactivation_rejected
    cross join stated
    cross join reported
    cross join provider
    union all
    select
        'history' as step,
        'dim_npi_history' as table_name,
        stated.row_count as rows_in,
        history.row_count as rows_out,
        0 as rows_quarantined,
        history.statement_count - history.row_count as rows_merged,
        stated.key_count as keys_in,
        history.key_count as keys_out
    from stated
    cross join history
    union all
    select
        'taxonomy' as step,
        'bridge_npi_taxonomy' as table_name,
        filled_slot.taxonomy_count as rows_in,
        taxonomy.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        filled_slot.taxonomy_key_count as keys_in,
        taxonomy.key_count as keys_out
    from filled_slot
    cross join taxonomy
    union all
    select
        'identifier' as step,
        'bridge_npi_identifier' as table_name,
        filled_slot.identifier_count as rows_in,
        identifier.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        filled_slot.identifier_key_count as keys_in,
        identifier.key_count as keys_out
    from filled_slot
    cross join identifier
    union all
    select
        'name' as step,
        'dim_npi_name' as table_name,
        filled_slot.name_count + other_name_count.published_count as rows_in,
        name_row.row_count as rows_out,
        other_name_count.rejected_count as rows_quarantined,
        other_name_count.superseded_count + collected_name.repeat_count as rows_merged,
        collected_name.key_count as keys_in,
        name_row.key_count as keys_out
    from filled_slot
    cross join other_name_count
    cross join collected_name
    cross join name_row
    union all
    select
        'endpoint' as step,
        'dim_npi_endpoint' as table_name,
        endpoint_count.published_count as rows_in,
        endpoint.row_count as rows_out,
        endpoint_count.rejected_count as rows_quarantined,
        endpoint_count.superseded_count as rows_merged,
        current_endpoint.key_count as keys_in,
        endpoint.key_count as keys_out
    from endpoint_count
    cross join current_endpoint
    cross join endpoint
    union all
    select
        'address' as step,
        'dim_npi_address' as table_name,
        filled_block.row_count + secondary_practice_location_count.published_count as rows_in,
        address.row_count as rows_out,
        secondary_practice_location_count.rejected_count as rows_quarantined,
        secondary_practice_location_count.superseded_count as rows_merged,
        filled_block.key_count as keys_in,
        address.key_count as keys_out
    from filled_block
    cross join secondary_practice_location_count
    cross join address
    union all
    select
        'geolocation' as step,
        'dim_npi_address_geolocation' as table_name,
        address.location_count as rows_in,
        geolocation.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        address.location_key_count as keys_in,
        geolocation.key_count as keys_out
    from address
    cross join geolocation
    union all
    select
        'practice_location' as step,
        'int_providers__practice_location' as table_name,
        geolocation.primary_count as rows_in,
        practice_location.row_count as rows_out,
        0 as rows_quarantined,
        0 as rows_merged,
        geolocation.primary_key_count as keys_in,
        practice_location.key_count as keys_out
    from geolocation
    cross join practice_location

)

select
    step,
    'all' as slice,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(rows_quarantined as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_out + rows_quarantined + rows_merged and keys_in = keys_out as balanced
from step
