with network_group as (

    select * from {{ ref('int_rates__network_group') }}

),

file_group as (

    select
        file_id,
        group_ref,
        release_key,
        pg_uid
    from {{ ref('int_rates__file_group') }}

),

group_member as (

    select * from {{ ref('int_rates__group_member') }}

),

provider as (

    select * from {{ ref('dim_npi') }}

),

practice_location as (

    select * from {{ ref('int_providers__practice_location') }}

),

member as (

    select distinct
        file_group.release_key,
        file_group.pg_uid,
        group_member.npi,
        group_member.is_valid_npi,
        group_member.tin_type,
        group_member.tin_value
    from group_member
    inner join file_group on group_member.file_id = file_group.file_id and group_member.group_ref = file_group.group_ref

),

tin_count as (

    select
        release_key,
        pg_uid,
        max(npi) as highest_published_npi,
        cast(count(distinct concat(coalesce(tin_type, ''), ':', tin_value)) as bigint) as tin_count
    from member
    group by release_key, pg_uid

),

member_npi as (

    select distinct
        member.release_key,
        member.pg_uid,
        member.npi,
        case when provider.npi is not null and provider.status = 'A' then 1 else 0 end as is_active,
        case when provider.enumeration_type = 'NPI-2' then 1 else 0 end as is_organization
    from member
    left join provider on member.npi = provider.npi
    where member.is_valid_npi

),

npi_count as (

    select
        release_key,
        pg_uid,
        cast(count(*) as bigint) as npi_count,
        min(npi) as lowest_npi,
        min(case when is_active = 1 then npi end) as lowest_active_npi,
        min(case when is_active = 1 and is_organization = 1 then npi end) as lowest_organization_npi,
        sum(case when is_active = 1 and is_organization = 1 then 1 else 0 end) as organization_count
    from member_npi
    group by release_key, pg_uid

),

-- One NPI stands for the group in the enriched table, by the first rule that finds one; all members are in the bridge.
chosen as (

    select
        network_group.*,
        coalesce(npi_count.npi_count, case when tin_count.tin_count is not null then 0 end) as npi_count,
        tin_count.tin_count,
        case
            when npi_count.npi_count = 1 then npi_count.lowest_npi
            when npi_count.organization_count = 1 then npi_count.lowest_organization_npi
            when npi_count.organization_count > 1 then npi_count.lowest_organization_npi
            else npi_count.lowest_active_npi
        end as primary_npi,
        case
            when npi_count.npi_count = 1 then 'only_member'
            when npi_count.organization_count = 1 then 'only_organization'
            when npi_count.organization_count > 1 then 'lowest_organization'
            when npi_count.lowest_active_npi is not null then 'lowest_registered'
            when npi_count.npi_count > 1 then 'none_registered'
            when tin_count.highest_published_npi is not null then 'none_valid'
            else 'no_npi_published'
        end as primary_npi_rule
    from network_group
    left join tin_count on network_group.release_key = tin_count.release_key and network_group.pg_uid = tin_count.pg_uid
    left join npi_count on network_group.release_key = npi_count.release_key and network_group.pg_uid = npi_count.pg_uid

)

select
    chosen.network_group_key,
    chosen.pg_uid,
    chosen.npi_count,
    chosen.tin_count,
    chosen.primary_npi_rule,
    chosen.primary_npi as npi,
    provider.first_name,
    provider.last_name,
    provider.organization_name,
    provider.enumeration_type,
    provider.status,
    provider.primary_taxonomy_code,
    provider.primary_taxonomy_desc,
    provider.primary_taxonomy_state,
    provider.primary_taxonomy_license,
    provider.credential,
    provider.sole_proprietor,
    provider.enumeration_date,
    provider.last_updated,
    practice_location.address_purpose,
    practice_location.address_type,
    practice_location.address_1,
    practice_location.address_2,
    practice_location.city,
    practice_location.provider_state,
    practice_location.postal_code,
    practice_location.country_code,
    practice_location.telephone_number,
    practice_location.fax_number,
    practice_location.address_hash,
    practice_location.latitude,
    practice_location.longitude,
    practice_location.county_name,
    practice_location.county_fips,
    practice_location.stat_area_name,
    practice_location.stat_area_code,
    practice_location.geocode_status,
    practice_location.matched_address,
    cast(dense_rank() over (
        order by {{ nulls_first(['provider.primary_taxonomy_code', 'practice_location.stat_area_code', 'chosen.pg_uid']) }}
    ) as int) as group_rank
from chosen
left join provider on chosen.primary_npi = provider.npi
left join practice_location on chosen.primary_npi = practice_location.npi
