{%- set bases = {
    'all_registrations': ('providers_registered + organizations_registered', 'registrations'),
    'individuals': ('providers_registered', 'individuals'),
    'fractional': ('providers_fractional', 'fractional'),
} -%}
{%- set key = ['county_fips', 'discipline', 'denominator_basis'] -%}
with

density as (

    select * from {{ ref('mart_provider_density') }}
    where geography_level = 'county'

),

open_supply as (

    select * from {{ ref('int_providers__open_supply') }}

),

threshold as (

    select * from {{ ref('seed_shortage_threshold') }}

),

need as (

    select * from {{ ref('int_providers__county_need') }}

),

supply as (

    {% for basis, (placed, open) in bases.items() -%}
        select
            density.geography_id as county_fips,
            density.geography_name as county_name,
            density.state,
            density.specialty_group,
            '{{ basis }}' as denominator_basis,
            density.population,
            density.population_year,
            density.coverage_status,
            cast(density.{{ placed | replace(' + ', ' + density.') }} as double) as providers,
            cast(density.{{ placed | replace(' + ', ' + density.') }} + coalesce(open_supply.{{ open }}, 0) as double)
                as providers_possible
        from density
        left join open_supply
            on
                density.geography_id = open_supply.county_fips
                and density.specialty_group = open_supply.specialty_group
        {% if not loop.last -%} union all {%- endif %}
    {% endfor %}

),

-- One row per county, basis and line of the thresholds. Multiplied rather than divided: no provider at all is past every limit.
compared as (

    select
        supply.*,
        threshold.discipline,
        threshold.gap_rule,
        threshold.rule_order,
        threshold.is_main_group,
        threshold.is_size_rule,
        threshold.threshold,
        supply.population >= threshold.threshold * supply.providers as is_past,
        supply.population >= threshold.threshold * supply.providers_possible as is_past_if_all_open,
        case
            when threshold.is_high_need_exclusive then supply.population > threshold.high_need_threshold * supply.providers
            else supply.population >= threshold.high_need_threshold * supply.providers
        end as is_past_high_need
    from supply
    inner join threshold on supply.specialty_group = threshold.specialty_group

),

-- A rule holds when all of its lines do.
rule as (

    select
        {{ key | join(', ') }},
        gap_rule,
        rule_order,
        min(case when is_past then 1 else 0 end) = 1 as holds,
        min(case when is_past_if_all_open then 1 else 0 end) = 1 as holds_if_all_open,
        min(case when is_past_high_need then 1 else 0 end) = 1 as holds_high_need
    from compared
    group by {{ key | join(', ') }}, gap_rule, rule_order

),

verdict as (

    select
        {{ key | join(', ') }},
        max(case when holds then 1 else 0 end) = 1 as is_gap,
        max(case when holds_if_all_open then 1 else 0 end) = 1 as is_gap_certain,
        max(case when holds_high_need then 1 else 0 end) = 1 as is_past_high_need,
        min(case when holds then rule_order end) as first_rule
    from rule
    group by {{ key | join(', ') }}

),

-- What is counted, and the limit that sizes the shortage.
counted as (

    select
        {{ key | join(', ') }},
        max(county_name) as county_name,
        max(state) as state,
        max(population) as population,
        max(population_year) as population_year,
        max(coverage_status) as coverage_status,
        max(case when is_main_group then providers end) as providers,
        max(case when is_main_group then providers_possible end) as providers_possible,
        max(case when not is_main_group then providers end) as psychiatrists,
        max(case when is_main_group and is_size_rule then threshold end) as threshold,
        max(case when not is_main_group and is_size_rule then threshold end) as psychiatrist_threshold
    from compared
    group by {{ key | join(', ') }}

),

