with source as (

    select * from {{ source('bronze', 'medicare__gpci') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        mac,
        locality_number,
        state,
        replace(locality_name, '*', '') as locality_name,

        {{ medicare_number('work_gpci') }} as work_gpci,
        {{ medicare_number('pe_gpci') }} as pe_gpci,
        {{ medicare_number('mp_gpci') }} as mp_gpci,

        {{ medicare_rejects('mac', ['work_gpci', 'pe_gpci', 'mp_gpci']) }} as reject_reasons
    from source

)

select * from renamed
