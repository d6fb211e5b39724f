{#- The columns of a price, accepted or rejected, spelled out from its integer keys. One list for fact_rate and its quarantine. -#}
{% macro rate_rows(condition) -%}
with rate as (

    select * from {{ ref('int_rates__rate') }}
    where {{ condition }}

),

code as (

    select * from {{ ref('int_rates__code') }}

),

term as (

    select * from {{ ref('int_rates__term') }}

),

network_group as (

    select * from {{ ref('int_rates__network_group') }}

),

released as (

    select
        release_key,
        min(payer_slug) as payer_slug,
        min(state) as state,
        min(year_month) as year_month,
        min(reporting_entity_name) as reporting_entity_name
    from {{ ref('int_rates__release') }}
    group by release_key

),

release_file as (

    select
        file_key,
        file_id
    from {{ ref('int_rates__release') }}

),

named as (

    select
        rate.fact_uid,
        released.state,
        released.year_month,
        released.payer_slug,
        term.billing_class,
        code.code_type,
        code.code,
        network_group.pg_uid,
        term.pos_set_id,
        term.negotiated_type,
        code.negotiation_arrangement,
        rate.negotiated_rate,
        term.expiration_date,
        network_group.provider_group_id_raw,
        released.reporting_entity_name,
        term.billing_code_modifier,
        term.setting,
        code.severity_of_illness,
        code.code_type_version,
        term.additional_information,
        network_group.network_name,
        term.rate_unit,
        rate.published_count,
        release_file.file_id as source_file_id,
        rate.source_record,
        network_group.release_id,
        rate.reasons,
        rate.release_key,
        rate.code_key,
        rate.term_key,
        rate.network_group_key
    from rate
    inner join code on rate.code_key = code.code_key
    inner join term on rate.term_key = term.term_key
    inner join network_group on rate.network_group_key = network_group.network_group_key
    inner join released on rate.release_key = released.release_key
    inner join release_file on rate.file_key = release_file.file_key

)
{%- endmacro %}
