{%- set in_time = "partition by npi order by valid_from nulls first" -%}
with

version as (

    select * from {{ ref('int_providers__version') }}

),

reported as (

    select * from {{ ref('int_providers__reported_deactivation') }}
    where not is_withdrawn

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

-- Everything that says how a provider was from some day on: its records, and the report's word that it was deactivated.
-- On one day a report that brings news comes after the record it speaks of; one that brings none counts as said.
statement as (

    select
        npi,
        as_of_date as valid_from,
        2 as precedence,
        place,
        cast(1 as bigint) as statement_count,
        cast(null as date) as reported_date,
        source_file_id,
        source_record,
        source_file_id as record_file_id,
        source_record as record_record
    from version
    union all
    select
        npi,
        valid_from,
        case when is_news then 1 else 3 end as precedence,
        cast(0 as bigint) as place,
        line_count as statement_count,
        deactivation_date as reported_date,
        source_file_id,
        source_record,
        record_file_id,
        record_record
    from reported

),

on_one_day as (

    select
        *,
        row_number() over (
            partition by npi, valid_from
            order by precedence asc, place asc, reported_date desc
        ) as place_of_day,
        sum(statement_count) over (partition by npi, valid_from) as statements_of_day
    from statement

),

stated as (

    select
        on_one_day.npi,
        on_one_day.valid_from,
        provider.enumeration_type,
        case when on_one_day.reported_date is null then provider.status else 'I' end as status,
        provider.first_name,
        provider.last_name,
        provider.organization_name,
        provider.credential,
        provider.primary_taxonomy_code as stated_taxonomy_code,
        provider.location_address_1 as practice_address_1,
        provider.location_city as practice_city,
        provider.location_state as practice_state,
        provider.location_postal_code as practice_postal_code,
        provider.enumeration_date,
        coalesce(on_one_day.reported_date, provider.deactivation_date) as deactivation_date,
        provider.reactivation_date,
        provider.replacement_npi,
        coalesce(provider.has_taxonomies, false) as has_taxonomies,
        on_one_day.statements_of_day,
        on_one_day.source_file_id,
        on_one_day.source_record
    from on_one_day
    left join provider
        on
            on_one_day.record_file_id = provider.source_file_id
            and on_one_day.record_record = provider.source_record
    where on_one_day.place_of_day = 1

),

-- A record whose layout has no specialties leaves the last known one standing.
counted as (

    select
        *,
        sum(case when has_taxonomies then 1 else 0 end) over ({{ in_time }}) as known_taxonomies
    from stated

),

carried as (

    select
        *,
        max(stated_taxonomy_code) over (partition by npi, known_taxonomies) as primary_taxonomy_code
    from counted

),

with_span_before as (

    select
        *,
        row_number() over ({{ in_time }}) as place,
        {{ values_before(npi_tracked_columns(), in_time) }}
    from carried

),

-- A specialty is compared only once one was known before.
compared as (

    select
        *,
        {{ differences(npi_tracked_columns(), {'primary_taxonomy_code': 'known_taxonomies > 1'}) }}
    from with_span_before

),

marked as (

    select
        *,
        place = 1 or {{ any_differs(npi_tracked_columns()) }} as is_opening
    from compared

),

numbered as (

    select
        *,
        sum(case when is_opening then 1 else 0 end) over ({{ in_time }}) as span_number
    from marked

),

summed as (

    select
        *,
        max(primary_taxonomy_code) over (partition by npi, span_number) as taxonomy_of_span,
        sum(statements_of_day) over (partition by npi, span_number) as record_count
    from numbered

),

spans as (

    select
        *,
        lead(valid_from) over ({{ in_time }}) as valid_to,
        lead(span_number) over ({{ in_time }}) is null as is_last
    from summed
    where is_opening

)

select
    npi,
    valid_from,
    valid_to,
    is_last as is_current,
    case
        when place = 1 and status = 'A' then 'enumerated'
        when place = 1 then 'deactivated'
        when status_before = 'A' and status = 'I' then 'deactivated'
        when status_before = 'I' and status = 'A' then 'reactivated'
        else 'changed'
    end as change_kind,
    case
        when place = 1 then {{ empty_list() }}
        else {{ changed_columns(npi_tracked_columns()) }}
    end as changed_columns,
    enumeration_type,
    status,
    first_name,
    last_name,
    organization_name,
    credential,
    taxonomy_of_span as primary_taxonomy_code,
    practice_address_1,
    practice_city,
    practice_state,
    practice_postal_code,
    enumeration_date,
    deactivation_date,
    reactivation_date,
    replacement_npi,
    source_file_id,
    source_record,
    cast(record_count as bigint) as record_count
from spans
