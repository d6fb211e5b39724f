with release_file as (

    select * from {{ ref('int_rates__release') }}

),

member as (

    select * from {{ ref('int_rates__group_member') }}

),

-- The content of a group: for each TIN in order its NPIs in order, so that neither the order nor the grouping of the published
-- objects matters.
tin_content as (

    select
        file_id,
        group_ref,
        concat(coalesce(tin_type, ''), ':', coalesce(tin_value, ''), '/', {{ list_join(collect_sorted('npi'), ',') }}) as tin_text
    from member
    group by file_id, group_ref, tin_type, tin_value

),

content as (

    select
        file_id,
        group_ref,
        {{ md5_text(list_join(collect_sorted('tin_text'), ';')) }} as content_hash
    from tin_content
    group by file_id, group_ref

),

used as (

    select
        group_set.file_id,
        concat('reference:', reference_of.provider_reference_id) as group_ref
    from {{ ref('stg_mrf__group_set') }} as group_set
    {{ explode('group_set.provider_reference_ids', 'reference_of', 'provider_reference_id') }}
    union
    select
        file_id,
        concat('reference:', provider_reference_id) as group_ref
    from {{ ref('stg_mrf__provider_reference') }}
    union
    select
        file_id,
        concat('inline:', cast(inline_group_id as string)) as group_ref
    from {{ ref('stg_mrf__group_set') }}
    where inline_group_id is not null
    union
    select
        file_id,
        concat('reference:', provider_group_id_raw) as group_ref
    from {{ ref('stg_flat_rates__published') }}
    where provider_group_id_raw is not null
    union
    select
        file_id,
        concat('reference:', provider_group_id_raw) as group_ref
    from {{ ref('stg_flat_rates__provider') }}
    where provider_group_id_raw is not null

),

network_of as (

    select
        reference_network.file_id,
        concat('reference:', reference_network.provider_reference_id) as group_ref,
        {{ list_join(collect_sorted('network_of.network_name'), '|') }} as network_name
    from {{ ref('stg_mrf__provider_reference') }} as reference_network
    {{ explode('reference_network.network_names', 'network_of', 'network_name') }}
    group by reference_network.file_id, reference_network.provider_reference_id

),

identified as (

    select
        release_file.file_key,
        release_file.release_id,
        release_file.release_key,
        release_file.payer_slug,
        release_file.version,
        release_file.year_month,
        used.file_id,
        used.group_ref,
        content.content_hash,
        nullif(network_of.network_name, '') as network_name,
        case when used.group_ref like 'reference:%' then substr(used.group_ref, 11) end as provider_group_id_raw
    from used
    inner join release_file on used.file_id = release_file.file_id
    left join content on used.file_id = content.file_id and used.group_ref = content.group_ref
    left join network_of on used.file_id = network_of.file_id and used.group_ref = network_of.group_ref

),

-- Ids are local to a file. Where the files of a release give one id different members, the content joins the identity.
conflict as (

    select
        release_key,
        version,
        provider_group_id_raw,
        min(coalesce(content_hash, '')) < max(coalesce(content_hash, '')) as is_ambiguous
    from identified
    where provider_group_id_raw is not null
    group by release_key, version, provider_group_id_raw

),

resolved as (

    select
        identified.*,
        case
            when identified.provider_group_id_raw is null or conflict.is_ambiguous then identified.content_hash
        end as content_part
    from identified
    left join conflict
        on
            identified.release_key = conflict.release_key
            and identified.version is not distinct from conflict.version
            and identified.provider_group_id_raw = conflict.provider_group_id_raw

)

select
    file_key,
    file_id,
    group_ref,
    release_id,
    release_key,
    payer_slug,
    version,
    year_month,
    provider_group_id_raw,
    network_name,
    content_hash,
    {{ md5_text("concat(coalesce(payer_slug, ''), '|', coalesce(version, ''), '|', coalesce(provider_group_id_raw, ''), '|', "
        ~ "coalesce(content_part, ''))") }} as pg_uid
from resolved
