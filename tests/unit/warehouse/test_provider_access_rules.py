"""Access holds for any counties: the SQL of the floating catchments against plain Python, and its invariants.

The models' SQL is rendered and run in DuckDB over made-up counties. Python measures distance another way, along the
chord through the Earth, and walks every pair.
"""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import Mock

import duckdb
import jinja2
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lakeward

WAREHOUSE = Path(lakeward.__file__).parent / "warehouse"
MODELS = {path.stem: path for path in (WAREHOUSE / "models/gold/providers").glob("*.sql")}
INVARIANT = WAREHOUSE / "tests/providers/access_times_people_is_the_supply.sql"
CATCHMENT_KM = 80
EARTH_RADIUS_KM = 6371.0088
GROUPS = ("dental", "primary_care")
GIVEN = frozenset({"dim_county", "mart_provider_density", "int_providers__open_supply"})
"""What the models read and the tests write."""
TABLES = """
    create table dim_county (
        county_fips varchar, is_current boolean, latitude double, longitude double, population bigint
    );
    create table mart_provider_density (
        geography_level varchar, geography_id varchar, geography_name varchar, state varchar, specialty_group varchar,
        providers_fractional double, population bigint, coverage_status varchar
    );
    create table int_providers__open_supply (county_fips varchar, specialty_group varchar, fractional double);
"""

runs = settings(max_examples=40, deadline=None)


class County(NamedTuple):
    """A county: point, people, suppliers in each group, whether its registry is known, and who else may be there."""

    latitude: float
    longitude: float
    population: int | None
    suppliers: tuple[float, float]
    is_covered: bool = True
    open_suppliers: tuple[float | None, float | None] = (None, None)


class Access:
    """The access models as views over tables of their own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(TABLES)
        self.connection = connection
        self._views: set[str] = set()

    def view(self, model: str) -> str:
        """Create the view of a model and of all that it reads; return its name."""
        if model not in GIVEN and model not in self._views:
            self.connection.execute(f"create view {model} as {self.rendered(MODELS[model])}")
            self._views.add(model)
        return model

    def rendered(self, path: Path) -> str:
        """Return the SQL of a model or test, its macros written out."""
        macros = "".join(path.read_text() for path in sorted((WAREHOUSE / "macros").glob("d*.sql")))
        template = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(macros + path.read_text())
        names: dict[str, Callable[..., object] | object] = {
            "ref": self.view, "var": {"access_catchment_km": CATCHMENT_KM}.__getitem__, "config": lambda **_: "",
            "target": Mock(type="duckdb"),
        }  # fmt: skip
        return template.render(names)

    def load(self, counties: Sequence[County]) -> None:
        """Replace the counties, named by their place in the list, and what is supplied there."""
        places: list[tuple[object, ...]] = []
        supplies: list[tuple[object, ...]] = []
        opens: list[tuple[object, ...]] = []
        for number, county in enumerate(counties):
            fips, people = f"{number:05}", county.population
            places.append((fips, True, county.latitude, county.longitude, people))
            status = (
                "registry_incomplete" if not county.is_covered else "no_population" if people is None else "covered"
            )
            supplies += [
                ("county", fips, "", "GA", group, suppliers, people, status)
                for group, suppliers in zip(GROUPS, county.suppliers, strict=True)
            ]
            opens += [
                (fips, group, suppliers)
                for group, suppliers in zip(GROUPS, county.open_suppliers, strict=True)
                if suppliers is not None
            ]
        tables = {"dim_county": places, "mart_provider_density": supplies, "int_providers__open_supply": opens}
        for table, rows in tables.items():
            self.connection.execute(f"truncate {table}")
            if rows:
                listed = [pa.array(column) for column in zip(*rows, strict=True)]
                self.connection.register("rows", pa.table(listed, [f"c{n}" for n in range(len(listed))]))
                self.connection.execute(f"insert into {table} from rows")

    def rows(self, model: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Return what a model says by county and specialty group."""
        found = self.connection.execute(f"select * from {self.view(model)}")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
        keyed = {(row["county_fips"], row["specialty_group"]): row for row in rows}
        assert len(keyed) == len(rows)
        return keyed

    def broken_sums(self) -> list[Any]:
        """Return what the warehouse's own test of the invariant finds."""
        return self.connection.execute(self.rendered(INVARIANT)).fetchall()


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    with duckdb.connect() as connection:
        yield Access(connection)


