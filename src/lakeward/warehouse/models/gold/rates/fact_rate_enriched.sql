{{ config(materialized='view') }}

{{ rate_rows('reasons is null') }},

code_profile as (

    select * from {{ ref('int_rates__code_profile') }}

),

group_profile as (

    select * from {{ ref('int_rates__group_profile') }}

),

pos_set as (

    select * from {{ ref('dim_pos_set') }}

),

basis_key as (

    select
        release_key,
        code_key,
        term_key,
        basis_id
    from {{ ref('int_rates__price_basis_key') }}

),

benchmark as (

    select
        *,
        coalesce(medicare_state_rate, medicare_national_rate) as medicare_rate
    from {{ ref('int_rates__basis_benchmark') }}

)

select
    named.fact_uid,
    named.state,
    named.year_month,
    named.payer_slug,
    named.billing_class,
    named.code_type,
    named.code,
    named.negotiated_type,
    named.negotiation_arrangement,
    named.negotiated_rate,
    named.expiration_date,
    named.provider_group_id_raw,
    named.reporting_entity_name,
    code_profile.code_description,
    code_profile.code_name,
    code_profile.procedure_set,
    code_profile.procedure_class,
    code_profile.procedure_group,
    named.pos_set_id,
    pos_set.pos_members,
    group_profile.npi,
    group_profile.first_name,
    group_profile.last_name,
    group_profile.organization_name,
    group_profile.enumeration_type,
    group_profile.status,
    group_profile.primary_taxonomy_code,
    group_profile.primary_taxonomy_desc,
    group_profile.primary_taxonomy_state,
    group_profile.primary_taxonomy_license,
    group_profile.credential,
    group_profile.sole_proprietor,
    group_profile.enumeration_date,
    group_profile.last_updated,
    group_profile.address_purpose,
    group_profile.address_type,
    group_profile.address_1,
    group_profile.address_2,
    group_profile.city,
    group_profile.provider_state,
    group_profile.postal_code,
    group_profile.country_code,
    group_profile.telephone_number,
    group_profile.fax_number,
    group_profile.address_hash,
    group_profile.latitude,
    group_profile.longitude,
    group_profile.county_name,
    group_profile.county_fips,
    group_profile.stat_area_name,
    group_profile.stat_area_code,
    group_profile.geocode_status,
    group_profile.matched_address,
    benchmark.benchmark_type,
    benchmark.benchmark_setting,
    benchmark.benchmark_effective_from,
    benchmark.benchmark_release,
    benchmark.medicare_national_rate,
    benchmark.medicare_state_rate,
    benchmark.medicare_state_rate_min,
    benchmark.medicare_state_rate_max,
    benchmark.n_localities,
    benchmark.state_rate_rule,
    benchmark.medicare_facility_rate,
    benchmark.medicare_non_facility_rate,
    benchmark.work_rvu,
    benchmark.practice_expense_rvu,
    benchmark.malpractice_rvu,
    benchmark.total_rvu,
    benchmark.conversion_factor,
    benchmark.opps_weight,
    benchmark.opps_si,
    benchmark.asc_pi,
    named.negotiated_rate / cast(benchmark.medicare_rate as double) as rate_to_medicare_ratio,
    named.negotiated_rate > cast(benchmark.medicare_rate as double) as is_above_medicare,
    benchmark.not_comparable_reason,
    case group_profile.enumeration_type when 'NPI-1' then 'Individual' when 'NPI-2' then 'Organization' end as provider_type,
    case group_profile.sole_proprietor when 'YES' then true when 'NO' then false end as is_sole_proprietor,
    case group_profile.enumeration_type when 'NPI-1' then true when 'NPI-2' then false end as is_individual_provider,
    group_profile.primary_npi_rule,
    group_profile.npi_count,
    group_profile.tin_count,
    named.pg_uid,
    named.billing_code_modifier,
    named.setting,
    named.severity_of_illness,
    named.code_type_version,
    named.additional_information,
    named.network_name,
    named.rate_unit,
    named.published_count,
    cast(substr(named.year_month, 1, 4) as int) as year,
    substr(named.year_month, 6, 2) as month,
    named.source_file_id,
    named.source_record,
    named.release_id
from named
inner join code_profile on named.code_key = code_profile.code_key
inner join group_profile on named.network_group_key = group_profile.network_group_key
inner join pos_set on named.pos_set_id = pos_set.pos_set_id
left join basis_key
    on
        named.release_key = basis_key.release_key
        and named.code_key = basis_key.code_key
        and named.term_key = basis_key.term_key
left join benchmark on basis_key.basis_id = benchmark.basis_id
