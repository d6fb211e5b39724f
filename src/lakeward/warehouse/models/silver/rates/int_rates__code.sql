with published as (

    select
        negotiation_arrangement,
        code_type,
        code,
        code_type_version,
        severity_of_illness
    from {{ ref('stg_mrf__item') }}
    union
    select
        negotiation_arrangement,
        code_type,
        code,
        cast(null as string) as code_type_version,
        cast(null as string) as severity_of_illness
    from {{ ref('stg_flat_rates__published') }}

)

select
    cast(row_number() over (
        order by {{ nulls_first(['code_type', 'code', 'negotiation_arrangement', 'code_type_version', 'severity_of_illness']) }}
    ) as int) as code_key,
    negotiation_arrangement,
    code_type,
    code,
    code_type_version,
    severity_of_illness,
    {{ broken_rules('code') }} as reasons
from published
