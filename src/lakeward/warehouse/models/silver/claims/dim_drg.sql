with used as (

    select distinct drg_code from {{ ref('fact_inpatient_claim') }}
    where drg_code is not null

),

published as (

    select * from {{ ref('stg_synpuf__drg') }}

)

select
    coalesce(published.drg_code, used.drg_code) as drg_code,
    published.drg_title,
    published.mdc_code,
    published.drg_type,
    published.relative_weight,
    published.geometric_mean_los_days,
    published.arithmetic_mean_los_days,
    case
        when published.drg_code is not null then 'ms_drg'
        when used.drg_code = 'OTH' then 'other'
        when used.drg_code = '000' then 'ungroupable'
        else 'unknown'
    end as drg_status
from published
full outer join used on published.drg_code = used.drg_code
