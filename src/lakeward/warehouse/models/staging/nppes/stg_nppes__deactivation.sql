with

source as (

    select * from {{ source('bronze', 'nppes__deactivation') }}

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,

        -- dates
        {{ report_day('deactivation_date') }} as deactivation_date,
        -- A report without a date of its own is as old as its file's name, else as what it reports.
        coalesce({{ report_day('report_date') }}, {{ report_day('file_as_of_date') }}) as report_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case
                when deactivation_date is null then 'deactivation_date_missing'
                when {{ report_day('deactivation_date') }} is null then 'deactivation_date_unreadable'
            end
        ) as reject_reasons
    from source

)

select * from renamed
