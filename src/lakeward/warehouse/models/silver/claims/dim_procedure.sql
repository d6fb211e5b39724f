with procedure_code as (

    select * from {{ ref('int_claims__procedure_code') }}

)

select
    procedure_code,
    case
        when code_classification = 'procedure' then {{ icd9_dotted('procedure_code', 2) }}
        when code_classification = 'diagnosis' and procedure_code like 'E%' then {{ icd9_dotted('procedure_code', 4) }}
        when code_classification = 'diagnosis' then {{ icd9_dotted('procedure_code', 3) }}
        else procedure_code
    end as procedure_code_dotted,
    short_description,
    long_description,
    code_classification
from procedure_code
