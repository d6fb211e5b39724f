{%- set conditions = {
    'alzheimers': 'sp_alzhdmta',
    'heart_failure': 'sp_chf',
    'kidney_disease': 'sp_chrnkidn',
    'cancer': 'sp_cncr',
    'copd': 'sp_copd',
    'depression': 'sp_depressn',
    'diabetes': 'sp_diabetes',
    'ischemic_heart_disease': 'sp_ischmcht',
    'osteoporosis': 'sp_osteoprs',
    'arthritis': 'sp_ra_oa',
    'stroke': 'sp_strketia',
} %}
{%- set months = {
    'hospital_insurance_months': 'bene_hi_cvrage_tot_mons',
    'medical_insurance_months': 'bene_smi_cvrage_tot_mons',
    'hmo_months': 'bene_hmo_cvrage_tot_mons',
    'drug_plan_months': 'plan_cvrg_mos_num',
} %}
{%- set amounts = {
    'inpatient_reimbursement': 'medreimb_ip',
    'inpatient_beneficiary': 'benres_ip',
    'inpatient_primary_payer': 'pppymt_ip',
    'outpatient_reimbursement': 'medreimb_op',
    'outpatient_beneficiary': 'benres_op',
    'outpatient_primary_payer': 'pppymt_op',
    'carrier_reimbursement': 'medreimb_car',
    'carrier_beneficiary': 'benres_car',
    'carrier_primary_payer': 'pppymt_car',
} -%}
with

source as (

    select * from {{ source('bronze', 'synpuf__beneficiary_summary') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        {{ synpuf_release('_sample_number') }} as release_id,
        _sample_number as sample_number,
        _summary_year as summary_year,
        desynpuf_id as beneficiary_id,

        -- attributes
        bene_sex_ident_cd as sex_code,
        bene_race_cd as race_code,
        lpad(sp_state_code, 2, '0') as ssa_state_code,
        lpad(bene_county_cd, 3, '0') as ssa_county_code,
        {% for name, column in months.items() -%}
            {{ synpuf_months(column) }} as {{ name }},
        {% endfor -%}
        case bene_esrd_ind when 'Y' then true when '0' then false end as has_esrd,
        {% for name, column in conditions.items() -%}
            case {{ column }} when '1' then true when '2' then false end as has_{{ name }},
        {% endfor %}
        -- amounts
        {% for name, column in amounts.items() -%}
            {{ synpuf_amount(column) }} as {{ name }}_usd,
        {% endfor %}
        -- dates
        {{ parse_date('bene_birth_dt', 'YYYYMMDD') }} as birth_date,
        {{ parse_date('bene_death_dt', 'YYYYMMDD') }} as death_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            case when desynpuf_id is null then 'beneficiary_id_missing' end,
            {{ unreadable_reason('bene_birth_dt', parse_date('bene_birth_dt', 'YYYYMMDD'), 'birth_date_unreadable') }},
            {{ unreadable_reason('bene_death_dt', parse_date('bene_death_dt', 'YYYYMMDD'), 'death_date_unreadable') }},
            {% for name, column in months.items() -%}
                {{ unreadable_reason(column, synpuf_months(column), name ~ '_unreadable') }},
            {% endfor -%}
            {% for name, column in amounts.items() -%}
                {{ unreadable_reason(column, synpuf_amount(column), name ~ '_unreadable') }},
            {% endfor -%}
            {% for name, column in conditions.items() -%}
                case when {{ column }} not in ('1', '2') then '{{ name }}_unknown' end,
            {% endfor -%}
            case when bene_esrd_ind not in ('Y', '0') then 'esrd_unknown' end
        ) as reject_reasons
    from source

)

select * from renamed
