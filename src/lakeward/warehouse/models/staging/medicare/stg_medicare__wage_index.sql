with source as (

    select * from {{ source('bronze', 'medicare__asc_wage_index') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,
        release,
        {{ parse_date('released_on', 'MM/DD/YYYY') }} as released_on,

        cbsa as area_code,
        cbsa_name as area_name,
        -- 'Atlanta-Sandy Springs-Roswell, GA' and 'Kansas City, MO-KS': the states stand after the last comma.
        case when length(cbsa) = 5 then nullif(regexp_extract(cbsa_name, ', ([A-Z][A-Z](-[A-Z][A-Z])*)$', 1), '') end as area_states,
        length(cbsa) = 2 as is_rural,

        {{ medicare_number('wage_index') }} as wage_index,

        {{ medicare_rejects('cbsa', ['wage_index']) }} as reject_reasons
    from source

)

select * from renamed
