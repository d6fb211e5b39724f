"""The rules that one row can break on its own.

In: the configured limits. Out: the catalogue of rules, each an SQL condition that no row may meet. They are checked
again on what is in the lake, by other code than the models' own filters, so that a gap in those shows here.
"""

from dataclasses import dataclass

from lakeward.quality import formats
from lakeward.quality.rule import Severity
from lakeward.settings import QualitySettings
from lakeward.settings.sources import STATES_AND_TERRITORIES

FACT, ENRICHED = "fact_rate", "fact_rate_enriched"
PLACES = (ENRICHED, "dim_npi_address_geolocation")
REQUIRED_FIELDS = (
    *("fact_uid", "negotiated_rate", "payer_slug", "year_month", "code_type", "code", "pg_uid", "pos_set_id"),
    *("negotiated_type", "rate_unit"),
)
PLACEHOLDERS = ("", "unknown", "null", "none", "n/a", "00000")


@dataclass(frozen=True)
class RowRule:
    """A condition that no row may meet.

    Args:
        rule_id: stable name.
        what: the rule as a sentence that is true of a good row.
        severity: ``error`` or ``warning``.
        tables: where it is checked; tables without its columns are left out.
        columns: the columns it needs.
        failing: SQL, true of a row that breaks the rule.
        applies: SQL, true of a row that the rule speaks of.
    """

    rule_id: str
    what: str
    severity: Severity
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    failing: str
    applies: str = "true"


def row_rules(limits: QualitySettings) -> list[RowRule]:
    """Return every rule on single rows, in the order of the report."""
    return [
        *_required_rules(),
        *_rate_rules(limits),
        *_key_rules(),
        *_code_rules(),
        *_provider_rules(),
        *_place_rules(),
    ]


def _required_rules() -> list[RowRule]:
    required = [
        RowRule(f"required_{name}", f"{name} is present", "error", (FACT,), (name,), f"{name} is null")
        for name in REQUIRED_FIELDS
    ]
    # Nothing in a price file says its state, and a file for the whole country has none: watched, not wrong.
    state = "state is told by the configuration (a national file has none)"
    return [*required, RowRule("required_state", state, "warning", (FACT,), ("state",), "state is null")]


def _rate_rules(limits: QualitySettings) -> list[RowRule]:
    columns = ("negotiated_rate", "rate_unit")
    dollars = f"negotiated_rate not between {limits.rate_min!r} and {limits.rate_max!r}"
    unit = "case negotiated_type when 'percentage' then 'percent' when 'per diem' then 'usd_per_day' else 'usd' end"
    return [
        RowRule(
            "rate_range_usd",
            f"a dollar amount, or one per day, is within {limits.rate_min:,.2f} to {limits.rate_max:,.2f}",
            *("error", (FACT,), columns, dollars, "rate_unit in ('usd', 'usd_per_day')"),
        ),
        RowRule(
            "rate_range_percent",
            "a percentage of charges is above 0 and at most 1,000",
            *(
                "error",
                (FACT,),
                columns,
                "not (negotiated_rate > 0 and negotiated_rate <= 1000)",
                "rate_unit = 'percent'",
            ),
        ),
        RowRule(
            "percent_is_whole_number",
            "a percentage is written as 40.5, not as .405",
            *("warning", (FACT,), columns, "negotiated_rate <= 1", "rate_unit = 'percent'"),
        ),
        RowRule(
            "rate_unit_follows_type",
            "rate_unit is the one that negotiated_type implies",
            *("error", (FACT,), ("rate_unit", "negotiated_type"), f"rate_unit <> {unit}"),
        ),
        RowRule(
            "ratio_or_reason",
            "a price has a positive ratio to Medicare or a reason why it has none, never both",
            *("error", (ENRICHED,), ("rate_to_medicare_ratio", "not_comparable_reason")),
            "(rate_to_medicare_ratio is null) = (not_comparable_reason is null)"
            " or not isfinite(cast(rate_to_medicare_ratio as double))"
            " or rate_to_medicare_ratio <= 0",
        ),
        RowRule(
            "ratio_of_dollars_only",
            "only a dollar amount is compared with Medicare",
            *("error", (ENRICHED,), ("rate_to_medicare_ratio", "rate_unit")),
            *("rate_unit is distinct from 'usd'", "rate_to_medicare_ratio is not null"),
        ),
    ]


