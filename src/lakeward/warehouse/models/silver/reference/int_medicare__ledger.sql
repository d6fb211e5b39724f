-- Every published record is read, merged with an equal one, or in quarantine.
{% set datasets = {
    'pfs_rvu': 'stg_medicare__pfs_rvu',
    'gpci': 'stg_medicare__gpci',
    'zip_locality': 'stg_medicare__zip_locality',
    'opps_addendum_b': 'stg_medicare__opps_addendum_b',
    'asc_wage_index': 'stg_medicare__wage_index',
    'rbcs': 'stg_medicare__rbcs',
    'place_of_service': 'stg_medicare__place_of_service',
} -%}
{% set with_repeats = ['pfs_rvu', 'opps_addendum_b'] -%}
with published as (

    {% for dataset in datasets %}
        select
            '{{ dataset }}' as dataset,
            count(*) as row_count
        from {{ source('bronze', 'medicare__' ~ dataset) }}
        union all
    {%- endfor %}
    select
        'asc_addendum_aa' as dataset,
        count(*) as row_count
    from {{ source('bronze', 'medicare__asc_addendum_aa') }}
    union all
    select
        'asc_addendum_bb' as dataset,
        count(*) as row_count
    from {{ source('bronze', 'medicare__asc_addendum_bb') }}

),

accepted as (

    {% for dataset, model in datasets.items() %}
        select
            '{{ dataset }}' as dataset,
            count({{ 'case when not is_repeat then 1 end' if dataset in with_repeats else '*' }}) as row_count,
            count({{ 'case when is_repeat then 1 end' if dataset in with_repeats else 'null' }}) as repeat_count
        from {{ ref(model) }}
        where reject_reasons is null
        union all
    {%- endfor %}
    select
        dataset,
        count(case when not is_repeat then 1 end) as row_count,
        count(case when is_repeat then 1 end) as repeat_count
    from {{ ref('stg_medicare__asc_addendum') }}
    where reject_reasons is null
    group by dataset

),

quarantined as (

    select
        dataset,
        count(*) as row_count
    from {{ ref('quarantine_medicare_record') }}
    group by dataset

),

step as (

    select
        published.dataset,
        published.row_count as rows_in,
        coalesce(accepted.row_count, 0) as rows_out,
        coalesce(accepted.repeat_count, 0) as rows_merged,
        coalesce(quarantined.row_count, 0) as rows_quarantined
    from published
    left join accepted on published.dataset = accepted.dataset
    left join quarantined on published.dataset = quarantined.dataset

)

select
    'medicare_records' as step,
    'all' as slice,
    concat('medicare__', dataset) as table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(rows_quarantined as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(null as bigint) as keys_in,
    cast(null as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_out + rows_quarantined + rows_merged as balanced
from step
