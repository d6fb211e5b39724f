-- One row per price basis: exactly one Medicare amount to compare with, or none and the first reason that applies.
with bases as (

    select * from {{ ref('int_rates__price_basis') }}

),

places as (

    select * from {{ ref('seed_medicare_place_of_service') }}

),

members as (

    select
        pos_sets.pos_set_id,
        member.place_of_service_code
    from {{ ref('dim_pos_set') }} as pos_sets
    {{ explode('pos_sets.pos_members', 'member', 'place_of_service_code') }}

),

-- A place that Medicare does not price (05 to 08) says nothing about the setting, unless it stands alone.
place_sets as (

    select
        members.pos_set_id,
        max(case when members.place_of_service_code = 'CSTM-00' then 1 else 0 end) as has_all_places,
        max(case when members.place_of_service_code != 'CSTM-00' and places.place_of_service_code is null then 1 else 0 end)
            as has_unknown,
        max(case when places.payment_setting = 'facility' then 1 else 0 end) as has_facility,
        max(case when places.payment_setting = 'non_facility' then 1 else 0 end) as has_non_facility,
        max(case when places.facility_kind = 'outpatient_hospital' then 1 else 0 end) as has_outpatient_hospital,
        max(case when places.facility_kind = 'ambulatory_surgical_center' then 1 else 0 end) as has_surgical_center,
        max(case when places.facility_kind = 'inpatient_hospital' then 1 else 0 end) as has_inpatient_hospital,
        max(case when places.facility_kind = 'other' and places.payment_setting != 'not_priced' then 1 else 0 end) as has_other_place
    from members
    left join places on members.place_of_service_code = places.place_of_service_code
    group by members.pos_set_id

),

-- Which settings and facilities the published place list and setting leave open.
described as (

    select
        bases.basis_id,
        bases.state,
        {{ parse_date("concat(bases.year_month, '-01')", 'YYYY-MM-DD') }} as price_date,
        bases.billing_class,
        bases.code_type,
        bases.code,
        bases.billing_code_modifier as modifier,
        coalesce(bases.billing_code_modifier, '') as modifier_key,
        bases.setting,
        bases.negotiation_arrangement,
        bases.rate_unit,
        case
            when place_sets.pos_set_id is null then 'none_stated'
            when place_sets.has_all_places = 1 then 'all'
            when place_sets.has_unknown = 1 then 'unknown'
            else 'listed'
        end as places_stated,
        coalesce(place_sets.has_facility, 0) as has_facility,
        coalesce(place_sets.has_non_facility, 0) as has_non_facility,
        coalesce(place_sets.has_outpatient_hospital, 0) as has_outpatient_hospital,
        coalesce(place_sets.has_surgical_center, 0) as has_surgical_center,
        coalesce(place_sets.has_inpatient_hospital, 0) as has_inpatient_hospital,
        coalesce(place_sets.has_other_place, 0) as has_other_place
    from bases
    left join place_sets on bases.pos_set_id = place_sets.pos_set_id

),

routed as (

    select
        *,
        case
            when billing_class = 'professional' and places_stated = 'listed'
                then
                    case
                        when has_facility = 1 and has_non_facility = 1 then 'several'
                        when has_facility = 1 then 'facility'
                        when has_non_facility = 1 then 'non_facility'
                        else 'no_place'
                    end
            when billing_class = 'professional' and places_stated = 'none_stated' and setting = 'inpatient' then 'facility'
            when billing_class = 'professional' and places_stated = 'all' then 'several'
            when billing_class = 'professional' then 'unknown'
            when billing_class = 'institutional' and setting = 'inpatient' then 'inpatient'
            when billing_class = 'institutional' and setting = 'both' then 'several'
            when billing_class = 'institutional' and places_stated in ('none_stated', 'all') then 'outpatient'
            when billing_class = 'institutional' and places_stated = 'unknown' then 'unknown'
            when has_outpatient_hospital + has_surgical_center + has_inpatient_hospital + has_other_place > 1 then 'several'
            when has_outpatient_hospital = 1 then 'outpatient'
            when has_surgical_center = 1 then 'ambulatory_surgical_center'
            when has_inpatient_hospital = 1 then 'inpatient'
            else 'no_place'
        end as place
    from described

),

