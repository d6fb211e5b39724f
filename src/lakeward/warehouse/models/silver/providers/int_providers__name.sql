with

current_version as (

    select * from {{ ref('int_providers__version') }}
    where is_current

),

provider as (

    select * from {{ ref('stg_nppes__provider') }}

),

other_name as (

    select * from {{ ref('int_providers__other_name') }}
    where is_current

),

current_provider as (

    select provider.*
    from current_version
    inner join provider
        on
            current_version.source_file_id = provider.source_file_id
            and current_version.source_record = provider.source_record

),

legal as (

    select
        npi,
        'legal' as name_kind,
        first_name,
        middle_name,
        last_name,
        organization_name,
        name_prefix,
        name_suffix,
        credential,
        cast(null as string) as name_type_code,
        source_file_id,
        source_record
    from current_provider
    where coalesce(first_name, middle_name, last_name, organization_name) is not null

),

other as (

    select
        npi,
        'other' as name_kind,
        other_first_name as first_name,
        other_middle_name as middle_name,
        other_last_name as last_name,
        cast(null as string) as organization_name,
        other_name_prefix as name_prefix,
        other_name_suffix as name_suffix,
        other_credential as credential,
        other_name_type_code as name_type_code,
        source_file_id,
        source_record
    from current_provider
    where coalesce(other_first_name, other_middle_name, other_last_name) is not null

),

other_organization as (

    select
        npi,
        'other_organization' as name_kind,
        cast(null as string) as first_name,
        cast(null as string) as middle_name,
        cast(null as string) as last_name,
        other_organization_name as organization_name,
        cast(null as string) as name_prefix,
        cast(null as string) as name_suffix,
        cast(null as string) as credential,
        other_organization_name_type_code as name_type_code,
        source_file_id,
        source_record
    from current_provider
    where other_organization_name is not null

),

listed_organization as (

    select
        npi,
        'other_organization' as name_kind,
        cast(null as string) as first_name,
        cast(null as string) as middle_name,
        cast(null as string) as last_name,
        organization_name,
        cast(null as string) as name_prefix,
        cast(null as string) as name_suffix,
        cast(null as string) as credential,
        name_type_code,
        source_file_id,
        source_record
    from other_name

),

every_name as (

    {% for part in ['legal', 'other', 'other_organization', 'listed_organization'] %}
        select
            *,
            {{ loop.index }} as part_number
        from {{ part }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- The first of an organisation's other names stands in its record and again in the list of other names.
repeated as (

    select
        *,
        row_number() over (
            partition by npi, name_kind, organization_name, name_type_code
            order by part_number, source_record
        ) as repeat_number
    from every_name

)

select
    npi,
    name_kind,
    first_name,
    middle_name,
    last_name,
    organization_name,
    name_prefix,
    name_suffix,
    credential,
    name_type_code,
    part_number,
    source_file_id,
    source_record,
    name_kind = 'other_organization' and repeat_number > 1 as is_repeat
from repeated