def chord_km(one: County, other: County) -> float:
    """Measure the way along the sphere from the straight line through it."""
    points = []
    for county in (one, other):
        latitude, longitude = math.radians(county.latitude), math.radians(county.longitude)
        points.append(
            (math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude))
        )
    return EARTH_RADIUS_KM * 2 * math.asin(min(1.0, math.dist(*points) / 2))


def close(access: float) -> Any:
    """Compare access per resident, which the model rounds to twelve decimals."""
    return pytest.approx(access, rel=1e-9, abs=1e-11)


class Expected(NamedTuple):
    """What a county and group should have: access, what open suppliers could add, suppliers and people in reach."""

    access: float | None
    open_access: float | None
    suppliers: float
    people: int


def expected_access(counties: Sequence[County]) -> dict[tuple[str, str], Expected]:
    """Compute the access of every county and group, pair by pair."""
    near = [[k for k, other in enumerate(counties) if chord_km(county, other) <= CATCHMENT_KM] for county in counties]
    people = [sum(counties[k].population or 0 for k in reach) for reach in near]
    found = {}
    for place, group in enumerate(GROUPS):
        for i, reach in enumerate(near):
            lent = [j for j in reach if people[j] > 0]
            found[f"{i:05}", group] = Expected(
                math.fsum(counties[j].suppliers[place] / people[j] for j in lent) if lent else None,
                math.fsum((counties[j].open_suppliers[place] or 0) / people[j] for j in lent) if lent else None,
                math.fsum(counties[j].suppliers[place] for j in reach),
                people[i],
            )
    return found


def has_pair_at_the_limit(counties: Sequence[County]) -> bool:
    """Tell whether the two ways of measuring could disagree on who reaches whom."""
    return any(abs(chord_km(a, b) - CATCHMENT_KM) < 1e-6 for a in counties for b in counties)


points = st.tuples(st.floats(30, 33), st.floats(-86, -80))
edges = st.sampled_from([(52.0, 179.9), (52.0, -179.9), (71.3, -156.8), (71.3, -155.0), (0.0, 0.0), (-14.3, -170.7)])
amounts = st.floats(0, 500) | st.just(0.0)
county = st.builds(
    lambda point, people, suppliers, covered, more: County(point[0], point[1], people, suppliers, covered, more),
    points | edges, st.none() | st.integers(0, 1_000_000), st.tuples(amounts, amounts), st.booleans(),
    st.tuples(st.none() | amounts, st.none() | amounts),
)  # fmt: skip
worlds = st.lists(county, max_size=14)


@runs
@given(counties=worlds)
def test_access_is_that_of_plain_python(access: Access, counties: list[County]) -> None:
    assume(not has_pair_at_the_limit(counties))
    access.load(counties)
    found = access.rows("int_providers__access")
    expected = expected_access(counties)
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        row = found[key]
        assert row["access_per_resident"] == (None if values.access is None else close(values.access))
        open_access = None if values.open_access is None else close(values.open_access)
        assert row["open_access_per_resident"] == open_access
        assert row["suppliers_in_reach"] == pytest.approx(values.suppliers, rel=1e-9, abs=1e-6)
        assert (row["catchment_population"] or 0) == values.people


@runs
@given(counties=worlds)
def test_people_times_access_add_up_to_the_supply(access: Access, counties: list[County]) -> None:
    access.load(counties)
    found = access.rows("int_providers__access")
    for place, group in enumerate(GROUPS):
        reached = supply = 0.0
        for number, county in enumerate(counties):
            row = found[f"{number:05}", group]
            reached += (row["access_per_resident"] or 0) * (county.population or 0)
            supply += county.suppliers[place] if (row["catchment_population"] or 0) > 0 else 0
        assert reached == pytest.approx(supply, rel=1e-9, abs=1e-5)
    assert access.broken_sums() == []


