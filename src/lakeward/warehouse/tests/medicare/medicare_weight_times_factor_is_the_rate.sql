-- OPPS and ASC publish weight, factor and rate: a rate that is not weight x factor means another factor or a wrong file.
{{ config(severity='warn') }}

select
    benchmark_type,
    code,
    relative_weight,
    conversion_factor,
    national_rate
from {{ ref('int_medicare__facility_code') }}
where
    relative_weight > 0
    and conversion_factor is not null
    and national_rate is not null
    and national_rate <> round(cast(relative_weight as decimal(9, 4)) * cast(conversion_factor as decimal(9, 4)), 2)
