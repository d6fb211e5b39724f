"""The example queries that layouts are measured by: those of the original documents, with values that the lake has.

In: what is most frequent in the table. Out: one :class:`ExampleQuery` each, as conditions that row groups can be tested
with, and as SQL.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.publish.layout import DEEP, LAID_OUT_TABLE
from lakeward.publish.sql import quoted

_COMPARISONS: Mapping[str, Callable[[Any, Any, Any], bool]] = {
    "=": lambda least, most, value: least <= value <= most,
    ">": lambda least, most, value: most > value,
}
"""Whether anything between two values can meet a comparison."""


@dataclass(frozen=True)
class Condition:
    """One condition of a query: ``=`` or ``>`` with a value, or ``is null`` and ``is not null`` without."""

    column: str
    operator: str
    value: str | float | None = None

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
            return f"{self.column} {self.operator}"
        literal = quoted(self.value) if isinstance(self.value, str) else str(self.value)
        return f"{self.column} {self.operator} {literal}"

    def _compare(self, least: str, most: str) -> bool:
        if isinstance(self.value, str):
            return _COMPARISONS[self.operator](least, most, self.value)
        return _COMPARISONS[self.operator](float(least), float(most), self.value)


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

    def sql(self, known: Sequence[str]) -> str:
        """Return the query as SQL over a table with these columns."""
        shown = ", ".join(name for name in known if name in self.shown) or "*"
        conditions = [condition.sql for condition in self.conditions if condition.column in known]
        return f"select {shown} from {LAID_OUT_TABLE} where {' and '.join(conditions) or 'true'}"  # noqa: S608

    def within(self, known: Collection[str]) -> "ExampleQuery":
        """Return the query without the columns that a table lacks."""
        kept = tuple(condition for condition in self.conditions if condition.column in known)
        return ExampleQuery(self.name, self.source, tuple(name for name in self.shown if name in known), kept)


def example_queries(state: str | None, code: str | None, leaf: Mapping[str, str | None]) -> list[ExampleQuery]:
    """Return the documents' example queries.

    Args:
        state: what they ask for in place of ``GA``.
        code: what they ask for in place of ``99213``.
        leaf: the folder of the original tree that ``one leaf`` reads: a value for each key of the ``deep`` layout.
    """
    in_state = Condition("state", "=", state) if state is not None else Condition("state", "is null")
    coded = (Condition("code", "=", code),) if code is not None else ()
    return [
        ExampleQuery(
            "code look-up",
            "001, Usage",
            ("negotiated_rate", "code_description", "reporting_entity_name", "procedure_set", "stat_area_name"),
            (in_state, *coded, Condition("negotiated_rate", ">", 100)),
        ),
        ExampleQuery(
            "rates by area",
            "001, Geographic Analysis",
            ("stat_area_name", "county_name", "procedure_set", "negotiated_rate"),
            (in_state, Condition("stat_area_name", "is not null")),
        ),
        ExampleQuery(
            "against Medicare",
            "001, Medicare Benchmark Analysis",
            (
                "code",
                "code_description",
                "negotiated_rate",
                "medicare_state_rate",
                "rate_to_medicare_ratio",
                "benchmark_type",
            ),
            (
                in_state,
                Condition("negotiated_rate", ">", 0),
                Condition("medicare_state_rate", ">", 0),
                Condition("rate_to_medicare_ratio", ">", 2),
            ),
        ),
        ExampleQuery(
            "provider network",
            "001, Provider Network Analysis",
            ("provider_group_id_raw", "primary_taxonomy_desc", "stat_area_name", "npi", "negotiated_rate"),
            (in_state, Condition("enumeration_type", "=", "NPI-1")),
        ),
        # What the original tree is made for: without it the comparison would be unfair to `deep`.
        ExampleQuery(
            "one leaf",
            "002, S3 Select Integration",
            (),
            tuple(
                Condition(key, "=", leaf[key]) if leaf[key] is not None else Condition(key, "is null")
                for key in DEEP.spec.keys
                if key in leaf
            ),
        ),
    ]
