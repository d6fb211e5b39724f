"""The providers in the quality report: what must hold of registry, places and marts, and how much of a state is known.

In: the tables of a snapshot. Out: results of the rules and figures; none where the lake has no history of providers.
The rules recount what the models counted, by other queries, on what is in the lake.
"""

from lakeward.quality.figures import Column, Figure, share
from lakeward.quality.relations import Relations
from lakeward.quality.rule import RuleResult, Severity
from lakeward.quality.table_rules import key_is_unique, reference_holds
from lakeward.settings import QualitySettings
from lakeward.sources.census.recording import ATTRIBUTION

SECTION = "Providers"
HISTORY, PROVIDER, COUNTY, PROFILE = "dim_npi_history", "dim_npi", "dim_county", "mart_state_profile"
REJECTED = "quarantine_npi"
UNPLACED_MAX_SHARE = 0.40
"""ZIP codes of several counties leave about a quarter of addresses open where no shares are loaded; more is a fault."""

KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (HISTORY, ("npi", "valid_from")),
    ("bridge_npi_taxonomy", ("npi", "slot")),
    ("bridge_npi_identifier", ("npi", "slot")),
    ("mart_provider_density", ("geography_level", "geography_id", "specialty_group")),
    ("mart_provider_gap", ("county_fips", "discipline", "denominator_basis")),
    ("mart_provider_access", ("county_fips", "specialty_group")),
    ("mart_specialty_gap", ("region_level", "region_id", "specialty_group")),
    (PROFILE, ("state",)),
)
REFERENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (HISTORY, PROVIDER, ("npi",)),
    ("bridge_npi_taxonomy", PROVIDER, ("npi",)),
    ("bridge_npi_identifier", PROVIDER, ("npi",)),
    ("dim_npi_name", PROVIDER, ("npi",)),
    ("dim_npi_endpoint", PROVIDER, ("npi",)),
    ("dim_npi_address_geolocation", COUNTY, ("county_fips",)),
    ("mart_provider_gap", COUNTY, ("county_fips",)),
    ("mart_provider_access", COUNTY, ("county_fips",)),
)
"""Table that refers, table referred to, and the columns; a row that has none of them refers to nothing."""

CONDITIONS: tuple[tuple[str, str, Severity, str, tuple[str, ...], str, str], ...] = (
    (
        "status_is_active_or_not",
        "is_active says what status says",
        "error",
        PROVIDER,
        ("is_active", "status"),
        "true",
        "is_active is not distinct from (status = 'A')",
    ),
    (
        "county_has_population",
        "every current county has residents where populations are loaded",
        "warning",
        COUNTY,
        ("is_current", "population"),
        "is_current and exists(select 1 from dim_county where population is not null)",
        "population is not null",
    ),
    (
        "nothing_is_said_of_uncovered_places",
        "a place whose registry is an extract has no density",
        "error",
        "mart_provider_density",
        ("coverage_status", "providers_per_100000"),
        "true",
        "(coverage_status = 'covered') = (providers_per_100000 is not null)",
    ),
    (
        "a_gap_is_of_a_covered_county",
        "no county is flagged whose registry is an extract",
        "error",
        "mart_provider_gap",
        ("coverage_status", "is_gap"),
        "true",
        "coverage_status = 'covered' or is_gap is null",
    ),
)
"""Rule, what, severity, table, columns needed, the rows it is about, and what is true of a good one."""


def providers_rules(relations: Relations, limits: QualitySettings) -> list[RuleResult]:
    """Check the rules on the providers; none where the lake has no history of them."""
    if not relations.has(HISTORY):
        return []
    return [
        *(key_is_unique(relations, f"providers_key_of_{table}", table, key) for table, key in KEYS),
        *(reference_holds(relations, *reference) for reference in REFERENCES),
        *(_condition_holds(relations, *condition) for condition in CONDITIONS),
        _spans_do_not_overlap(relations),
        _history_ends_in_the_present(relations),
        _one_practice_state(relations),
        _quarantine_in_bounds(relations, limits),
        _addresses_are_placed(relations),
    ]


def providers_figures(relations: Relations) -> list[Figure]:
    """Return what the registry holds and how much of each state is known; none where the lake has no history."""
    if not relations.has(HISTORY):
        return []
    figures = [_registrations(relations)] if relations.has(PROVIDER, "is_active", "deactivation_source") else []
    if relations.has(PROFILE, "coverage_status", "individuals_active", "unplaced_providers", "registered_per_100000"):
        figures.append(_states(relations))
    return figures


def _condition_holds(
    relations: Relations,
    rule_id: str,
    what: str,
    severity: Severity,
    table: str,
    needed: tuple[str, ...],
    about: str,
    good: str,
) -> RuleResult:
    if not relations.has(table, *needed):
        return RuleResult(rule_id, what, severity, table)
    counts = relations.row(
        f"select count(*) as checked, count(*) filter (where not coalesce({good}, false)) as failing "  # noqa: S608
        f"from {table} where {about}"
    )
    return RuleResult(rule_id, what, severity, table, "row", counts["checked"], counts["failing"])


