with file_group as (

    select distinct
        file_id,
        group_ref,
        payer_slug,
        release_id,
        year_month,
        pg_uid
    from {{ ref('int_rates__file_group') }}

),

released as (

    select
        release_id,
        min(state) as state
    from {{ ref('int_rates__release') }}
    group by release_id

),

member as (

    select * from {{ ref('int_rates__group_member') }}
    where is_valid_npi

),

provider as (

    select * from {{ ref('dim_npi') }}

),

practice_location as (

    select * from {{ ref('int_providers__practice_location') }}

),

placed as (

    select
        file_group.payer_slug,
        released.state,
        file_group.year_month,
        practice_location.stat_area_code,
        practice_location.stat_area_name,
        provider.primary_taxonomy_code,
        provider.primary_taxonomy_desc,
        file_group.pg_uid,
        member.npi,
        case when member.tin_value is not null then concat(coalesce(member.tin_type, ''), ':', member.tin_value) end as tin,
        case when provider.npi is not null then member.npi end as registered_npi
    from member
    inner join file_group on member.file_id = file_group.file_id and member.group_ref = file_group.group_ref
    inner join released on file_group.release_id = released.release_id
    left join provider on member.npi = provider.npi
    left join practice_location on member.npi = practice_location.npi

)

select
    payer_slug,
    state,
    year_month,
    stat_area_code,
    min(stat_area_name) as stat_area_name,
    primary_taxonomy_code,
    min(primary_taxonomy_desc) as primary_taxonomy_desc,
    cast(count(distinct pg_uid) as bigint) as provider_group_count,
    cast(count(distinct npi) as bigint) as npi_count,
    cast(count(distinct tin) as bigint) as tin_count,
    cast(count(distinct registered_npi) as bigint) as registered_npi_count
from placed
group by payer_slug, state, year_month, stat_area_code, primary_taxonomy_code
