with

source as (

    select * from {{ source('bronze', 'synpuf__icd9_description') }}

),

renamed as (

    select
        code_type,
        code,
        max(case when description_length = 'short' then description end) as short_description,
        max(case when description_length = 'long' then description end) as long_description
    from source
    group by code_type, code

)

select * from renamed