def _spans_do_not_overlap(relations: Relations) -> RuleResult:
    rule_id, what = "history_spans_do_not_overlap", "spans of one provider follow each other without gap or overlap"
    if not relations.has(HISTORY, "npi", "valid_from", "valid_to"):
        return RuleResult(rule_id, what, "error", HISTORY)
    counts = relations.row(
        f"""
        select
            count(*) as checked,
            count(*) filter (where valid_to <= valid_from or valid_to is distinct from next_from) as failing
        from (
            select valid_from, valid_to, lead(valid_from) over (partition by npi order by valid_from) as next_from
            from {HISTORY}
        )
        """  # noqa: S608
    )
    return RuleResult(rule_id, what, "error", HISTORY, "row", counts["checked"], counts["failing"])


def _history_ends_in_the_present(relations: Relations) -> RuleResult:
    rule_id, what = "history_ends_in_the_present", "each provider has one present span, of the same status"
    scope = f"{HISTORY}, {PROVIDER}"
    if not (relations.has(HISTORY, "is_current", "status") and relations.has(PROVIDER, "npi", "status")):
        return RuleResult(rule_id, what, "error", scope)
    counts = relations.row(
        f"""
        select
            count(*) as checked,
            count(*) filter (where present.spans is distinct from 1 or present.status is distinct from provider.status)
                as failing
        from {PROVIDER} as provider
        left join (
            select npi, count(*) as spans, min(status) as status from {HISTORY} where is_current group by npi
        ) as present using (npi)
        """  # noqa: S608
    )
    return RuleResult(rule_id, what, "error", scope, "row", counts["checked"], counts["failing"])


def _one_practice_state(relations: Relations) -> RuleResult:
    table, rule_id = "dim_npi_address", "one_practice_address"
    what = "no provider practises at two first addresses, and so in two states, at once"
    if not relations.has(table, "npi", "address_purpose"):
        return RuleResult(rule_id, what, "error", table)
    counts = relations.row(
        "select count(*) as checked, count(*) filter (where addresses > 1) as failing from ("  # noqa: S608
        f"select count(*) as addresses from {table} where address_purpose = 'LOCATION' group by npi)"
    )
    return RuleResult(rule_id, what, "error", table, "provider", counts["checked"], counts["failing"])


def _quarantine_in_bounds(relations: Relations, limits: QualitySettings) -> RuleResult:
    rule_id = "registry_quarantine_in_bounds"
    what = f"at most {limits.quarantine_max_share:.0%} of the registry's records are rejected"
    scope = f"{REJECTED}, {PROVIDER}"
    if not (relations.has(REJECTED) and relations.has(PROVIDER)):
        return RuleResult(rule_id, what, "error", scope, unit="registry")
    counts = relations.row(
        f"select (select count(*) from {REJECTED}) as rejected, (select count(*) from {PROVIDER}) as kept"  # noqa: S608
    )
    over = counts["rejected"] > limits.quarantine_max_share * (counts["rejected"] + counts["kept"])
    return RuleResult(rule_id, what, "error", scope, "registry", 1, int(over))


def _addresses_are_placed(relations: Relations) -> RuleResult:
    rule_id = "providers_are_placed"
    what = f"at most {UNPLACED_MAX_SHARE:.0%} of a covered state's providers have no county"
    if not relations.has(PROFILE, "coverage_status", "unplaced_providers", "individuals_active"):
        return RuleResult(rule_id, what, "warning", PROFILE, unit="state")
    counts = relations.row(
        "select count(*) as checked, "  # noqa: S608
        f"count(*) filter (where unplaced_providers > {UNPLACED_MAX_SHARE} * individuals_active) as failing "
        f"from {PROFILE} where coverage_status = 'covered'"
    )
    return RuleResult(rule_id, what, "warning", PROFILE, "state", counts["checked"], counts["failing"])


def _registrations(relations: Relations) -> Figure:
    rows = relations.rows(
        "select enumeration_type, status, deactivation_source, count(*) as providers, "  # noqa: S608
        "count(*) filter (where replacement_npi is not null) as replaced "
        f"from {PROVIDER} group by all order by all"
    )
    return Figure(
        key="registrations",
        section=SECTION,
        title="Registrations by kind and status",
        explanation=(
            "NPI-1 is a person, NPI-2 an organisation; a deactivation is told by the record itself or by the report of"
            " deactivated NPIs, whose blank records no longer say what they were."
        ),
        sources=(relations.source(PROVIDER),),
        columns=(
            Column("enumeration_type", "Kind"),
            Column("status", "Status"),
            Column("deactivation_source", "Deactivation told by"),
            Column("providers", "Providers", "count"),
            Column("replaced", "Replaced", "count"),
        ),
        rows=tuple(rows),
    )


def _states(relations: Relations) -> Figure:
    rows = relations.rows(
        "select state, coverage_status, individuals_active, registered_per_100000, unplaced_providers "  # noqa: S608
        f"from {PROFILE} where individuals_active > 0 order by state"
    )
    return Figure(
        key="providers_by_state",
        section=SECTION,
        title="How much of each state is known",
        explanation=(
            "States with an active person; ratios and flags are given where the registry is covered. Unplaced are those"
            f" without a county. {ATTRIBUTION}"
        ),
        sources=(relations.source(PROFILE),),
        columns=(
            Column("state", "State"),
            Column("coverage_status", "Coverage"),
            Column("individuals_active", "Active people", "count"),
            Column("registered_per_100000", "Per 100,000 residents", "number"),
            Column("unplaced_providers", "Unplaced", "count"),
            Column("unplaced_share", "Share unplaced", "share"),
        ),
        rows=tuple(
            row | {"unplaced_share": share(row["unplaced_providers"], row["individuals_active"])} for row in rows
        ),
    )
