with

published as (

    select count(*) as row_count
    from {{ ref('stg_census__value') }}
    where geography_level in ('state', 'county')

),

used as (

    select
        geography_level,
        max(acs_year) as acs_year
    from {{ ref('int_census__figure') }}
    group by geography_level

),

superseded as (

    select count(*) as row_count
    from {{ ref('stg_census__value') }} as older
    inner join used
        on older.geography_level = used.geography_level and older.acs_year < used.acs_year

),

repeated as (

    select count(*) as row_count
    from {{ ref('stg_census__value') }} as loaded
    inner join {{ ref('int_census__figure') }} as figure
        on
            loaded.geography_level = figure.geography_level
            and loaded.geography_id = figure.geography_id
            and loaded.variable = figure.variable
            and loaded.acs_year = figure.acs_year
    where loaded.source_file_id <> figure.source_file_id or loaded.source_record <> figure.source_record

),

figure as (

    select
        count(*) as row_count,
        count(distinct case when geography_level = 'county' then geography_id end) as county_count,
        count(distinct case when geography_level = 'state' then geography_id end) as state_count
    from {{ ref('int_census__figure') }}

),

county as (

    select
        count(*) as row_count,
        count(distinct county_fips) as key_count
    from {{ ref('int_census__county') }}

),

state as (

    select
        count(*) as row_count,
        count(distinct state_fips) as key_count
    from {{ ref('int_census__state') }}

),

step as (

    select
        'census_figure' as step,
        'int_census__figure' as table_name,
        published.row_count as rows_in,
        figure.row_count as rows_out,
        superseded.row_count + repeated.row_count as rows_merged,
        cast(null as bigint) as keys_in,
        cast(null as bigint) as keys_out
    from published
    cross join figure
    cross join superseded
    cross join repeated
    union all
    select
        'census_county' as step,
        'int_census__county' as table_name,
        figure.county_count as rows_in,
        county.row_count as rows_out,
        0 as rows_merged,
        figure.county_count as keys_in,
        county.key_count as keys_out
    from figure
    cross join county
    union all
    select
        'census_state' as step,
        'int_census__state' as table_name,
        figure.state_count as rows_in,
        state.row_count as rows_out,
        0 as rows_merged,
        figure.state_count as keys_in,
        state.key_count as keys_out
    from figure
    cross join state

)

select
    step,
    'all' as slice,
    table_name,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(0 as bigint) as rows_quarantined,
    cast(0 as bigint) as rows_exploded,
    cast(rows_merged as bigint) as rows_merged,
    cast(keys_in as bigint) as keys_in,
    cast(keys_out as bigint) as keys_out,
    cast(null as decimal(38, 6)) as money_in,
    cast(null as decimal(38, 6)) as money_out,
    cast(null as decimal(38, 6)) as money_quarantined,
    rows_in = rows_out + rows_merged and coalesce(keys_in = keys_out, true) as balanced
from step
