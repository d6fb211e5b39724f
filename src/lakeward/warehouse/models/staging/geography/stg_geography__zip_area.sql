with

source as (

    {{ newest_file_rows('geography__zip_cbsa') }}

),

renamed as (

    select
        {{ padded('zip', 5) }} as zip_code,
        -- 99999 stands for "in no statistical area".
        nullif({{ padded('cbsa', 5) }}, '99999') as stat_area_code,
        {{ try_number('tot_ratio') }} as address_share,
        vintage,
        _file_id as source_file_id,
        _source_record as source_record
    from source

)

select * from renamed
