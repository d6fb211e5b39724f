with

source as (

    select * from {{ source('bronze', 'nppes__registry_answer') }}

),

numbered as (

    select
        *,
        number as npi
    from source

),

renamed as (

    select
        -- identifiers
        _file_id as source_file_id,
        _source_record as source_record,
        npi,
        replacement_npi,

        -- attributes
        enumeration_type,
        status,
        organization_name,
        {{ answered('first_name') }} as first_name,
        {{ answered('middle_name') }} as middle_name,
        {{ answered('last_name') }} as last_name,
        {{ answered('name_prefix') }} as name_prefix,
        {{ answered('name_suffix') }} as name_suffix,
        {{ answered('credential') }} as credential,
        sex as provider_sex_code,
        case when sole_proprietor in ('YES', 'NO') then sole_proprietor end as sole_proprietor,

        -- lists, JSON as sent
        addresses,
        practice_locations,
        taxonomies,
        identifiers,
        other_names,
        endpoints,

        -- dates
        {{ parse_date('enumeration_date', 'YYYY-MM-DD') }} as enumeration_date,
        {{ parse_date('last_updated', 'YYYY-MM-DD') }} as last_update_date,
        {{ parse_date('certification_date', 'YYYY-MM-DD') }} as certification_date,

        -- what is wrong with the row, comma separated, '' when nothing is
        concat_ws(
            ',',
            {{ npi_reasons() }},
            case when enumeration_type not in ('NPI-1', 'NPI-2') then 'enumeration_type_unknown' end,
            case
                when last_updated is not null and {{ parse_date('last_updated', 'YYYY-MM-DD') }} is null
                    then 'last_updated_unreadable'
            end
        ) as reject_reasons
    from numbered

)

select * from renamed
