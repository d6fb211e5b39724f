with source as (

    select * from {{ source('bronze', 'medicare__pfs_rvu') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        hcpcs as code,
        {{ medicare_code_type('hcpcs') }} as code_type,
        modifier,
        status_code,
        coalesce(non_facility_na_indicator = 'NA', false) as is_not_paid_in_non_facility,
        coalesce(facility_na_indicator = 'NA', false) as is_not_paid_in_facility,

        {{ medicare_number('work_rvu') }} as work_rvu,
        {{ medicare_number('non_facility_pe_rvu') }} as non_facility_pe_rvu,
        {{ medicare_number('facility_pe_rvu') }} as facility_pe_rvu,
        {{ medicare_number('mp_rvu') }} as mp_rvu,
        {{ medicare_number('non_facility_pe_used_for_opps_payment_amount') }} as non_facility_pe_opps_rvu,
        {{ medicare_number('facility_pe_used_for_opps_payment_amount') }} as facility_pe_opps_rvu,
        {{ medicare_number('mp_used_for_opps_payment_amount') }} as mp_opps_rvu,
        {{ medicare_number('conversion_factor') }} as conversion_factor,

        {{ medicare_rejects('hcpcs', [
            'work_rvu', 'non_facility_pe_rvu', 'facility_pe_rvu', 'mp_rvu', 'conversion_factor',
            'non_facility_pe_used_for_opps_payment_amount', 'facility_pe_used_for_opps_payment_amount',
            'mp_used_for_opps_payment_amount',
        ]) }} as reject_reasons,
        {{ medicare_is_repeat([
            'hcpcs', 'modifier', 'status_code',
            'work_rvu', 'non_facility_pe_rvu', 'facility_pe_rvu', 'mp_rvu',
        ]) }} as is_repeat
    from source

)

select * from renamed
