with used as (

    select distinct diagnosis_code from {{ ref('bridge_claim_diagnosis') }}

),

description as (

    select * from {{ ref('stg_synpuf__icd9_description') }}
    where code_type = 'diagnosis'

)

select
    used.diagnosis_code,
    case
        when used.diagnosis_code like 'E%' then {{ icd9_dotted('used.diagnosis_code', 4) }}
        else {{ icd9_dotted('used.diagnosis_code', 3) }}
    end as diagnosis_code_dotted,
    description.short_description,
    description.long_description,
    description.code is not null as is_in_code_set,
    case substr(used.diagnosis_code, 1, 1)
        when 'V' then 'supplementary_v'
        when 'E' then 'external_cause_e'
        else 'disease'
    end as diagnosis_kind
from used
left join description on used.diagnosis_code = description.code
