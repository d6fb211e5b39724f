with file_group as (

    select * from {{ ref('int_rates__file_group') }}

),

npi_member as (

    select
        pg_uid,
        cast(count(*) as bigint) as npi_count
    from {{ ref('xref_pg_member_npi') }}
    group by pg_uid

),

tin_member as (

    select
        pg_uid,
        cast(count(*) as bigint) as tin_count
    from {{ ref('xref_pg_member_tin') }}
    group by pg_uid

),

described as (

    select
        pg_uid,
        min(payer_slug) as payer_slug,
        min(provider_group_id_raw) as provider_group_id_raw,
        min(version) as version,
        max(case when provider_group_id_raw is null then 1 else 0 end) as is_inline,
        max(case when content_hash is not null then 1 else 0 end) as has_members,
        {{ collect_sorted('network_name') }} as network_names,
        min(year_month) as first_year_month,
        max(year_month) as last_year_month
    from file_group
    group by pg_uid

)

select
    described.pg_uid,
    described.payer_slug,
    described.provider_group_id_raw,
    described.version,
    nullif({{ list_join('described.network_names', '|') }}, '') as network_name,
    described.is_inline = 1 as is_inline,
    case when described.has_members = 1 then coalesce(npi_member.npi_count, 0) end as npi_count,
    case when described.has_members = 1 then coalesce(tin_member.tin_count, 0) end as tin_count,
    described.first_year_month,
    described.last_year_month
from described
left join npi_member on described.pg_uid = npi_member.pg_uid
left join tin_member on described.pg_uid = tin_member.pg_uid
