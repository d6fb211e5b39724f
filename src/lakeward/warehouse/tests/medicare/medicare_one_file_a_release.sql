-- Of two files of one release one is used: the one released last, else by id. Take the other one out of the configuration.
{{ config(severity='warn') }}

with files as (

    select distinct
        'pfs_rvu' as dataset,
        file_id
    from {{ ref('stg_medicare__pfs_rvu') }}
    union all
    select distinct
        'opps_addendum_b' as dataset,
        file_id
    from {{ ref('stg_medicare__opps_addendum_b') }}
    union all
    select distinct
        dataset,
        file_id
    from {{ ref('stg_medicare__asc_addendum') }}

)

select
    files.dataset,
    files.file_id
from files
left join {{ ref('int_medicare__edition') }} as editions on files.dataset = editions.dataset and files.file_id = editions.file_id
where editions.file_id is null
