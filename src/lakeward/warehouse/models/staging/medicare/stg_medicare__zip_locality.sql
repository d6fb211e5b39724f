with source as (

    select * from {{ source('bronze', 'medicare__zip_locality') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        zip_code,
        carrier as mac,
        pricing_locality as locality_number,
        -- The publisher splits Kansas and Missouri into halves of its own; both halves are the state.
        case
            when state in ('EK', 'WK') then 'KS'
            when state in ('EM', 'WM') then 'MO'
            else state
        end as state,

        {{ medicare_rejects('zip_code', []) }} as reject_reasons
    from source

)

select * from renamed
