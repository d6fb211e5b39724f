{%- set amounts = {
    'paid_amount': 'CLM_PMT_AMT',
    'deductible_amount': 'NCH_BENE_IP_DDCTBL_AMT',
    'coinsurance_amount': 'NCH_BENE_PTA_COINSRNC_LBLTY_AM',
    'blood_deductible_amount': 'NCH_BENE_BLOOD_DDCTBL_LBLTY_AM',
    'primary_payer_amount': 'NCH_PRMRY_PYR_CLM_PD_AMT',
    'pass_through_per_diem': 'CLM_PASS_THRU_PER_DIEM_AMT',
} %}
{%- set dates = {
    'claim_from_date': 'CLM_FROM_DT',
    'claim_thru_date': 'CLM_THRU_DT',
    'admission_date': 'CLM_ADMSN_DT',
    'discharge_date': 'NCH_BENE_DSCHRG_DT',
} -%}
with

source as (

    select * from {{ source('bronze', 'synpuf__inpatient_claim') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        {{ synpuf_release('_sample_number') }} as release_id,
        _sample_number as sample_number,
        clm_id as claim_id,
        segment as segment_text,
        {{ synpuf_count('segment') }} as segment,
        desynpuf_id as beneficiary_id,
        prvdr_num as facility_id,
        at_physn_npi as attending_npi,
        op_physn_npi as operating_npi,
        ot_physn_npi as other_npi,

        -- codes
        clm_drg_cd as drg_code,
        admtng_icd9_dgns_cd as diagnosis_code_0,
        {% for slot in range(1, 11) -%}
            icd9_dgns_cd_{{ slot }} as diagnosis_code_{{ slot }},
        {% endfor -%}
        {% for slot in range(1, 7) -%}
            icd9_prcdr_cd_{{ slot }} as procedure_code_{{ slot }},
        {% endfor -%}
        concat_ws(
            ',',
            {% for slot in range(1, 46) -%}
                hcpcs_cd_{{ slot }}{{ ',' if not loop.last }}
            {% endfor -%}
        ) as hcpcs_codes,

        -- amounts
        clm_pmt_amt as paid_amount_text,
        {% for name, column in amounts.items() -%}
            {{ synpuf_amount(column | lower) }} as {{ name }}_usd,
        {% endfor -%}
        {{ synpuf_count('clm_utlztn_day_cnt') }} as utilization_days,

        -- dates
        {% for name, column in dates.items() -%}
            {{ parse_date(column | lower, 'YYYYMMDD') }} as {{ name }},
        {% endfor %}
        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            case when clm_id is null then 'claim_id_missing' end,
            case when desynpuf_id is null then 'beneficiary_id_missing' end,
            case when segment is null then 'segment_missing' end,
            {{ unreadable_reason('segment', synpuf_count('segment'), 'segment_unreadable') }},
            case when clm_pmt_amt is null then 'paid_amount_missing' end,
            {% for name, column in amounts.items() -%}
                {{ unreadable_reason(column | lower, synpuf_amount(column | lower), name ~ '_unreadable') }},
            {% endfor -%}
            {% for name, column in dates.items() -%}
                {{ unreadable_reason(column | lower, parse_date(column | lower, 'YYYYMMDD'), name ~ '_unreadable') }},
            {% endfor -%}
            {{ unreadable_reason('clm_utlztn_day_cnt', synpuf_count('clm_utlztn_day_cnt'), 'utilization_days_unreadable') }}
        ) as reject_reasons
    from source

)

select * from renamed