def _key_rules() -> list[RowRule]:
    ended = "expiration_date < year_month || '-01'"
    iso = "regexp_full_match(cast(expiration_date as varchar), '[0-9]{4}-[0-9]{2}-[0-9]{2}')"
    return [
        RowRule(
            "state_is_known",
            "state is one of the states, the District of Columbia or a territory",
            *(
                "error",
                (FACT,),
                ("state",),
                f"state not in ({formats.text_list(STATES_AND_TERRITORIES)})",
                "state is not null",
            ),
        ),
        RowRule(
            "payer_slug_pattern",
            "payer_slug is lower-case letters, digits and hyphens",
            *("error", (FACT,), ("payer_slug",)),
            *("not regexp_full_match(payer_slug, '[a-z0-9]+(-[a-z0-9]+)*')", "payer_slug is not null"),
        ),
        RowRule(
            "year_month_pattern",
            "year_month is a month as 2025-08",
            *("error", (FACT,), ("year_month",)),
            *("not regexp_full_match(year_month, '[0-9]{4}-(0[1-9]|1[0-2])')", "year_month is not null"),
        ),
        RowRule(
            "billing_class_is_known",
            "billing_class is professional, institutional or both",
            *("warning", (FACT,), ("billing_class",)),
            "billing_class is null or billing_class not in ('professional', 'institutional', 'both')",
        ),
        RowRule(
            "expiration_date_format",
            "expiration_date is a date as 2025-12-31",
            *("warning", (FACT,), ("expiration_date",), f"not {iso}", "expiration_date is not null"),
        ),
        RowRule(
            "expires_after_publication",
            "a price has not expired before the month it is published for",
            *("warning", (FACT,), ("expiration_date", "year_month"), ended, iso),
        ),
    ]


def _code_rules() -> list[RowRule]:
    known = formats.text_list(formats.CODE_PATTERNS)
    return [
        RowRule(
            "billing_code_type_is_known",
            "billing_code_type is one of the CMS schema's",
            *("warning", (FACT,), ("code_type",), f"code_type not in ({known})", "code_type is not null"),
        ),
        RowRule(
            "code_has_its_form",
            "a billing code has the form of its type",
            *("warning", (FACT,), ("code_type", "code"), f"not {formats.code_has_its_form()}"),
        ),
    ]


def _provider_rules() -> list[RowRule]:
    tables = ("xref_pg_member_npi", "dim_npi", ENRICHED)
    digits = "case tin_type when 'npi' then '[0-9]{10}' else '[0-9]{9}' end"
    return [
        RowRule(
            "npi_format",
            "an NPI is ten digits beginning with 1 or 2",
            *("error", tables, ("npi",), f"not {formats.npi_has_its_form()}", "npi is not null"),
        ),
        RowRule(
            "npi_check_digit",
            "an NPI passes its check digit",
            *("error", tables, ("npi",), f"not ({formats.npi_check_digit_holds()})", "npi is not null"),
        ),
        RowRule(
            "tin_format",
            "a tax number is nine digits, or ten where it is an NPI",
            *("warning", ("xref_pg_member_tin",), ("tin_type", "tin_value")),
            f"not regexp_full_match(replace(tin_value, '-', ''), {digits})",
        ),
    ]


def _place_rules() -> list[RowRule]:
    coordinates = ("latitude", "longitude")
    outside = "not (coalesce(latitude between -90 and 90, false) and coalesce(longitude between -180 and 180, false))"
    return [
        RowRule(
            "coordinates_in_range",
            "latitude is within 90 and longitude within 180 degrees, and both are there or neither",
            *("warning", PLACES, coordinates, outside, "latitude is not null or longitude is not null"),
        ),
        RowRule(
            "coordinates_never_zero",
            "no place is at 0/0, which is open sea",
            *("error", PLACES, coordinates, "latitude = 0 and longitude = 0", "latitude is not null"),
        ),
        RowRule(
            "area_codes_format",
            "county and statistical area are codes of five digits",
            *("warning", PLACES, ("county_fips", "stat_area_code")),
            "not regexp_full_match(county_fips, '[0-9]{5}') or not regexp_full_match(stat_area_code, '[0-9]{5}')",
        ),
        RowRule(
            "unknown_is_null",
            "an unknown place is null, not a word or a row of zeros",
            *("error", PLACES, ("county_name", "county_fips", "stat_area_name", "stat_area_code")),
            " or ".join(
                f"lower({name}) in ({formats.text_list(PLACEHOLDERS)})"
                for name in ("county_name", "county_fips", "stat_area_name", "stat_area_code")
            ),
        ),
    ]
