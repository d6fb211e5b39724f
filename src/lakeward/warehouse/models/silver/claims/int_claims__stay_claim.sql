{%- set spells = 'partition by release_id, beneficiary_id order by admission_date, discharge_date, claim_id' %}
{%- set before = spells ~ ' rows between unbounded preceding and 1 preceding' -%}
with claim as (

    select
        release_id,
        sample_number,
        claim_id,
        beneficiary_id,
        concat(claim_id, '-', cast(min(segment) as string)) as claim_key,
        min(admission_date) as admission_date,
        max(discharge_date) as discharge_date,
        coalesce(max(case when segment = 1 then facility_id end), min(facility_id)) as facility_id,
        coalesce(max(case when segment = 1 then drg_code end), min(drg_code)) as drg_code,
        cast(sum(paid_amount_usd) as decimal(14, 2)) as paid_amount_usd
    from {{ ref('int_claims__segment') }}
    group by release_id, sample_number, claim_id, beneficiary_id

),

dated as (

    select
        *,
        max(greatest(admission_date, discharge_date)) over ({{ before }}) as left_date,
        -- The date is ten characters, so the greatest text ends with the facility that the person left last.
        max(
            concat(cast(greatest(admission_date, discharge_date) as string), coalesce(facility_id, ''))
        ) over ({{ before }}) as last_left
    from claim
    where admission_date is not null and discharge_date is not null

),

joined as (

    select
        *,
        case
            when left_date is null then 'first'
            when substr(last_left, 11) = coalesce(facility_id, '') and admission_date <= left_date then 'same_facility'
            when substr(last_left, 11) <> coalesce(facility_id, '') and {{ days_between('left_date', 'admission_date') }} <= 1
                then 'transfer'
            else 'first'
        end as joined_as
    from dated

),

numbered as (

    select
        *,
        sum(case when joined_as = 'first' then 1 else 0 end) over ({{ spells }} rows unbounded preceding) as stay_number
    from joined

),

identified as (

    select
        *,
        first_value(claim_key) over (
            partition by release_id, beneficiary_id, stay_number
            order by admission_date, discharge_date, claim_id
        ) as stay_id
    from numbered

)

select
    stay_id,
    release_id,
    sample_number,
    claim_id,
    claim_key,
    beneficiary_id,
    admission_date,
    discharge_date,
    facility_id,
    drg_code,
    paid_amount_usd,
    joined_as,
    joined_as <> 'first' and admission_date < left_date as is_overlap
from identified
union all
select
    claim_key as stay_id,
    release_id,
    sample_number,
    claim_id,
    claim_key,
    beneficiary_id,
    admission_date,
    discharge_date,
    facility_id,
    drg_code,
    paid_amount_usd,
    'first' as joined_as,
    false as is_overlap
from claim
where admission_date is null or discharge_date is null