@runs
@given(counties=worlds, factor=st.integers(2, 9))
def test_access_grows_with_the_supply_and_shrinks_with_the_people(
    access: Access, counties: list[County], factor: int
) -> None:
    access.load(counties)
    before = access.rows("int_providers__access")
    access.load([c._replace(suppliers=(c.suppliers[0] * factor, c.suppliers[1])) for c in counties])
    supplied = access.rows("int_providers__access")
    access.load([c._replace(population=c.population and c.population * factor) for c in counties])
    crowded = access.rows("int_providers__access")
    for (fips, group), row in before.items():
        value = row["access_per_resident"]
        if value is None:
            continue
        times = factor if group == GROUPS[0] else 1
        assert supplied[fips, group]["access_per_resident"] == close(value * times)
        assert crowded[fips, group]["access_per_resident"] == close(value / factor)


@runs
@given(counties=worlds, chance=st.randoms(use_true_random=False))
def test_the_mart_does_not_hang_on_the_order_of_counties(access: Access, counties: list[County], chance: Any) -> None:
    access.load(counties)
    first = {key: row["access_per_100000"] for key, row in access.rows("mart_provider_access").items()}
    places = list(range(len(counties)))
    chance.shuffle(places)
    access.load([counties[place] for place in places])
    shuffled = access.rows("mart_provider_access")
    for new, old in enumerate(places):
        for group in GROUPS:
            said, before = shuffled[f"{new:05}", group]["access_per_100000"], first[f"{old:05}", group]
            assert said == (None if before is None else pytest.approx(before, rel=1e-9, abs=1e-6))


@runs
@given(counties=worlds)
def test_the_mart_says_nothing_where_the_registry_is_not_known(access: Access, counties: list[County]) -> None:
    access.load(counties)
    inner = access.rows("int_providers__access")
    found = access.rows("mart_provider_access")
    assert len(found) == len(counties) * len(GROUPS)
    for number, county in enumerate(counties):
        for group in GROUPS:
            row, computed = found[f"{number:05}", group], inner[f"{number:05}", group]
            if county.is_covered and county.population and computed["access_per_resident"] is not None:
                assert row["coverage_status"] == "covered"
                assert row["access_per_100000"] == pytest.approx(
                    computed["access_per_resident"] * 100_000, rel=1e-9, abs=1e-6
                )
                assert row["suppliers_in_reach"] == pytest.approx(computed["suppliers_in_reach"], rel=1e-9, abs=1e-6)
                assert row["access_possible_per_100000"] >= row["access_per_100000"]
            elif not county.is_covered or county.population is None:
                assert row["coverage_status"] != "covered"
            assert (row["access_per_100000"] is None) == (row["coverage_status"] != "covered")
            assert row["uncovered_counties_in_reach"] <= row["counties_in_reach"]


@runs
@given(counties=worlds.filter(bool), chance=st.randoms(use_true_random=False))
def test_access_lies_between_what_is_known_and_what_is_possible(
    access: Access, counties: list[County], chance: Any
) -> None:
    """Wherever the open suppliers of a group really are, of the counties where they could be, the bounds hold."""
    counties = [c._replace(is_covered=True, population=(c.population or 0) + 1) for c in counties]
    candidates = [n for n in range(len(counties)) if chance.random() < 0.5]
    everywhere = [c._replace(open_suppliers=(7.0 if n in candidates else None, None)) for n, c in enumerate(counties)]
    access.load(everywhere)
    bounds = access.rows("mart_provider_access")
    if candidates:
        there = chance.choice(candidates)
        counties[there] = counties[there]._replace(suppliers=(counties[there].suppliers[0] + 7.0, 0.0))
    access.load([c._replace(open_suppliers=(None, None)) for c in counties])
    for key, row in access.rows("mart_provider_access").items():
        if key[1] == GROUPS[0]:
            low, high = bounds[key]["access_per_100000"], bounds[key]["access_possible_per_100000"]
            assert low * (1 - 1e-9) - 1e-5 <= row["access_per_100000"] <= high * (1 + 1e-9) + 1e-5


A_DEGREE_KM = EARTH_RADIUS_KM * math.pi / 180


