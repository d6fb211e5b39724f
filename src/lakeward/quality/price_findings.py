"""Damage in a price file, counted in its bronze tables, with what Lakeward does about each kind.

In: a DuckDB connection with the bronze datasets of one in-network file as relations of their own names.
Out: counts, what the header says, and findings. One aggregate query a dataset; no prices are held in Python.
"""

from typing import Any

import duckdb

from lakeward.quality import formats
from lakeward.quality.inspection import Finding, found

HEADER_FACTS = (
    *("reporting_entity_name", "reporting_entity_type", "last_updated_on", "version", "plan_name", "plan_id_type"),
    *("plan_id", "plan_market_type", "issuer_name", "plan_sponsor_name"),
)
ISO_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
NEGOTIATED_TYPES = ("derived", "fee schedule", "negotiated", "per diem", "percentage")


def price_file_shape(bronze: duckdb.DuckDBPyConnection) -> str:
    """Return the publisher's schema by its shape, whatever the version says: ``v1``, ``v2`` or ``unknown``."""
    return str(_row(bronze, "select min(schema_shape) as shape from header")["shape"])


def price_file_facts(bronze: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """Return what the file says of itself, as published."""
    columns = ", ".join(f"min({name}) as {name}" for name in HEADER_FACTS)
    return _row(bronze, f"select {columns} from header")  # noqa: S608


def price_file_counts(bronze: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many of what the file holds; groups and members are counted once however often they are repeated."""
    published = _row(
        bronze,
        "select sum(item_count) as items, sum(negotiated_rate_count) as negotiated_rates, sum(price_count) as prices, "
        "sum(provider_reference_count) as provider_references, sum(inline_group_count) as inline_groups, "
        "sum(npi_published_count) as npis_published from header",
    )
    distinct = _row(
        bronze,
        "select (select count(*) from provider_group) as provider_groups_distinct, "
        "(select count(*) from provider_member) as members_distinct, "
        "count(distinct npi) as npis_distinct from (select unnest(npi) as npi from provider_member) where npi <> '0'",
    )
    return {name.replace("_", " "): int(count or 0) for name, count in {**published, **distinct}.items()}


def price_file_findings(bronze: duckdb.DuckDBPyConnection) -> tuple[Finding, ...]:
    """Return the damage of one in-network file, most frequent first."""
    return found(
        *_of_header(bronze), *_of_items(bronze), *_of_prices(bronze), *_of_groups(bronze), *_of_references(bronze)
    )


def _row(bronze: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    cursor = bronze.execute(query)
    names = [column[0] for column in cursor.description or ()]
    row = cursor.fetchone()
    return dict(zip(names, row or (), strict=True))


def _of_header(bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    counts = _row(
        bronze,
        "select count(*) filter (where reporting_entity_name is null) as nameless, "  # noqa: S608
        f"count(*) filter (where not regexp_full_match(last_updated_on, '{ISO_DATE}')) as not_iso, "
        "count(*) filter (where last_updated_on is null) as undated, "
        "cast(coalesce(sum(len(unknown_keys)), 0) as bigint) as unknown_keys from header",
    )
    return [
        Finding("entity_name_missing", "no reporting_entity_name", counts["nameless"], "files", "quarantined"),
        Finding("last_updated_on_missing", "no last_updated_on", counts["undated"], "files", "quarantined"),
        Finding("last_updated_on_not_iso", "last_updated_on is no ISO date", counts["not_iso"], "files", "repaired"),
        Finding("unknown_keys", "keys outside the CMS schema", counts["unknown_keys"], "keys", "kept"),
    ]


def _of_items(bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    known = formats.text_list(formats.CODE_PATTERNS)
    form = formats.code_has_its_form("upper(billing_code_type)", "billing_code")
    counts = _row(
        bronze,
        f"select count(*) filter (where upper(billing_code_type) not in ({known})) as unknown_type, "  # noqa: S608
        f"count(*) filter (where not {form}) as wrong_form, "
        "count(*) filter (where billing_code is null or billing_code_type is null) as no_code, "
        "count(*) - count(distinct (negotiation_arrangement, billing_code_type, billing_code_type_version, "
        "billing_code, severity_of_illness)) as repeated from item",
    )
    return [
        Finding(
            "code_type_unknown", "billing_code_type not in the CMS schema", counts["unknown_type"], "items", "kept"
        ),
        Finding("code_format", "a code without the form of its type", counts["wrong_form"], "items", "quarantined"),
        Finding("code_missing", "no billing code or type", counts["no_code"], "items", "quarantined"),
        Finding("item_repeated", "an item that states the same code again", counts["repeated"], "items", "kept"),
    ]


def _of_prices(bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    counts = _row(
        bronze,
        "select count(*) filter (where negotiated_rate is null) as missing, "  # noqa: S608
        "count(*) filter (where negotiated_rate = 0) as zero, "
        "count(*) filter (where negotiated_rate < 0) as negative, "
        "count(*) filter (where negotiated_type = 'percentage' and negotiated_rate > 0 and negotiated_rate <= 1) "
        "as fraction, "
        f"count(*) filter (where lower(negotiated_type) not in ({formats.text_list(NEGOTIATED_TYPES)})) as other_type, "
        f"count(*) filter (where not regexp_full_match(expiration_date, '{ISO_DATE}')) as not_iso, "
        "count(*) filter (where billing_class = 'professional' and coalesce(len(service_code), 0) = 0) as placeless "
        "from price left join price_term using (term_id)",
    )
    repeated = _row(
        bronze,
        "select cast(coalesce(sum(times - 1), 0) as bigint) as repeated from (select count(*) as times from price "
        "group by item_id, term_id, group_set_id, negotiated_rate)",
    )
    place = "a professional price without place of service"
    return [
        Finding("rate_zero", "a price of 0", counts["zero"], "prices", "quarantined"),
        Finding("rate_negative", "a price below 0", counts["negative"], "prices", "quarantined"),
        Finding("rate_missing", "no negotiated_rate", counts["missing"], "prices", "quarantined"),
        Finding("percent_as_fraction", "a percentage of 1 or less, as .405", counts["fraction"], "prices", "kept"),
        Finding("type_unknown", "negotiated_type not in the schema", counts["other_type"], "prices", "quarantined"),
        Finding("expiration_not_iso", "expiration_date with a time, or none", counts["not_iso"], "prices", "repaired"),
        Finding("place_missing", place, counts["placeless"], "prices", "kept"),
        Finding("price_repeated", "the same price again in one item", repeated["repeated"], "prices", "merged"),
    ]


def _of_groups(bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    counts = _row(
        bronze,
        "select count(*) filter (where npi = '0') as unknown, "  # noqa: S608
        f"count(*) filter (where npi <> '0' and not {formats.npi_has_its_form()}) as wrong_form, "
        f"count(*) filter (where not ({formats.npi_check_digit_holds()})) as wrong_digit "
        "from (select distinct npi from (select unnest(npi) as npi from provider_member))",
    )
    ein = "[0-9]{2}-?[0-9]{7}"
    members = _row(
        bronze,
        "select cast(coalesce(sum(npi_published_count - len(npi)), 0) as bigint) as repeated, "  # noqa: S608
        "count(*) filter (where len(npi) = 0 or npi = ['0']) as without_npi, "
        "count(*) filter (where tin_type = 'npi') as npi_as_tin, "
        f"count(*) filter (where tin_type = 'ein' and not regexp_full_match(tin_value, '{ein}')) as wrong_tin "
        "from provider_member",
    )
    return [
        Finding("npi_repeated", "an NPI again in one array", members["repeated"], "NPIs", "merged"),
        Finding("npi_unknown", "a group known by its tax number only", members["without_npi"], "members", "kept"),
        Finding("npi_format", "an NPI that is not ten digits", counts["wrong_form"], "NPIs", "quarantined"),
        Finding("npi_check_digit", "an NPI that fails its check digit", counts["wrong_digit"], "NPIs", "quarantined"),
        Finding("tin_is_npi", "an NPI in place of a tax number", members["npi_as_tin"], "members", "kept"),
        Finding("tin_format", "a tax number that is not nine digits", members["wrong_tin"], "members", "kept"),
    ]


def _of_references(bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    counts = _row(
        bronze,
        "select (select count(*) from provider_reference where location_status = 'unresolved') as unresolved, "
        "count(*) filter (where id not in (select provider_reference_id from provider_reference)) as dangling "
        "from (select distinct unnest(provider_reference_ids) as id from group_set)",
    )
    remote = "a group in another file that was not fetched here; a run fetches it and keeps the prices if it cannot"
    return [
        Finding("location_unresolved", remote, counts["unresolved"], "references", "kept"),
        Finding("reference_dangling", "a reference to no group of the file", counts["dangling"], "references", "kept"),
    ]
