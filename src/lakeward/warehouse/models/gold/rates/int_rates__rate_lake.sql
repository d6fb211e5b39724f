{{ config(materialized='view') }}

-- Marts look over the whole lake: the releases of this run, and the published rows of every other release.
{%- set columns = ['payer_slug', 'state', 'year_month', 'release_id', 'billing_class', 'code_type', 'code', 'billing_code_modifier',
    'setting', 'negotiation_arrangement', 'rate_unit', 'stat_area_code', 'stat_area_name', 'pg_uid', 'negotiated_rate',
    'rate_to_medicare_ratio', 'primary_taxonomy_code'] %}
with built as (

    select * from {{ ref('fact_rate_enriched') }}

),

published as (

    select * from {{ source('published', 'fact_rate_enriched') }}

)

select
    {{ columns | join(',\n    ') }}
from built
union all
select
    {{ columns | join(',\n    ') }}
from published
