with source as (

    select * from {{ source('bronze', 'medicare__opps_addendum_b') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        hcpcs_code as code,
        {{ medicare_code_type('hcpcs_code') }} as code_type,
        short_descriptor,
        status_indicator,
        apc,

        {{ medicare_number('relative_weight') }} as relative_weight,
        {{ medicare_number('payment_rate') }} as payment_rate,

        {{ medicare_rejects('hcpcs_code', ['relative_weight', 'payment_rate']) }} as reject_reasons,
        {{ medicare_is_repeat(['hcpcs_code', 'status_indicator', 'apc', 'relative_weight', 'payment_rate']) }} as is_repeat
    from source

)

select * from renamed
