-- Every code and modifier of the Physician Fee Schedule with its national amounts, or the reason why it has none.
with periods as (

    select * from {{ ref('int_medicare__period') }}
    where benchmark_type = 'professional'

),

codes as (

    select * from {{ ref('stg_medicare__pfs_rvu') }}
    where reject_reasons is null and not is_repeat

),

statuses as (

    select
        status_code,
        is_payable
    from {{ ref('seed_medicare_status') }}
    where benchmark_type = 'professional'

),

dated as (

    select
        codes.code_type,
        codes.code,
        codes.modifier,
        codes.status_code,
        coalesce(statuses.is_payable, false) as is_payable,
        codes.work_rvu,
        codes.non_facility_pe_rvu,
        codes.facility_pe_rvu,
        codes.mp_rvu,
        codes.non_facility_pe_opps_rvu,
        codes.facility_pe_opps_rvu,
        codes.mp_opps_rvu,
        -- Imaging whose hospital amount is in the file: the fee schedule may not pay more than that for the technical part.
        coalesce(codes.non_facility_pe_opps_rvu > 0, false) as is_opps_capped,
        coalesce(statuses.is_payable, false)
        and not codes.is_not_paid_in_non_facility
        and codes.work_rvu + codes.non_facility_pe_rvu + codes.mp_rvu > 0 as is_priced_in_non_facility,
        coalesce(statuses.is_payable, false)
        and not codes.is_not_paid_in_facility
        and codes.work_rvu + codes.facility_pe_rvu + codes.mp_rvu > 0 as is_priced_in_facility,
        codes.work_rvu + codes.mp_rvu + codes.non_facility_pe_rvu + codes.facility_pe_rvu > 0 as has_relative_values,
        periods.data_year,
        periods.release,
        periods.conversion_factor,
        periods.effective_from,
        periods.effective_to
    from codes
    inner join periods on codes.file_id = periods.schedule_file_id
    left join statuses on codes.status_code = statuses.status_code

)

select
    code_type,
    code,
    modifier,
    status_code,
    is_payable,
    has_relative_values,
    is_priced_in_non_facility,
    is_priced_in_facility,
    is_opps_capped,
    work_rvu,
    non_facility_pe_rvu,
    facility_pe_rvu,
    mp_rvu,
    non_facility_pe_opps_rvu,
    facility_pe_opps_rvu,
    mp_opps_rvu,
    data_year,
    release,
    conversion_factor,
    effective_from,
    effective_to,
    cast(
        case when is_priced_in_non_facility then {{ medicare_capped_amount('non_facility', '1', '1', '1') }} end as decimal(18, 4)
    ) as non_facility_rate,
    cast(case when is_priced_in_facility then {{ medicare_capped_amount('facility', '1', '1', '1') }} end as decimal(18, 4))
        as facility_rate
from dated
