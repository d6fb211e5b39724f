"""The rules of the ABC and retention marts hold for any claims, not only for those of the sample.

The marts' own SQL is rendered and run in DuckDB over made-up rows; what it says is compared with plain Python, and with
properties that follow from the definitions in docs/explanation/claims-measures.md.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lakeward

WAREHOUSE = Path(lakeward.__file__).parent / "warehouse"
MODELS = {path.stem: path for path in (WAREHOUSE / "models/gold/claims").glob("*.sql")}
FIRST_YEAR, LAST_YEAR = 2008, 2010
TABLES = """
    create table fact_inpatient_claim (
        claim_id varchar, segment int, claim_key varchar, stay_id varchar, beneficiary_id varchar,
        facility_id varchar, drg_code varchar, service_date date, service_year int, service_month date,
        paid_amount_usd decimal(14, 2), provider_payment_usd decimal(14, 2), utilization_days int,
        length_of_stay_days int
    );
    create table dim_beneficiary (beneficiary_id varchar, death_date date);
    create table dim_beneficiary_year (
        beneficiary_id varchar, summary_year int, hospital_insurance_months int, medical_insurance_months int,
        hmo_months int, state_code varchar, sex varchar, age_band varchar, death_date date
    );
    create table dim_drg (drg_code varchar, drg_title varchar);
    create table dim_facility (facility_id varchar, state_code varchar);
