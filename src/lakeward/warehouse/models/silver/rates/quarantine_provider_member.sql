with member as (

    select * from {{ ref('int_rates__group_member') }}

),

file_group as (

    select * from {{ ref('int_rates__file_group') }}

),

suspect as (

    select distinct
        file_group.release_id,
        file_group.pg_uid,
        member.file_id as source_file_id,
        member.npi,
        member.tin_type,
        member.tin_value
    from member
    inner join file_group on member.file_id = file_group.file_id and member.group_ref = file_group.group_ref
    where member.npi is not null and not member.is_valid_npi

)

select
    release_id,
    pg_uid,
    source_file_id,
    npi,
    tin_type,
    tin_value,
    case when {{ regexp_like('npi', '^[0-9]{10}$') }} then 'npi_check_digit' else 'npi_format' end as reasons
from suspect
