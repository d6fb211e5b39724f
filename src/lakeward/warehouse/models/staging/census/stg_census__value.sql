with

source as (

    select * from {{ source('bronze', 'census__acs5') }}

),

-- Names end in E for an estimate and M for its margin of error; EA and MA are the API's words beside a missing number.
figure as (

    select
        source.*,
        trim(source.value) as value_text
    from source
    where substr(source.variable, length(source.variable), 1) in ('E', 'M')

),

-- An open-ended median is 250,000+ or 2,500- in an export; the API writes the number beyond the bracket.
numbered as (

    select
        figure.*,
        case
            when {{ regexp_like('value_text', '^[0-9][0-9,]*[+]$') }}
                then {{ try_number(regexp_replace_all('value_text', '[,+]', '')) }} + 1
            when {{ regexp_like('value_text', '^[0-9][0-9,]*-$') }}
                then {{ try_number(regexp_replace_all('value_text', '[,-]', '')) }} - 1
            else {{ try_number(regexp_replace_all('value_text', ',', '')) }}
        end as number_value
    from figure

),

reasoned as (

    select
        numbered.*,
        {{ census_missing_reason('value_text', 'number_value') }} as missing_reason
    from numbered

),

renamed as (

    select
        cast(acs_year as int) as acs_year,
        geography_level,
        geography_id,
        geography_name,
        variable,
        substr(variable, length(variable), 1) = 'M' as is_margin_of_error,
        value_text,
        case when missing_reason is null then number_value end as estimate,
        missing_reason,
        _file_id as source_file_id,
        _source_record as source_record
    from reasoned

)

select * from renamed
