{% set models = {
    'pfs_rvu': ('stg_medicare__pfs_rvu', 'code'),
    'gpci': ('stg_medicare__gpci', 'mac'),
    'zip_locality': ('stg_medicare__zip_locality', 'zip_code'),
    'opps_addendum_b': ('stg_medicare__opps_addendum_b', 'code'),
    'asc_addendum': ('stg_medicare__asc_addendum', 'code'),
    'asc_wage_index': ('stg_medicare__wage_index', 'area_code'),
    'rbcs': ('stg_medicare__rbcs', 'code'),
    'place_of_service': ('stg_medicare__place_of_service', 'place_of_service_code'),
} -%}
{% for dataset, model in models.items() %}
    select
        {{ 'dataset' if dataset == 'asc_addendum' else "'" ~ dataset ~ "' as dataset" }},
        file_id,
        source_record,
        {{ model[1] }} as record_key,
        reject_reasons
    from {{ ref(model[0]) }}
    where reject_reasons is not null
    {% if not loop.last %}union all{% endif %}
{%- endfor %}
