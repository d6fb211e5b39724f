-- A status that the seed does not know is treated as not payable; CMS adds one now and then.
{{ config(severity='warn') }}

with statuses as (

    select
        'professional' as benchmark_type,
        status_code
    from {{ ref('int_medicare__professional_code') }}
    union all
    select
        benchmark_type,
        status_code
    from {{ ref('int_medicare__facility_code') }}

)

select
    statuses.benchmark_type,
    statuses.status_code,
    count(*) as code_count
from statuses
left join {{ ref('seed_medicare_status') }} as known
    on statuses.benchmark_type = known.benchmark_type and statuses.status_code = known.status_code
where known.status_code is null
group by statuses.benchmark_type, statuses.status_code