@pytest.mark.parametrize(
    ("one", "other", "reaches"),
    [
        pytest.param((0.0, 0.0), (79.9 / A_DEGREE_KM, 0.0), True, id="just within reach along a meridian"),
        pytest.param((0.0, 0.0), (80.1 / A_DEGREE_KM, 0.0), False, id="just out of reach along a meridian"),
        pytest.param((60.0, 0.0), (60.0, 159 / A_DEGREE_KM), True, id="longitude is half as long at 60 degrees"),
        pytest.param((52.0, 179.7), (52.0, -179.7), True, id="across the date line"),
        pytest.param((32.0, -84.0), (32.0, -84.0), True, id="one point"),
        pytest.param((32.0, 84.0), (32.0, -84.0), False, id="a sign that was lost"),
    ],
)  # fmt: skip
def test_who_is_in_reach(access: Access, one: tuple[float, float], other: tuple[float, float], reaches: bool) -> None:
    access.load([County(*one, 100, (1.0, 0.0)), County(*other, 100, (0.0, 0.0))])
    (there,) = access.connection.execute(
        f"select count(*) from {access.view('int_providers__county_reach')} "
        "where county_fips = '00000' and reachable_county_fips = '00001'"
    ).fetchone() or (None,)
    assert there == int(reaches)


def test_a_county_without_a_point_reaches_nobody_and_stays_in_sight(access: Access) -> None:
    access.load([County(32.0, -84.0, 100, (1.0, 2.0))])
    access.connection.execute("update dim_county set latitude = null, longitude = null")
    (row, other) = access.rows("mart_provider_access").values()
    assert {row["coverage_status"], other["coverage_status"]} == {"no_point"}
    assert row["access_per_100000"] is None


def test_a_broken_second_step_is_found_by_the_warehouse(access: Access) -> None:
    access.load([County(32.0, -84.0, 100, (1.0, 2.0)), County(32.1, -84.0, 300, (0.0, 0.0))])
    assert access.broken_sums() == []
    sound = access.rendered(MODELS["int_providers__access"])
    try:
        more = "select * replace (access_per_resident * 1.01 as access_per_resident)"
        access.connection.execute(f"create or replace view int_providers__access as {more} from ({sound})")
        assert len(access.broken_sums()) == len(GROUPS)
    finally:
        access.connection.execute(f"create or replace view int_providers__access as {sound}")


def real_counties(folder: Path) -> list[County]:
    """Read points and residents of all counties; suppliers are made up, 0 to 6 and 0 to 3 by the place in the list."""
    with (folder / "co-est2023-alldata.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["SUMLEV"].lstrip("0") == "50"]
    people = {f"{int(row['STATE']):02}{int(row['COUNTY']):03}": int(row["POPESTIMATE2023"]) for row in rows}
    lines = (folder / "2024_Gaz_counties_national.txt").read_text(encoding="utf-8").splitlines()
    names = [name.strip() for name in lines[0].split("\t")]
    points = [dict(zip(names, map(str.strip, line.split("\t")), strict=True)) for line in lines[1:]]
    return [
        County(float(p["INTPTLAT"]), float(p["INTPTLONG"]), people.get(p["GEOID"]), (float(n % 7), n % 4 / 2))
        for n, p in enumerate(points)
    ]


def test_access_of_all_real_counties(access: Access, real_data: Path) -> None:
    counties = real_counties(real_data / "geo")
    access.load(counties)
    found = access.rows("int_providers__access")
    latitude, longitude = np.radians([c.latitude for c in counties]), np.radians([c.longitude for c in counties])
    points = np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=1
    )
    angles = np.arccos(np.clip(points @ points.T, -1, 1))
    np.fill_diagonal(angles, 0)
    reach = (angles * EARTH_RADIUS_KM <= CATCHMENT_KM).astype(float)
    people = np.array([float(county.population or 0) for county in counties])
    catchment = reach @ people
    assert len(counties) == 3222
    assert len(found) == 3222 * len(GROUPS)
    for place, group in enumerate(GROUPS):
        supply = np.array([county.suppliers[place] for county in counties])
        ratio = np.divide(supply, catchment, out=np.zeros_like(supply), where=catchment > 0)
        said = np.array([found[f"{n:05}", group]["access_per_resident"] or 0 for n in range(len(counties))])
        np.testing.assert_allclose(said, reach @ ratio, rtol=1e-9, atol=1e-11)
        assert said @ people == pytest.approx(supply[catchment > 0].sum())
    # Puerto Rico has points and no residents in the estimates: its suppliers are shared with nobody.
    strangers = [found[f"{n:05}", group] for n, c in enumerate(counties) if c.population is None for group in GROUPS]
    assert {row["access_per_resident"] for row in strangers} == {None}
    assert access.broken_sums() == []
