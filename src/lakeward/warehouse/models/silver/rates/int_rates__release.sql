with input as (

    select * from {{ ref('stg_lake__rates_input') }}

),

header as (

    select
        file_id,
        reporting_entity_name,
        last_updated_on,
        version
    from {{ ref('stg_mrf__header') }}
    union all
    select
        file_id,
        min(reporting_entity_name) as reporting_entity_name,
        min(last_updated_on) as last_updated_on,
        min(version) as version
    from {{ ref('stg_flat_rates__published') }}
    group by file_id

),

identified as (

    select
        header.file_id,
        input.kind,
        input.state,
        input.in_scope,
        header.reporting_entity_name,
        header.last_updated_on,
        header.version,
        coalesce(input.payer_slug, {{ payer_slug('header.reporting_entity_name') }}) as payer_slug,
        coalesce(input.year_month, {{ year_month('header.last_updated_on') }}) as year_month
    from header
    inner join input on header.file_id = input.file_id

),

named as (

    select
        *,
        concat(coalesce(payer_slug, 'unknown'), '.', coalesce(lower(state), 'us'), '.', coalesce(year_month, 'undated')) as release_id,
        {{ broken_rules('release') }} as reasons
    from identified

)

select
    file_id,
    cast(row_number() over (order by file_id) as int) as file_key,
    release_id,
    cast(dense_rank() over (order by release_id) as int) as release_key,
    payer_slug,
    state,
    year_month,
    reporting_entity_name,
    version,
    last_updated_on,
    kind,
    in_scope,
    reasons
from named
