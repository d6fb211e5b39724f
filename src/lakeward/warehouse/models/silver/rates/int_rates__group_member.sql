-- Distinct objects first, their NPIs second: an array that many references repeat is exploded once for each of them and no more.
with reference_group as (

    select
        file_id,
        concat('reference:', provider_reference_id) as group_ref,
        group_id
    from {{ ref('stg_mrf__provider_reference') }}
    where group_id is not null
    union
    select
        file_id,
        concat('inline:', cast(inline_group_id as string)) as group_ref,
        inline_group_id as group_id
    from {{ ref('stg_mrf__group_set') }}
    where inline_group_id is not null

),

group_object as (

    select
        provider_group.file_id,
        provider_group.group_id,
        object_of.member_id
    from {{ ref('stg_mrf__provider_group') }} as provider_group
    {{ explode('provider_group.member_ids', 'object_of', 'member_id') }}

),

member as (

    select * from {{ ref('stg_mrf__provider_member') }}

),

member_npi as (

    select
        member.file_id,
        member.member_id,
        nullif(npi_of.npi, '0') as npi
    from {{ ref('stg_mrf__provider_member') }} as member
    {{ explode('member.npis', 'npi_of', 'npi') }}
    union all
    select
        file_id,
        member_id,
        cast(null as string) as npi
    from member
    where npis is null or {{ list_size('npis') }} = 0

),

published as (

    select
        reference_group.file_id,
        reference_group.group_ref,
        member_npi.npi,
        member.tin_type,
        member.tin_value
    from reference_group
    inner join group_object on reference_group.file_id = group_object.file_id and reference_group.group_id = group_object.group_id
    inner join member on group_object.file_id = member.file_id and group_object.member_id = member.member_id
    inner join member_npi on member.file_id = member_npi.file_id and member.member_id = member_npi.member_id
    union all
    select
        file_id,
        concat('reference:', provider_group_id_raw) as group_ref,
        nullif(npi, '0') as npi,
        tin_type,
        tin_value
    from {{ ref('stg_flat_rates__provider') }}
    where provider_group_id_raw is not null

)

select distinct
    file_id,
    group_ref,
    npi,
    {{ npi_is_valid('npi') }} as is_valid_npi,
    tin_type,
    tin_value
from published
