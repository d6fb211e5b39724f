"""The example queries of the original documents, corrected: what they read of ``fact_rate_enriched``, told once.

In: a state, a code and a folder, such as are most frequent in the table. Out: one :class:`ExampleQuery` each, as
conditions that row groups can be tested with and that can be written as SQL. Layouts are measured by them, and the
saved queries of :mod:`lakeward.aws.saved_queries` have their conditions from here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.publish.layout import DEEP
from lakeward.publish.sql import quoted

Value = str | float | tuple[str, ...]

_COMPARISONS: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "=": lambda least, most, value: least <= value <= most,
    "in": lambda least, most, values: any(least <= value <= most for value in values),
    ">": lambda least, most, value: most > value,
}
"""Whether anything between two values can meet a comparison."""


@dataclass(frozen=True)
class Condition:
    """One condition: ``=`` or ``>`` with a value, ``in`` with several, ``is null`` and ``is not null`` without."""

    column: str
    operator: str
    value: Value | None = None

    def holds(self, value: str | None) -> bool:
        """Whether a partition's value meets the condition."""
        if self.operator in ("is null", "is not null"):
            return (value is None) == (self.operator == "is null")
        return value is not None and self._compare(value, value)

    def may_hold(self, least: str | None, most: str | None, nulls: int | None, rows: int) -> bool:
        """Whether a row group with these statistics can have a row that meets the condition; yes when they are none."""
        if self.operator == "is null":
            return nulls != 0
        if nulls is not None and nulls >= rows:
            return False
        return self.operator == "is not null" or least is None or most is None or self._compare(least, most)

    @property
    def sql(self) -> str:
        """The condition as SQL."""
        if self.value is None:
            return f"{self.column} {self.operator.upper()}"
        return f"{self.column} {self.operator.upper()} {_literal(self.value)}"

    def _compare(self, least: str, most: str) -> bool:
        if isinstance(self.value, float):
            return _COMPARISONS[self.operator](float(least), float(most), self.value)
        return _COMPARISONS[self.operator](least, most, self.value)


@dataclass(frozen=True)
class ExampleQuery:
    """One query: where it stands, the columns it shows, and its conditions. No columns means every one."""

    name: str
    source: str
    shown: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def columns(self, known: Sequence[str]) -> list[str]:
        """Return the columns of a table that the query reads."""
        wanted = {*self.shown, *(condition.column for condition in self.conditions)}
        return [name for name in known if name in wanted or not self.shown]

    def within(self, known: Collection[str]) -> "ExampleQuery":
        """Return the query without the columns that a table lacks."""
        kept = tuple(condition for condition in self.conditions if condition.column in known)
        return ExampleQuery(self.name, self.source, tuple(name for name in self.shown if name in known), kept)


def example_queries(state: str | None, code: str | None, leaf: Mapping[str, str | None]) -> list[ExampleQuery]:
    """Return the documents' example queries, by the names under which Athena keeps them.

    Args:
        state: what they ask for in place of ``GA``.
        code: what they ask for in place of ``99213``.
        leaf: the folder of the original tree that ``one_leaf`` reads: a value for each key of the ``deep`` layout.
    """
    in_state = Condition("state", "=", state) if state is not None else Condition("state", "is null")
    coded = (Condition("code_type", "in", ("CPT", "HCPCS")), Condition("code", "=", code)) if code is not None else ()
    return [
        ExampleQuery(
            "rates_of_a_code",
            "001, Usage",
            (
                *("payer_slug", "negotiated_rate", "billing_code_modifier", "billing_class", "setting", "pos_members"),
                *("code_description", "reporting_entity_name", "procedure_set", "stat_area_name", "fact_uid"),
            ),
            (in_state, *coded, Condition("rate_unit", "=", "usd"), Condition("negotiated_rate", ">", 100.0)),
        ),
        ExampleQuery(
            "markets",
            "001, Geographic Analysis",
            (
                *("stat_area_code", "county_fips", "stat_area_name", "county_name", "billing_class", "procedure_set"),
                "rate_to_medicare_ratio",
            ),
            (in_state, Condition("stat_area_code", "is not null")),
        ),
        ExampleQuery(
            "above_medicare",
            "001, Medicare Benchmark Analysis",
            (
                *("payer_slug", "code_type", "code", "billing_code_modifier", "code_description", "negotiated_rate"),
                *("medicare_state_rate", "rate_to_medicare_ratio", "benchmark_type", "benchmark_setting"),
                *("state_rate_rule", "fact_uid"),
            ),
            (in_state, Condition("rate_to_medicare_ratio", ">", 2.0)),
        ),
        ExampleQuery(
            "provider_network",
            "001, Provider Network Analysis",
            ("pg_uid", "rate_to_medicare_ratio"),
            (in_state,),
        ),
        # What the original tree is made for: without it the comparison would be unfair to `deep`.
        ExampleQuery(
            "one_leaf",
            "002, S3 Select Integration",
            (),
            tuple(
                Condition(key, "=", leaf[key]) if leaf[key] is not None else Condition(key, "is null")
                for key in DEEP.spec.keys
                if key in leaf
            ),
        ),
    ]


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(quoted, value))})"
    return quoted(value) if isinstance(value, str) else str(value)
