with summary as (

    select * from {{ ref('stg_synpuf__beneficiary_summary') }}
    where reject_reasons = ''

),

repeated as (

    select * from {{ ref('int_claims__repeated_summary') }}
    where repeat_status <> 'kept'

),

ssa_state as (

    select
        seed_ssa_state.ssa_state_code,
        seed_state.state,
        seed_state.state_name,
        seed_state.state_fips
    from {{ ref('seed_ssa_state') }} as seed_ssa_state
    inner join {{ ref('seed_state') }} as seed_state on seed_ssa_state.state = seed_state.state

),

ssa_county as (

    select * from {{ ref('stg_geography__ssa_county') }}

),

aged as (

    select
        summary.*,
        -- On 31 December every birthday of the year has passed.
        summary.summary_year - cast(year(summary.birth_date) as int) as age_years
    from summary
    left join repeated on summary.source_file_id = repeated.source_file_id and summary.source_record = repeated.source_record
    where repeated.repeat_status is null

)

select
    aged.release_id,
    aged.sample_number,
    concat(aged.beneficiary_id, '-', cast(aged.summary_year as string)) as beneficiary_year_key,
    aged.beneficiary_id,
    aged.summary_year,
    aged.birth_date,
    aged.death_date,
    aged.age_years,
    case
        when aged.age_years < 65 then 'under 65'
        when aged.age_years < 75 then '65-74'
        when aged.age_years < 85 then '75-84'
        when aged.age_years >= 85 then '85+'
    end as age_band,
    aged.sex_code,
    {{ synpuf_sex('aged.sex_code') }} as sex,
    aged.race_code,
    {{ synpuf_race('aged.race_code') }} as race,
    ssa_state.state as state_code,
    ssa_state.state_name,
    ssa_state.state_fips,
    ssa_county.county_fips,
    case
        when ssa_county.county_fips is not null then 'matched'
        when aged.ssa_state_code = '54' then 'other_state'
        else 'unknown_code'
    end as county_match_status,
    aged.ssa_state_code,
    aged.ssa_county_code,
    aged.hospital_insurance_months,
    aged.medical_insurance_months,
    aged.hmo_months,
    aged.drug_plan_months,
    {% for condition in claims_conditions() -%}
        aged.has_{{ condition }},
    {% endfor -%}
    cast(
        {%- for condition in claims_conditions()[1:] %}
            case when aged.has_{{ condition }} then 1 else 0 end{{ ' +' if not loop.last }}
        {%- endfor %}
        as int
    ) as chronic_condition_count,
    {% for amount in claims_summary_amounts() -%}
        aged.{{ amount }},
    {% endfor -%}
    aged.source_file_id,
    aged.source_record
from aged
left join ssa_state on aged.ssa_state_code = ssa_state.ssa_state_code
left join ssa_county on concat(aged.ssa_state_code, aged.ssa_county_code) = ssa_county.ssa_county_code
