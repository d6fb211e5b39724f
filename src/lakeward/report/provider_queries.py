"""The questions that the provider report asks of the lake: covered counties, their gaps, densities and coverage.

In: nothing. Out: one SELECT per dataset of the report. Only covered counties are named; the others are counted.
"""

GAP, DENSITY = "mart_provider_gap", "mart_provider_density"
STATE, COUNTY, REGISTRY = "mart_state_profile", "dim_county", "dim_npi"
TABLES = (GAP, DENSITY, STATE, COUNTY, REGISTRY)

CERTAIN, POSSIBLE, NO_GAP = "certain gap", "possible gap", "no gap"

_COUNTIES = f"""
with covered as (
    select distinct county_fips, county_name, state, population from {GAP} where coverage_status = 'covered'
)

-- The most people first, so that small circles are drawn over large ones.
select covered.county_fips, coalesce(covered.county_name, covered.county_fips) as county_name, covered.state,
    covered.population, round(place.latitude, 4) as latitude, round(place.longitude, 4) as longitude
from covered
left join {COUNTY} as place on covered.county_fips = place.county_fips
order by covered.population desc, covered.county_fips
"""  # noqa: S608

_GAPS = f"""
select county_fips, discipline, denominator_basis, round(providers, 2) as providers,
    round(providers_possible, 2) as providers_possible, round(psychiatrists, 2) as psychiatrists,
    round(providers_short, 2) as providers_short, round(psychiatrists_short, 2) as psychiatrists_short,
    rank_in_nation, rank_worst, rank_best, is_rank_stable,
    case when is_gap and is_gap_certain then '{CERTAIN}' when is_gap then '{POSSIBLE}' else '{NO_GAP}' end as verdict
from {GAP}
where coverage_status = 'covered'
order by discipline, denominator_basis, rank_in_nation, county_fips
"""  # noqa: S608

_LEFT_OUT = f"""
select coverage_status, count(distinct county_fips) as counties
from {GAP}
where coverage_status <> 'covered'
group by coverage_status
order by coverage_status
"""  # noqa: S608

_DENSITY = f"""
select density.state, coalesce(profile.state_name, density.state) as state_name, density.specialty_group,
    density.providers_registered, density.organizations_registered,
    round(density.providers_per_100000, 2) as providers_per_100000,
    round(density.population_per_provider, 0) as population_per_provider
from {DENSITY} as density
left join {STATE} as profile on density.state = profile.state
where density.geography_level = 'state' and density.coverage_status = 'covered'
order by density.state, density.specialty_group
"""  # noqa: S608

_STATES = f"""
select state, state_name, coverage_status, counties, population, individuals_active,
    round(registered_per_100000, 1) as registered_per_100000, unplaced_providers,
    round(unplaced_share_pct, 2) as unplaced_share_pct
from {STATE}
order by coverage_status <> 'covered', state
"""  # noqa: S608

DATASETS = {
    "counties": _COUNTIES,
    "gaps": _GAPS,
    "left_out": _LEFT_OUT,
    "density": _DENSITY,
    "states": _STATES,
}

RELEASES = f"""
with place as (select * from {COUNTY} where coalesce(is_current, true))

select
    (select cast(max(registry_as_of_date) as varchar) from {REGISTRY}) as registry_day,
    (select string_agg(distinct population_year, ', ' order by population_year) from place) as resident_years,
    (select string_agg(distinct acs_year, ', ' order by acs_year) from place) as survey_years,
    (select string_agg(distinct gazetteer_vintage, ', ' order by gazetteer_vintage) from place) as gazetteer_years
"""  # noqa: S608
"""The newest day of the registry, and the years of the Census files."""