joined as (

    select
        counted.*,
        need.is_high_need,
        counted.coverage_status = 'covered' as is_covered,
        verdict.is_gap,
        verdict.is_gap_certain,
        verdict.is_past_high_need,
        rule.gap_rule
    from counted
    inner join verdict
        on
            counted.county_fips = verdict.county_fips
            and counted.discipline = verdict.discipline
            and counted.denominator_basis = verdict.denominator_basis
    left join rule
        on
            verdict.county_fips = rule.county_fips
            and verdict.discipline = rule.discipline
            and verdict.denominator_basis = rule.denominator_basis
            and verdict.first_rule = rule.rule_order
    left join need on counted.county_fips = need.county_fips and counted.discipline = need.discipline

),

-- Fewest providers a head first; among counties without any, the most people first. Equal counties share a place.
ranked as (

    select
        {{ key | join(', ') }},
        rank() over (
            partition by discipline, denominator_basis
            order by providers / cast(population as double) asc, population desc
        ) as rank_in_nation
    from joined
    where is_covered

),

spread as (

    select
        county_fips,
        discipline,
        min(rank_in_nation) as rank_worst,
        max(rank_in_nation) as rank_best
    from ranked
    group by county_fips, discipline

),

agreement as (

    select
        county_fips,
        discipline,
        min(case when is_gap then 1 else 0 end) = max(case when is_gap then 1 else 0 end) as is_gap_stable
    from joined
    group by county_fips, discipline

),

field_size as (

    select
        discipline,
        count(*) as counties_ranked
    from spread
    group by discipline

)

select
    joined.county_fips,
    joined.county_name,
    joined.state,
    joined.discipline,
    joined.denominator_basis,
    joined.providers,
    joined.providers_possible,
    joined.psychiatrists,
    joined.population,
    cast(joined.population_year as int) as population_year,
    case when joined.is_covered and joined.providers > 0 then round(cast(joined.population as double) / joined.providers, 6) end
        as population_per_provider,
    cast(joined.threshold as bigint) as threshold_population_per_provider,
    case
        when not joined.is_covered then null
        when joined.providers > 0 then false
        when joined.providers_possible = 0 then true
    end as has_no_provider,
    case when joined.is_covered then joined.is_gap end as is_gap,
    case when joined.is_covered then joined.gap_rule end as gap_rule,
    case when joined.is_covered then joined.is_gap_certain end as is_gap_certain,
    joined.is_high_need,
    joined.is_high_need is not null as high_need_known,
    case when joined.is_covered then joined.is_past_high_need and joined.is_high_need end as is_high_need_gap,
    case
        when not joined.is_covered then null
        when joined.is_gap
            then round(greatest(cast(joined.population as double) / cast(joined.threshold as double) - joined.providers, 0), 6)
        else 0
    end as providers_short,
    case
        when not joined.is_covered or joined.psychiatrist_threshold is null then null
        when joined.is_gap
            then
                round(
                    greatest(
                        cast(joined.population as double) / cast(joined.psychiatrist_threshold as double) - joined.psychiatrists, 0
                    ), 6
                )
        else 0
    end as psychiatrists_short,
    cast(ranked.rank_in_nation as bigint) as rank_in_nation,
    cast(spread.rank_best as bigint) as rank_best,
    cast(spread.rank_worst as bigint) as rank_worst,
    cast(spread.rank_best - spread.rank_worst as bigint) as rank_spread,
    case
        when ranked.rank_in_nation is not null
            then 100 * (spread.rank_best - spread.rank_worst) <= {{ var('stable_rank_max_pct') }} * field_size.counties_ranked
    end as is_rank_stable,
    case when joined.is_covered then agreement.is_gap_stable end as is_gap_stable,
    cast(field_size.counties_ranked as bigint) as counties_ranked,
    joined.coverage_status,
    'screening flag; registrations, not full-time equivalents; not a HRSA designation' as statement
from joined
left join ranked
    on
        joined.county_fips = ranked.county_fips
        and joined.discipline = ranked.discipline
        and joined.denominator_basis = ranked.denominator_basis
left join spread on joined.county_fips = spread.county_fips and joined.discipline = spread.discipline
left join agreement on joined.county_fips = agreement.county_fips and joined.discipline = agreement.discipline
left join field_size on joined.discipline = field_size.discipline
