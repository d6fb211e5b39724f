-- Equal prices are counted together first: providers of an area share fee schedules, so few rows are left of many, and a
-- median over counts needs no list of all values in memory.
with counted_rate as (

    select
        payer_slug,
        coalesce(state, '') as state_or_none,
        year_month,
        stat_area_code,
        primary_taxonomy_code,
        round(rate_to_medicare_ratio, 4) as medicare_ratio,
        cast(count(*) as bigint) as price_count,
        min(stat_area_name) as stat_area_name
    from {{ ref('int_rates__rate_lake') }}
    where billing_class = 'professional' and stat_area_code is not null
    group by
        payer_slug, coalesce(state, ''), year_month, stat_area_code, primary_taxonomy_code,
        round(rate_to_medicare_ratio, 4)

),

-- One release a payer and state, the newest, so that a price that stood for a year does not count twelve times.
newest_release as (

    select
        payer_slug,
        state_or_none,
        max(year_month) as year_month
    from counted_rate
    group by payer_slug, state_or_none

),

current_rate as (

    select counted_rate.*
    from counted_rate
    inner join newest_release
        on
            counted_rate.payer_slug = newest_release.payer_slug
            and counted_rate.state_or_none = newest_release.state_or_none
            and counted_rate.year_month = newest_release.year_month

),

specialty as (

    select distinct
        specialty_group,
        taxonomy_code
    from {{ ref('seed_specialty_group') }}

),

area as (

    select
        stat_area_code,
        min(stat_area_name) as stat_area_name
    from current_rate
    group by stat_area_code

),

specialty_group as (

    select distinct specialty_group from specialty

),

cell as (

    select
        area.stat_area_code,
        area.stat_area_name,
        specialty_group.specialty_group
    from area
    cross join specialty_group

),

-- A specialty may be in several groups, a psychiatrist in psychiatry and in mental health: such a price counts in each.
priced as (

    select
        current_rate.stat_area_code,
        specialty.specialty_group,
        current_rate.payer_slug,
        current_rate.year_month,
        current_rate.medicare_ratio,
        current_rate.price_count
    from current_rate
    inner join specialty on current_rate.primary_taxonomy_code = specialty.taxonomy_code
    where current_rate.medicare_ratio is not null

),

price as (

    select
        stat_area_code,
        specialty_group,
        cast(sum(price_count) as bigint) as price_count,
        cast(count(distinct payer_slug) as bigint) as payer_count,
        min(year_month) as first_year_month,
        max(year_month) as last_year_month
    from priced
    group by stat_area_code, specialty_group

),

ratio as (

    select
        stat_area_code,
        specialty_group,
        medicare_ratio,
        sum(price_count) as price_count
    from priced
    group by stat_area_code, specialty_group, medicare_ratio

),

running_count as (

    select
        *,
        sum(price_count) over (partition by stat_area_code, specialty_group) as all_count,
        sum(price_count) over (
            partition by stat_area_code, specialty_group order by medicare_ratio
            rows between unbounded preceding and current row
        ) as count_up_to
    from ratio

),

-- The middle price, or the mean of the two in the middle.
middle_price as (

    select
        stat_area_code,
        specialty_group,
        round((
            min(case when 2 * count_up_to >= all_count then medicare_ratio end)
            + min(case when 2 * count_up_to > all_count then medicare_ratio end)
        ) / 2, 6) as medicare_ratio_p50
    from running_count
    group by stat_area_code, specialty_group

),

density as (

    select * from {{ ref('mart_specialty_gap') }}
    where region_level = 'stat_area'

),

-- The mean over the people of the area, not over its counties.
access as (

    select
        dim_county.stat_area_code,
        mart_provider_access.specialty_group,
        round(
            sum(mart_provider_access.access_per_100000 * mart_provider_access.population)
            / cast(sum(mart_provider_access.population) as double), 6
        ) as access_per_100000
    from {{ ref('mart_provider_access') }} as mart_provider_access
    inner join {{ ref('dim_county') }} as dim_county on mart_provider_access.county_fips = dim_county.county_fips
    where mart_provider_access.access_per_100000 is not null and mart_provider_access.population > 0
    group by dim_county.stat_area_code, mart_provider_access.specialty_group

),

measured as (

    select
        cell.*,
        coalesce(price.price_count, 0) as price_count,
        coalesce(price.payer_count, 0) as payer_count,
        price.first_year_month,
        price.last_year_month,
        middle_price.medicare_ratio_p50,
        density.providers_per_100000,
        density.population,
        access.access_per_100000,
        coalesce(density.coverage_status, 'no_population') as coverage_status,
        -- Of an area that is covered in part, prices are of the whole and providers of the part: no comparison.
        middle_price.medicare_ratio_p50 is not null
        and density.providers_per_100000 is not null
        and density.coverage_status = 'covered' as has_both
    from cell
    left join price on cell.stat_area_code = price.stat_area_code and cell.specialty_group = price.specialty_group
    left join middle_price
        on cell.stat_area_code = middle_price.stat_area_code and cell.specialty_group = middle_price.specialty_group
    left join density on cell.stat_area_code = density.region_id and cell.specialty_group = density.specialty_group
    left join access on cell.stat_area_code = access.stat_area_code and cell.specialty_group = access.specialty_group

),

middle as (

    select
        specialty_group,
        cast(count(*) as bigint) as areas_compared,
        round({{ percentile('medicare_ratio_p50', 0.5) }}, 6) as middle_ratio,
        round({{ percentile('providers_per_100000', 0.5) }}, 6) as middle_density
    from measured
    where has_both
    group by specialty_group

),

status as (

    select
        measured.*,
        middle.areas_compared,
        middle.middle_ratio,
        middle.middle_density,
        case
            when measured.price_count = 0 then 'no_comparable_price'
            when not measured.has_both then measured.coverage_status
            when middle.areas_compared < 2 then 'one_area_only'
            else 'compared'
        end as comparison_status
    from measured
    left join middle on measured.specialty_group = middle.specialty_group

),

ranked as (

    select
        *,
        rank() over (
            partition by specialty_group, comparison_status order by medicare_ratio_p50 desc
        ) as place_from_dearest,
        rank() over (
            partition by specialty_group, comparison_status order by providers_per_100000 asc
        ) as place_from_sparsest
    from status

)

select
    stat_area_code,
    stat_area_name,
    specialty_group,
    price_count,
    payer_count,
    first_year_month,
    last_year_month,
    medicare_ratio_p50,
    population,
    providers_per_100000,
    access_per_100000,
    coverage_status,
    comparison_status,
    case when comparison_status = 'compared' then areas_compared end as areas_compared,
    cast(case when comparison_status = 'compared' then place_from_dearest end as bigint) as price_rank,
    cast(case when comparison_status = 'compared' then place_from_sparsest end as bigint) as density_rank,
    case
        when comparison_status = 'compared' then concat(
            case when medicare_ratio_p50 > middle_ratio then 'high_price' else 'low_price' end,
            case when providers_per_100000 < middle_density then '_low_supply' else '_high_supply' end
        )
    end as quadrant
from ranked
