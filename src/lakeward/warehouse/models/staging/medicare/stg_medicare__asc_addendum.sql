with procedures as (

    select
        'asc_addendum_aa' as dataset,
        _file_id,
        _source_record,
        year,
        release,
        released_on,
        hcpcs_code,
        short_descriptor,
        payment_indicator,
        payment_weight,
        payment_rate
    from {{ source('bronze', 'medicare__asc_addendum_aa') }}

),

ancillary_services as (

    select
        'asc_addendum_bb' as dataset,
        _file_id,
        _source_record,
        year,
        release,
        released_on,
        hcpcs_code,
        short_descriptor,
        payment_indicator,
        payment_weight,
        payment_rate
    from {{ source('bronze', 'medicare__asc_addendum_bb') }}

),

source as (

    select * from procedures
    union all
    select * from ancillary_services

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        dataset,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        hcpcs_code as code,
        {{ medicare_code_type('hcpcs_code') }} as code_type,
        short_descriptor,
        payment_indicator,

        {{ medicare_number('payment_weight') }} as payment_weight,
        {{ medicare_number('payment_rate') }} as payment_rate,

        {{ medicare_rejects('hcpcs_code', ['payment_weight', 'payment_rate']) }} as reject_reasons,
        {{ medicare_is_repeat(['dataset', 'hcpcs_code', 'payment_indicator', 'payment_weight', 'payment_rate']) }} as is_repeat
    from source

)

select * from renamed