"""

amounts = st.decimals(min_value=-9000, max_value=60000, places=2) | st.sampled_from([Decimal("0"), Decimal("100")])
runs = settings(max_examples=60, deadline=None)


class Claim(NamedTuple):
    """A claim of one segment."""

    person: str
    facility: str | None
    drg: str | None
    day: date
    paid: Decimal


class Person(NamedTuple):
    """Somebody with a day of death, and the months of Part A, Part B and HMO of the years that have a summary."""

    name: str
    death: date | None
    coverage: dict[int, tuple[int, int, int]]


class Marts:
    """The marts as views over empty tables of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(TABLES)
        self.connection = connection
        self._views: set[str] = set()

    def view(self, model: str) -> str:
        """Create the view of a gold model and of all that it reads; return its name."""
        if model in MODELS and model not in self._views:
            macros = "".join(path.read_text() for path in sorted((WAREHOUSE / "macros").glob("*.sql")))
            template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(macros + MODELS[model].read_text())
            years = {"claims_first_year": FIRST_YEAR, "claims_last_year": LAST_YEAR}
            names: dict[str, Callable[..., object] | object] = {
                "ref": self.view, "var": years.__getitem__, "config": lambda **_: "", "target": Mock(type="duckdb"),
            }  # fmt: skip
            self.connection.execute(f"create view {model} as {template.render(names)}")
            self._views.add(model)
        return model

    def load(self, claims: Sequence[Claim], people: Sequence[Person] = ()) -> None:
        """Replace the rows of all tables."""
        for table in ("fact_inpatient_claim", "dim_beneficiary", "dim_beneficiary_year"):
            self.connection.execute(f"truncate {table}")
        for number, claim in enumerate(claims):
            key = f"{number}-1"
            month = claim.day.replace(day=1)
            row = [
                str(number), 1, key, key, claim.person, claim.facility, claim.drg, claim.day, claim.day.year, month,
                claim.paid, claim.paid, 1, 1,
            ]  # fmt: skip
            self.connection.execute(f"insert into fact_inpatient_claim values ({', '.join('?' * len(row))})", row)
        for person in people:
            self.connection.execute("insert into dim_beneficiary values (?, ?)", [person.name, person.death])
            for year, months in person.coverage.items():
                row = [person.name, year, *months, "GA", "male", "65-74", person.death]
                self.connection.execute("insert into dim_beneficiary_year values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def rows(self, model: str) -> list[dict[str, Any]]:
        """Return what a mart says, in the order of its first three columns."""
        found = self.connection.execute(f"select * from {self.view(model)} order by 1, 2, 3")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


@pytest.fixture(scope="module")
def marts() -> Iterator[Marts]:
    with duckdb.connect() as connection:
        yield Marts(connection)


days = st.dates(date(2007, 12, 1), date(2010, 12, 31))
people_names = st.sampled_from(["Ann", "Ben", "Cas", "Dee", "Eve"])
facilities = st.sampled_from(["0100AA", "1100BB", "1100CC", None])
drgs = st.sampled_from(["000", "039", "470", "OTH", None])
claims_of = st.lists(st.builds(Claim, people_names, facilities, drgs, days, amounts), max_size=25)


def by_item(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Group ABC rows by entity type and period, in order of rank."""
    groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["rank_number"]):
        groups[row["entity_type"], row["period"]].append(row)
    return groups


def expected_classes(claims: Sequence[Claim]) -> dict[tuple[str, str, str], tuple[Decimal, str]]:
    """Class every item in exact arithmetic: its total, and A, B, C or N."""
    totals: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for claim in claims:
        entities = {"drg": claim.drg, "facility": claim.facility, "beneficiary": claim.person}
        for kind, entity in entities.items():
            for period in ("all", str(claim.day.year)):
                totals[kind, period, entity or "not stated"] += claim.paid
    found = {}
    for kind, period in {(kind, period) for kind, period, _ in totals}:
        items = {key[2]: total for key, total in totals.items() if key[:2] == (kind, period)}
        whole = sum((total for total in items.values() if total > 0), Decimal())
        before = Decimal()
        for entity, total in sorted(items.items(), key=lambda item: (-item[1], item[0])):
            share = before / whole if whole else Decimal()
            letter = "N" if total <= 0 else "A" if share < Decimal("0.8") else "B" if share < Decimal("0.95") else "C"
            found[kind, period, entity] = (total, letter)
            before += max(total, Decimal())
    return found


@runs
@given(claims=claims_of)
def test_abc_classes_are_those_of_exact_arithmetic(marts: Marts, claims: list[Claim]) -> None:
    marts.load(claims)
    found = marts.rows("mart_claims_abc")
    keys = [(row["entity_type"], row["period"], row["entity_id"]) for row in found]
    said = {key: (row["paid_amount_usd"], row["abc_class"]) for key, row in zip(keys, found, strict=True)}
    assert said == expected_classes(claims)
    assert len(said) == len(found)


@runs
@given(claims=claims_of)
def test_abc_shares_follow_from_each_other(marts: Marts, claims: list[Claim]) -> None:
    marts.load(claims)
    for items in by_item(marts.rows("mart_claims_abc")).values():
        assert [row["rank_number"] for row in items] == list(range(1, len(items) + 1))
        letters = [row["abc_class"] for row in items]
        assert letters == sorted(letters, key="ABCN".index)
        shared = [row for row in items if row["abc_class"] != "N"]
        assert all(row["share_pct"] is None for row in items if row["abc_class"] == "N")
        if shared:
            assert shared[-1]["cumulative_pct"] == pytest.approx(100)
            assert sum(row["share_pct"] for row in shared if row["abc_class"] == "A") >= 80 - 1e-4
        for earlier, later in pairwise(shared):
            assert later["cumulative_before_pct"] == pytest.approx(earlier["cumulative_pct"], abs=1e-5)


@runs
@given(claims=claims_of, chance=st.randoms(use_true_random=False))
def test_abc_does_not_hang_on_the_order_of_rows(marts: Marts, claims: list[Claim], chance: Any) -> None:
    marts.load(claims)
    first = marts.rows("mart_claims_abc")
    chance.shuffle(claims)
    marts.load(claims)
    assert marts.rows("mart_claims_abc") == first


@pytest.mark.parametrize(
    ("paid", "letters"),
    [
        pytest.param([80, 15, 5], "ABC", id="the limits themselves belong to the next class"),
        pytest.param([79, 16, 5], "AAC", id="the item that crosses the limit is still in the class"),
        pytest.param([100], "A", id="one item is all"),
        pytest.param([100, 0, -100], "ANN", id="nothing and less have no class"),
        pytest.param([-5, -6], "NN", id="only reversals"),
        pytest.param([1, 1, 1, 1, 1], "AAAAB", id="equals go by identifier"),
    ],
)
def test_abc_at_its_limits(marts: Marts, paid: list[int], letters: str) -> None:
    marts.load([Claim("Ann", f"F{n}", "470", date(2008, 5, 1), Decimal(amount)) for n, amount in enumerate(paid)])
    (items,) = [items for key, items in by_item(marts.rows("mart_claims_abc")).items() if key == ("facility", "all")]
    assert "".join(row["abc_class"] for row in items) == letters
    assert [row["entity_id"] for row in items] == [f"F{n}" for n in range(len(paid))]


WHOLE = (12, 12, 0)
summaries = st.sampled_from([WHOLE, WHOLE, WHOLE, (11, 12, 0), (12, 11, 0), (12, 12, 1), None])
coverage = st.fixed_dictionaries(dict.fromkeys(range(FIRST_YEAR, LAST_YEAR + 1), summaries)).map(
    lambda years: {year: months for year, months in years.items() if months}
)
deaths = st.sampled_from([None, None, None, date(2009, 12, 31), date(2010, 1, 1), date(2010, 12, 31)])
lives = st.fixed_dictionaries(dict.fromkeys(["Ann", "Ben", "Cas", "Dee", "Eve"], st.tuples(deaths, coverage)))


def expected_outcome(person: Person, year: int, active: set[int]) -> str:
    """Decide by the list of docs/explanation/claims-measures.md, top down."""
    if year == LAST_YEAR:
        return "censored"
    if person.death and person.death <= date(year + 1, 12, 31):
        return "died"
    if year + 1 not in person.coverage:
        return "no_summary_year"
    part_a, part_b, hmo = person.coverage[year + 1]
    if part_a < 12 or part_b < 12 or hmo > 0:
        return "disenrolled"
    return "retained" if year + 1 in active else "lapsed"


@runs
@given(claims=claims_of, lives=lives)
def test_retention_gives_each_member_of_a_cohort_one_outcome(
    marts: Marts, claims: list[Claim], lives: dict[str, tuple[date | None, dict[int, tuple[int, int, int]]]]
) -> None:
    people = [Person(name, death, years) for name, (death, years) in lives.items()]
    marts.load(claims, people)
    active: dict[str, set[int]] = defaultdict(set)
    paid: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for claim in claims:
        if claim.day.year >= FIRST_YEAR:
            active[claim.person].add(claim.day.year)
            paid[claim.person, claim.day.year] += claim.paid
    expected = {
        (person.name, year): expected_outcome(person, year, active[person.name])
        for person in people
        for year in active[person.name]
    }
    found = marts.rows("mart_claims_retention")
    assert {(row["beneficiary_id"], row["cohort_year"]): row["outcome"] for row in found} == expected
    assert len(found) == len(expected)
    assert {(row["beneficiary_id"], row["cohort_year"]): row["paid_amount_usd"] for row in found} == paid
    for row in found:
        assert row["is_exposed"] == (row["outcome"] in ("retained", "lapsed"))
        assert row["is_censored"] == (row["cohort_year"] == LAST_YEAR)


@pytest.mark.parametrize(
    ("death", "next_year", "returns", "outcome"),
    [
        pytest.param(None, WHOLE, True, "retained", id="a claim in the next year"),
        pytest.param(None, WHOLE, False, "lapsed", id="none"),
        pytest.param(None, (11, 12, 0), True, "disenrolled", id="a month without Part A"),
        pytest.param(None, (12, 11, 0), True, "disenrolled", id="a month without Part B"),
        pytest.param(None, (12, 12, 1), True, "disenrolled", id="a month in an HMO"),
        pytest.param(None, None, True, "no_summary_year", id="nothing known of the next year"),
        pytest.param(date(2009, 12, 31), WHOLE, True, "died", id="the last day that counts"),
        pytest.param(date(2009, 6, 1), (6, 6, 0), True, "died", id="death comes before enrolment"),
        pytest.param(date(2010, 1, 1), WHOLE, False, "lapsed", id="the day after it"),
    ],
)
def test_retention_at_its_limits(
    marts: Marts, death: date | None, next_year: tuple[int, int, int] | None, returns: bool, outcome: str
) -> None:
    coverage = {2008: WHOLE} | ({2009: next_year} if next_year else {})
    claims = [Claim("Ann", "0100AA", "470", date(2008, 5, 1), Decimal(100))]
    claims += [Claim("Ann", "0100AA", "470", date(2009, 3, 1), Decimal(50))] if returns else []
    marts.load(claims, [Person("Ann", death, coverage)])
    assert marts.rows("mart_claims_retention")[0]["outcome"] == outcome
    assert marts.rows("mart_claims_retention")[0]["next_year_claim_count"] == int(returns)


@runs
@given(claims=claims_of.filter(bool))
def test_a_claim_of_a_stranger_to_the_summaries_is_not_lost(marts: Marts, claims: list[Claim]) -> None:
    marts.load(claims)
    cohorts = {(claim.person, claim.day.year) for claim in claims if claim.day.year >= FIRST_YEAR}
    outcomes = {row["outcome"] for row in marts.rows("mart_claims_retention")}
    assert len(marts.rows("mart_claims_retention")) == len(cohorts)
    assert outcomes <= {"no_summary_year", "censored"}
