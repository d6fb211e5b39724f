{{ config(materialized='view') }}

{{ rate_rows('reasons is not null') }}

select
    fact_uid,
    state,
    year_month,
    payer_slug,
    billing_class,
    code_type,
    code,
    pg_uid,
    pos_set_id,
    negotiated_type,
    negotiation_arrangement,
    negotiated_rate,
    expiration_date,
    provider_group_id_raw,
    reporting_entity_name,
    billing_code_modifier,
    setting,
    severity_of_illness,
    code_type_version,
    additional_information,
    network_name,
    rate_unit,
    published_count,
    source_file_id,
    source_record,
    release_id,
    reasons
from named
