with source as (

    select * from {{ source('bronze', 'medicare__place_of_service') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,

        place_of_service_code,
        description as place_of_service_name,

        {{ medicare_rejects('place_of_service_code', []) }} as reject_reasons
    from source

)

select * from renamed
