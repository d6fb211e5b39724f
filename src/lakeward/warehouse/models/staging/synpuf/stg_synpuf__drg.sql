with

source as (

    select * from {{ source('bronze', 'synpuf__drg') }}

),

newest as (

    -- A lake may hold the table twice, as sheet and as text: one of them is read, never both.
    select * from source
    where _file_id = (select max(_file_id) from {{ source('bronze', 'synpuf__drg') }})

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        case when length(drg) < 3 then lpad(drg, 3, '0') else drg end as drg_code,

        -- attributes
        title as drg_title,
        case when length(mdc) < 2 then lpad(mdc, 2, '0') else mdc end as mdc_code,
        case upper(trim(type)) when 'MED' then 'medical' when 'SURG' then 'surgical' end as drg_type,

        -- amounts
        try_cast(weight as decimal(10, 4)) as relative_weight,
        try_cast(geometric_mean_los as decimal(8, 2)) as geometric_mean_los_days,
        try_cast(arithmetic_mean_los as decimal(8, 2)) as arithmetic_mean_los_days
    from newest

)

select * from renamed
