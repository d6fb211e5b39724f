with

published as (

    select * from {{ ref('stg_census__value') }}
    where geography_level in ('state', 'county')

),

-- Every release covers five years, four of which its neighbours cover too: figures of two releases are never mixed.
newest as (

    select
        geography_level,
        max(acs_year) as acs_year
    from published
    group by geography_level

),

-- The same table may be loaded from an export and from the API; a figure that is there comes before a missing one.
ranked as (

    select
        published.*,
        row_number() over (
            partition by published.geography_level, published.geography_id, published.variable
            order by
                case when published.estimate is null then 1 else 0 end,
                published.source_file_id desc,
                published.source_record desc
        ) as choice
    from published
    inner join newest
        on
            published.geography_level = newest.geography_level
            and published.acs_year = newest.acs_year

),

chosen as (

    select
        geography_level,
        geography_id,
        variable,
        acs_year,
        geography_name,
        is_margin_of_error,
        estimate,
        missing_reason,
        source_file_id,
        source_record
    from ranked
    where choice = 1

)

select * from chosen
