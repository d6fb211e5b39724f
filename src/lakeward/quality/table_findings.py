"""Damage in the files that are tables: the flat rates pair, the registry, fee schedules, geography.

In: the bronze datasets of one file and the counts its reader kept. Out: findings.
"""

from collections.abc import Mapping

import duckdb

from lakeward.quality import formats
from lakeward.quality.inspection import Action, Finding, found

NOTES: dict[str, tuple[str, str, Action]] = {
    "recoded_lines": ("a line that is not UTF-8", "lines", "repaired"),
    "codes_without_leading_zeros": ("a code that lost its leading zeros", "rows", "repaired"),
    "note_rows": ("a note below the table", "rows", "kept"),
    "note_lines": ("a note below the table", "lines", "kept"),
    "header_only": ("a header without records", "files", "kept"),
    "unended_lines": ("a last line without its end, as in a file that was cut off", "lines", "kept"),
}
"""What the readers count while reading, and what is done about it; titles above a header are no damage."""

_FIGURE_IS_MISSING = (
    "value is null or value in ('-', 'N', '(X)', '**', '***', '*****')"
    " or regexp_full_match(value, '-(1{9}|2{9}|3{9}|4{9}|5{9}|6{9}|7{9}|8{9}|9{9})([.]0+)?')"
)
QUERIES: dict[str, tuple[tuple[str, str, str, str, Action], ...]] = {
    "rate": (
        ("rate_zero", "a price of 0", "negotiated_rate = 0", "prices", "quarantined"),
        ("rate_negative", "a price below 0", "negotiated_rate < 0", "prices", "quarantined"),
        ("rate_missing", "no negotiated_rate", "negotiated_rate is null", "prices", "quarantined"),
        ("code_missing", "no billing code", "billing_code is null", "prices", "quarantined"),
        (
            "group_missing",
            "no provider group",
            "provider_group_id is null and provider_reference_id is null",
            "prices",
            "quarantined",
        ),
        (
            "place_missing",
            "a professional price without place of service",
            "billing_class = 'professional' and coalesce(len(service_codes), 0) = 0",
            "prices",
            "kept",
        ),
    ),
    "provider": (
        ("npi_unknown", "a provider known by its tax number only", "npi is null or npi = '0'", "rows", "kept"),
        (
            "npi_format",
            "an NPI that is not ten digits",
            f"npi <> '0' and not {formats.npi_has_its_form()}",
            "rows",
            "quarantined",
        ),
        (
            "npi_check_digit",
            "an NPI that fails its check digit",
            f"not ({formats.npi_check_digit_holds()})",
            "rows",
            "quarantined",
        ),
    ),
    "acs5": (
        ("figure_missing", "a figure that is missing", _FIGURE_IS_MISSING, "figures", "kept"),
        (
            "figure_unreadable",
            "text that is neither a figure nor a mark for a missing one",
            f"not ({_FIGURE_IS_MISSING}) and not regexp_full_match(value, '-?[0-9][0-9,]*([.][0-9]+)?[+-]?')",
            "figures",
            "kept",
        ),
    ),
    "npidata": (
        ("npi_format", "an NPI that is not ten digits", f"not {formats.npi_has_its_form()}", "records", "quarantined"),
        (
            "npi_check_digit",
            "an NPI that fails its check digit",
            f"not ({formats.npi_check_digit_holds()})",
            "records",
            "quarantined",
        ),
        (
            "entity_type_unknown",
            "an entity type other than 1 and 2",
            "entity_type_code not in ('1', '2')",
            "records",
            "quarantined",
        ),
        (
            "deactivated",
            "a deactivated provider, blank but for NPI and date",
            "npi_deactivation_date is not null and npi_reactivation_date is null",
            "records",
            "kept",
        ),
        (
            "zip_without_zeros",
            "a US practice ZIP that is neither five nor nine digits",
            "provider_business_practice_location_address_country_code_if_outside_u_s = 'US' and not regexp_full_match("
            "provider_business_practice_location_address_postal_code, '[0-9]{5}([0-9]{4})?')",
            "records",
            "kept",
        ),
        (
            "date_format",
            "a last update date that is not MM/DD/YYYY",
            "not regexp_full_match(last_update_date, '[0-9]{2}/[0-9]{2}/[0-9]{4}')",
            "records",
            "quarantined",
        ),
    ),
    **{
        dataset: (
            (
                "npi_format",
                "an NPI that is not ten digits",
                f"not {formats.npi_has_its_form()}",
                "rows",
                "quarantined",
            ),
        )
        for dataset in ("secondary_practice_location", "other_name", "endpoint", "deactivation")
    },
}
"""Per dataset: id, what, the SQL condition of a damaged row, what the rows are called, and what is done."""

KEYS: dict[str, tuple[str, str]] = {
    "npidata": ("npi", "records"),
    "deactivation": ("npi", "rows"),
    "nucc": ("code", "rows"),
}
"""Datasets whose key should stand once in a file."""


def table_findings(
    datasets: Mapping[str, int], notes: Mapping[str, int], bronze: duckdb.DuckDBPyConnection
) -> tuple[Finding, ...]:
    """Return the damage of a landed table, most frequent first.

    Args:
        datasets: rows landed, by dataset.
        notes: what its reader counted.
        bronze: connection with the datasets as relations.
    """
    findings = [
        Finding(name, NOTES[name][0], count, NOTES[name][1], NOTES[name][2])
        for name, count in notes.items()
        if name in NOTES
    ]
    for dataset in datasets:
        findings += _damaged_rows(dataset, bronze)
        if dataset in KEYS:
            findings.append(_repeated_keys(dataset, bronze))
    return found(*findings)


def _damaged_rows(dataset: str, bronze: duckdb.DuckDBPyConnection) -> list[Finding]:
    queries = QUERIES.get(dataset, ())
    if not queries:
        return []
    counts = ", ".join(f"count(*) filter (where {condition})" for _, _, condition, _, _ in queries)
    row = bronze.execute(f'select {counts} from "{dataset}"').fetchone() or ()  # noqa: S608
    return [
        Finding(finding_id, what, count, unit, action)
        for (finding_id, what, _, unit, action), count in zip(queries, row, strict=True)
    ]


def _repeated_keys(dataset: str, bronze: duckdb.DuckDBPyConnection) -> Finding:
    key, unit = KEYS[dataset]
    row = bronze.execute(f'select count({key}) - count(distinct {key}) from "{dataset}"').fetchone()  # noqa: S608
    return Finding(f"{key}_repeated", f"a {key.upper()} that stands there again", row[0] if row else 0, unit, "kept")