-- What the price itself rules out, before any fee schedule is opened.
screened as (

    select
        *,
        case
            when billing_class = 'professional' then 'professional'
            when place = 'outpatient' then 'opps'
            when place = 'ambulatory_surgical_center' then 'asc'
        end as benchmark_type,
        case
            when rate_unit = 'percent' then 'percent_of_charges'
            when rate_unit = 'usd_per_day' then 'per_diem'
            when coalesce(rate_unit, '') != 'usd' then 'rate_unit_unknown'
            when coalesce(lower(negotiation_arrangement), '') != 'ffs' then 'not_fee_for_service'
            when upper(code_type) like '%DRG%' then 'inpatient_drg_without_ipps'
            when coalesce(upper(code_type), '') not in ('CPT', 'HCPCS', 'CDT') then 'code_type_without_benchmark'
            when billing_class = 'both' then 'billing_class_both'
            when coalesce(billing_class, '') not in ('professional', 'institutional') then 'billing_class_unknown'
            when place = 'inpatient' then 'inpatient_without_ipps'
            when place = 'no_place' then 'place_without_benchmark'
            when billing_class = 'institutional' and place = 'several' then 'mixed_settings'
            when billing_class = 'institutional' and place = 'unknown' then 'place_of_service_unknown'
            when price_date is null then 'date_unknown'
        end as reason_of_price
    from routed

),

years as (

    select
        benchmark_type,
        data_year
    from {{ ref('int_medicare__period') }}
    group by benchmark_type, data_year

),

loaded_types as (

    select distinct benchmark_type from years

),

professional_codes as (

    select
        'professional' as benchmark_type,
        coalesce(modifier, '') as modifier_key,
        *
    from {{ ref('int_medicare__professional_code') }}

),

professional_states as (

    select
        'professional' as benchmark_type,
        coalesce(modifier, '') as modifier_key,
        *
    from {{ ref('int_medicare__professional_state') }}

),

facility_codes as (

    select * from {{ ref('int_medicare__facility_code') }}

),

facility_states as (

    select * from {{ ref('int_medicare__facility_state') }}

),

-- Each join is on a key of the right side: dated ranges of one code and modifier do not overlap.
matched as (

    select
        screened.*,
        case when loaded_types.benchmark_type is null then 0 else 1 end as is_type_loaded,
        case when years.data_year is null then 0 else 1 end as is_year_loaded,
        case when coalesce(professional.code, unmodified.code, facility.code) is null then 0 else 1 end as is_code_listed,
        case when professional.code is null then 0 else 1 end as is_modifier_listed,
        coalesce(professional.code_type, facility.code_type) as benchmark_code_type,
        coalesce(professional.status_code, unmodified.status_code, facility.status_code) as benchmark_status_code,
        coalesce(professional.is_payable, unmodified.is_payable, facility.is_payable) as is_payable,
        professional.has_relative_values,
        coalesce(professional.effective_from, facility.effective_from) as benchmark_effective_from,
        coalesce(professional.effective_to, facility.effective_to) as benchmark_effective_to,
        coalesce(professional.release, facility.release) as benchmark_release,
        coalesce(professional.data_year, facility.data_year) as benchmark_data_year,
        professional.non_facility_rate,
        professional.facility_rate,
        facility.national_rate as facility_national_rate
    from screened
    left join loaded_types on screened.benchmark_type = loaded_types.benchmark_type
    left join years
        on screened.benchmark_type = years.benchmark_type and cast(extract(year from screened.price_date) as int) = years.data_year
    left join professional_codes as professional
        on
            screened.benchmark_type = professional.benchmark_type
            and screened.code = professional.code
            and screened.modifier_key = professional.modifier_key
            and screened.price_date >= professional.effective_from
            and screened.price_date <= professional.effective_to
    left join professional_codes as unmodified
        on
            screened.benchmark_type = unmodified.benchmark_type
            and screened.code = unmodified.code
            and unmodified.modifier_key = ''
            and screened.price_date >= unmodified.effective_from
            and screened.price_date <= unmodified.effective_to
    left join facility_codes as facility
        on
            screened.benchmark_type = facility.benchmark_type
            and screened.code = facility.code
            and screened.price_date >= facility.effective_from
            and screened.price_date <= facility.effective_to

),

