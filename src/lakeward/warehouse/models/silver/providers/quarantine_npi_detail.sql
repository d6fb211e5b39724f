{%- set datasets = ['secondary_practice_location', 'other_name', 'endpoint', 'deactivation'] -%}
with

known_provider as (

    select npi from {{ ref('int_providers__version') }}
    where is_current

),

{% for dataset in datasets %}
    {{ dataset }} as (

        select
            '{{ dataset }}' as dataset,
            npi,
            reject_reasons,
            source_file_id,
            source_record
        from {{ ref('stg_nppes__' ~ dataset) }}

    ),

{% endfor %}
rejected as (

    {% for dataset in datasets %}
        select *
        from {{ dataset }}
        where reject_reasons <> ''
        union all
    {% endfor %}
    {# The report stands for itself: its NPIs need no record. -#}
    {% for dataset in datasets[:3] %}
        select
            {{ dataset }}.dataset,
            {{ dataset }}.npi,
            'npi_not_in_registry' as reject_reasons,
            {{ dataset }}.source_file_id,
            {{ dataset }}.source_record
        from {{ dataset }}
        left join known_provider on {{ dataset }}.npi = known_provider.npi
        where {{ dataset }}.reject_reasons = '' and known_provider.npi is null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    npi,
    dataset,
    split(reject_reasons, ',') as reasons,
    source_file_id,
    source_record
from rejected
