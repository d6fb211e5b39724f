with file_group as (

    select * from {{ ref('int_rates__file_group') }}

),

member as (

    select * from {{ ref('int_rates__group_member') }}

)

select
    file_group.pg_uid,
    member.tin_type,
    member.tin_value,
    min(file_group.year_month) as first_year_month,
    max(file_group.year_month) as last_year_month
from member
inner join file_group on member.file_id = file_group.file_id and member.group_ref = file_group.group_ref
where member.tin_value is not null
group by file_group.pg_uid, member.tin_type, member.tin_value
