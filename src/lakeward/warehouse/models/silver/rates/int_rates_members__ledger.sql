-- Members as they were read against members as they stand. Each side is counted without the other's joins, so that a member whose
-- group leads nowhere, or to two places, shows.
with release_file as (

    select * from {{ ref('int_rates__release') }}

),

member as (

    select group_member.*
    from {{ ref('int_rates__group_member') }} as group_member
    where group_member.file_id in (select release_file.file_id from release_file)

),

placed as (

    select
        member.npi,
        member.is_valid_npi,
        member.tin_value
    from member
    inner join {{ ref('int_rates__file_group') }} as file_group
        on member.file_id = file_group.file_id and member.group_ref = file_group.group_ref

),

counted as (

    select
        'member_npi' as step,
        'in' as side,
        cast(count(npi) as bigint) as row_count,
        cast(count(distinct case when is_valid_npi then npi end) as bigint) as key_count
    from member
    union all
    select
        'member_npi' as step,
        'placed' as side,
        cast(count(npi) as bigint) as row_count,
        cast(0 as bigint) as key_count
    from placed
    union all
    select
        'member_npi' as step,
        'out' as side,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct npi) as bigint) as key_count
    from {{ ref('xref_pg_member_npi') }}
    union all
    select
        'member_npi' as step,
        'quarantined' as side,
        cast(count(*) as bigint) as row_count,
        cast(0 as bigint) as key_count
    from {{ ref('quarantine_provider_member') }}
    union all
    select
        'member_tin' as step,
        'in' as side,
        cast(count(tin_value) as bigint) as row_count,
        cast(count(distinct tin_value) as bigint) as key_count
    from member
    union all
    select
        'member_tin' as step,
        'placed' as side,
        cast(count(tin_value) as bigint) as row_count,
        cast(0 as bigint) as key_count
    from placed
    union all
    select
        'member_tin' as step,
        'out' as side,
        cast(count(*) as bigint) as row_count,
        cast(count(distinct tin_value) as bigint) as key_count
    from {{ ref('xref_pg_member_tin') }}

),

step as (

    select
        step,
        cast(sum(case when side = 'in' then row_count else 0 end) as bigint) as rows_in,
        cast(sum(case when side = 'placed' then row_count else 0 end) as bigint) as rows_placed,
        cast(sum(case when side = 'out' then row_count else 0 end) as bigint) as rows_out,
        cast(sum(case when side = 'quarantined' then row_count else 0 end) as bigint) as rows_quarantined,
        cast(sum(case when side = 'in' then key_count else 0 end) as bigint) as keys_in,
        cast(sum(case when side = 'out' then key_count else 0 end) as bigint) as keys_out
    from counted
    group by step

)

select
    step,
    'all' as slice,
    case when step = 'member_npi' then 'xref_pg_member_npi' else 'xref_pg_member_tin' end as table_name,
    rows_in,
    rows_out,
    rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    -- Of what found its place: a member that other files, months or objects of its group name too.
    rows_placed - rows_out - rows_quarantined as rows_merged,
    keys_in,
    keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_placed and rows_placed >= rows_out + rows_quarantined and keys_in = keys_out as balanced
from step