valued as (

    select
        matched.*,
        in_state.non_facility_rate as state_non_facility_rate,
        in_state.non_facility_min as state_non_facility_min,
        in_state.non_facility_max as state_non_facility_max,
        in_state.facility_rate as state_facility_rate,
        in_state.facility_min as state_facility_min,
        in_state.facility_max as state_facility_max,
        facility_in_state.state_rate,
        facility_in_state.state_rate_min,
        facility_in_state.state_rate_max,
        coalesce(in_state.n_localities, facility_in_state.n_localities) as n_localities,
        coalesce(in_state.state_rate_rule, facility_in_state.state_rate_rule, 'national') as state_rate_rule,
        -- Where both settings pay the same, or Medicare has an amount for one only, the place does not matter.
        case
            when matched.place in ('facility', 'non_facility', 'outpatient', 'ambulatory_surgical_center') then matched.place
            when matched.non_facility_rate is null and matched.facility_rate is null then null
            when matched.non_facility_rate is null then 'facility'
            when matched.facility_rate is null then 'non_facility'
            when
                matched.non_facility_rate = matched.facility_rate
                and coalesce(in_state.non_facility_rate, matched.non_facility_rate)
                = coalesce(in_state.facility_rate, matched.facility_rate)
                then 'non_facility'
        end as benchmark_setting
    from matched
    left join professional_states as in_state
        on
            matched.benchmark_type = in_state.benchmark_type
            and matched.state = in_state.state
            and matched.code = in_state.code
            and matched.modifier_key = in_state.modifier_key
            and matched.benchmark_effective_from = in_state.effective_from
    left join facility_states as facility_in_state
        on
            matched.benchmark_type = facility_in_state.benchmark_type
            and matched.state = facility_in_state.state
            and matched.code = facility_in_state.code
            and matched.benchmark_effective_from = facility_in_state.effective_from

),

decided as (

    select
        *,
        case
            when reason_of_price is not null then reason_of_price
            when is_type_loaded = 0 then 'no_medicare_data'
            when is_year_loaded = 0 then 'no_benchmark_for_date'
            when is_code_listed = 0 then 'code_not_in_fee_schedule'
            when modifier like '%,%' then 'several_modifiers'
            when benchmark_type = 'professional' and is_modifier_listed = 0 then 'modifier_not_priced'
            when benchmark_type != 'professional' and modifier is not null then 'modifier_not_priced'
            when benchmark_status_code = 'J' and benchmark_type = 'professional' then 'anesthesia_without_base_units'
            when not is_payable then 'not_payable_status'
            when benchmark_type = 'professional' and not has_relative_values then 'no_amount_published'
            when benchmark_type != 'professional' and facility_national_rate is null then 'no_amount_published'
            when place = 'unknown' and benchmark_setting is null then 'place_of_service_unknown'
            when place = 'several' and benchmark_setting is null then 'mixed_settings'
            when benchmark_setting = 'facility' and facility_rate is null then 'not_priced_in_setting'
            when benchmark_setting = 'non_facility' and non_facility_rate is null then 'not_priced_in_setting'
        end as not_comparable_reason
    from valued

)

select
    basis_id,
    case when not_comparable_reason is null then benchmark_type end as benchmark_type,
    case when not_comparable_reason is null then benchmark_code_type end as benchmark_code_type,
    case when not_comparable_reason is null then modifier end as benchmark_modifier,
    case when not_comparable_reason is null then benchmark_setting end as benchmark_setting,
    case when not_comparable_reason is null then benchmark_effective_from end as benchmark_effective_from,
    case when not_comparable_reason is null then benchmark_effective_to end as benchmark_effective_to,
    case when not_comparable_reason is null then benchmark_data_year end as benchmark_data_year,
    case when not_comparable_reason is null then benchmark_release end as benchmark_release,
    benchmark_status_code,
    case
        when not_comparable_reason is not null then cast(null as decimal(18, 4))
        when benchmark_setting = 'facility' then facility_rate
        when benchmark_setting = 'non_facility' then non_facility_rate
        else facility_national_rate
    end as medicare_national_rate,
    case
        when not_comparable_reason is not null then cast(null as decimal(18, 4))
        when benchmark_setting = 'facility' then state_facility_rate
        when benchmark_setting = 'non_facility' then state_non_facility_rate
        else state_rate
    end as medicare_state_rate,
    case
        when not_comparable_reason is not null then cast(null as decimal(18, 4))
        when benchmark_setting = 'facility' then state_facility_min
        when benchmark_setting = 'non_facility' then state_non_facility_min
        else state_rate_min
    end as medicare_state_rate_min,
    case
        when not_comparable_reason is not null then cast(null as decimal(18, 4))
        when benchmark_setting = 'facility' then state_facility_max
        when benchmark_setting = 'non_facility' then state_non_facility_max
        else state_rate_max
    end as medicare_state_rate_max,
    case when not_comparable_reason is null then n_localities end as n_localities,
    case when not_comparable_reason is null then state_rate_rule end as state_rate_rule,
    -- Both settings' amounts, for the analyst who knows the place that the payer does not say.
    case when benchmark_type = 'professional' then coalesce(state_facility_rate, facility_rate) end as medicare_facility_rate,
    case when benchmark_type = 'professional' then coalesce(state_non_facility_rate, non_facility_rate) end as medicare_non_facility_rate,
    not_comparable_reason
from decided
