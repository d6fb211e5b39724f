with source as (

    select * from {{ source('bronze', 'medicare__rbcs') }}

),

renamed as (

    select
        _file_id as file_id,
        cast(_source_record as bigint) as source_record,
        cast(year as int) as data_year,

        hcpcs_cd as code,
        {{ medicare_code_type('hcpcs_cd') }} as code_type,
        rbcs_id,
        rbcs_cat_desc as category_name,
        rbcs_subcat_desc as subcategory_name,
        rbcs_family_desc as family_name,
        coalesce(rbcs_latest_assignment = '1', false) as is_latest_assignment,

        {{ medicare_rejects('hcpcs_cd', []) }} as reject_reasons
    from source

)

select * from renamed
