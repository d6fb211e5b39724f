"""The provider marts computed a second time, in plain Python, from places of practice and counties.

In: rows of ``bridge_npi_location``, ``dim_county`` and ``stg_geography__zip_county``, and which codes a group has.
Out: the figures of each mart under its key, by docs/explanation/provider-measures.md. Shares are fractions; limits are
those of the regulation, written out here and not read from the seed.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from lakeward.build import WAREHOUSE

Row = dict[str, Any]
Key = tuple[str, ...]
BASES = ("all_registrations", "individuals", "fractional")
GROUP_OF = {"primary_care": "primary_care", "dental": "dental", "mental_health": "core_mental_health"}
SIZED_BY = {"primary_care": 3500, "dental": 5000, "mental_health": 6000}


def group_codes() -> dict[str, set[str]]:
    """The taxonomy codes of each specialty group."""
    groups: dict[str, set[str]] = defaultdict(set)
    with (WAREHOUSE / "seeds/providers/seed_specialty_group.csv").open() as lines:
        for line in csv.DictReader(lines):
            groups[line["specialty_group"]].add(line["taxonomy_code"])
    return groups


def is_gap(discipline: str, people: int, providers: Fraction, psychiatrists: Fraction) -> str | None:
    """The rule of 42 CFR 5 that the numbers meet, if any."""

    def reaches(limit: int, count: Fraction) -> bool:
        return count == 0 or people / count >= limit

    if discipline == "primary_care":
        return "primary_care_ratio" if reaches(3500, providers) else None
    if discipline == "dental":
        return "dentist_ratio" if reaches(5000, providers) else None
    if reaches(6000, providers) and reaches(20000, psychiatrists):
        return "core_and_psychiatrist_ratio"
    if reaches(9000, providers):
        return "core_ratio"
    return "psychiatrist_ratio" if reaches(30000, psychiatrists) else None


def is_needy(discipline: str, county: Row) -> bool | None:
    """Whether Census figures make the county's needs unusually high; None where they are too few to tell."""
    poverty = county["poverty_pct"]
    if discipline != "mental_health":
        return None if poverty is None else poverty > 20
    adults = county["population_18_to_64"]
    answers: list[bool | None] = [None if poverty is None else poverty >= 20]
    for column, limit in (("population_under_18", 0.6), ("population_65_and_over", 0.25)):
        answers.append(county[column] / adults > limit if adults and county[column] is not None else None)
    if any(answers):
        return True
    return None if None in answers else False


@dataclass
class Count:
    """Who is registered in a place: people, organisations, and the people's shares."""

    people: set[str] = field(default_factory=set)
    organizations: set[str] = field(default_factory=set)
    share: Fraction = Fraction(0)

    def by(self, basis: str) -> Fraction:
        people = Fraction(len(self.people))
        return {"all_registrations": people + len(self.organizations), "individuals": people}.get(basis, self.share)

    def add(self, location: Row) -> None:
        (self.people if location["enumeration_type"] == "NPI-1" else self.organizations).add(location["npi"])
        if location["enumeration_type"] == "NPI-1":
            self.share += Fraction(1, location["location_count"])


class Marts:
    """The marts over given places of practice; ``complete`` people per 100,000 make a state's registry complete."""

    def __init__(
        self, locations: list[Row], counties: Iterable[Row], zips: list[tuple[str, str]], complete: float
    ) -> None:
        self.locations = locations
        self.all_counties = {county["county_fips"]: county for county in counties}
        self.counties = {
            fips: county for fips, county in self.all_counties.items() if county["is_current"] is not False
        }
        self.complete = complete
        self.groups = group_codes()
        self.zip_counties: dict[str, set[str]] = defaultdict(set)
        for zip_code, fips in zips:
            successor = self.all_counties.get(fips, {}).get("successor_county_fips") or fips
            if successor in self.counties:
                self.zip_counties[zip_code].add(successor)

    @cached_property
    def state_people(self) -> dict[str, int]:
        """Residents of each state that has any known."""
        people: dict[str, int] = defaultdict(int)
        for county in self.counties.values():
            if county["population"] is not None:
                people[county["state"]] += county["population"]
        return people

    @cached_property
    def covered_states(self) -> set[str]:
        """States where the registry is complete enough."""
        here: dict[str, set[str]] = defaultdict(set)
        for location in self.locations:
            if location["enumeration_type"] == "NPI-1" and location["state"]:
                here[location["state"]].add(location["npi"])
        return {
            state
            for state, people in self.state_people.items()
            if people and 100_000 * len(here[state]) / people >= self.complete
        }

    @cached_property
    def covered(self) -> list[str]:
        """Counties with residents in those states."""
        return [
            fips
            for fips, county in self.counties.items()
            if county["state"] in self.covered_states and county["population"]
        ]

    def counted(self, place: Callable[[Row], Iterable[str]]) -> dict[tuple[str, str], Count]:
        """Who is in each (place, group), for any notion of where an address is."""
        found: dict[tuple[str, str], Count] = defaultdict(Count)
        for location in self.locations:
            places = list(place(location))
            for group, codes in self.groups.items():
                if location["primary_taxonomy_code"] in codes:
                    for name in places:
                        found[name, group].add(location)
        return found

    @cached_property
    def by_county(self) -> dict[tuple[str, str], Count]:
        return self.counted(lambda row: [row["county_fips"]] if row["county_fips"] else [])

    @cached_property
    def by_state(self) -> dict[tuple[str, str], Count]:
        return self.counted(lambda row: [row["state"]] if row["state"] else [])

    @cached_property
    def open_to(self) -> dict[tuple[str, str], Count]:
        """Who could be in each county besides: addresses without a county."""

        def possible(row: Row) -> Iterator[str]:
            if row["county_fips"] is None:
                known = self.zip_counties.get(row["zip_code"])
                yield from known or (fips for fips, county in self.counties.items() if county["state"] == row["state"])

        return self.counted(possible)

    def gaps(self) -> Iterator[tuple[Key, Row]]:
        """Each county, discipline and basis with its figures; flags only where covered."""
        for discipline, group in GROUP_OF.items():
            for fips, county in self.counties.items():
                for basis in BASES:
                    yield (fips, discipline, basis), self._gap(county, discipline, group, basis)

    def _gap(self, county: Row, discipline: str, group: str, basis: str) -> Row:
        fips = county["county_fips"]
        providers = self.by_county.get((fips, group), Count()).by(basis)
        psychiatrists = self.by_county.get((fips, "psychiatry"), Count()).by(basis)
        more = self.open_to.get((fips, group), Count()).by(basis)
        more_psychiatrists = self.open_to.get((fips, "psychiatry"), Count()).by(basis)
        figures: Row = {"providers": providers, "providers_possible": providers + more}
        if fips in self._covered_set:
            people = county["population"]
            rule = is_gap(discipline, people, providers, psychiatrists)
            still = is_gap(discipline, people, providers + more, psychiatrists + more_psychiatrists)
            short = max(Fraction(people, SIZED_BY[discipline]) - providers, Fraction(0)) if rule else Fraction(0)
            figures |= {
                "gap_rule": rule, "is_gap": rule is not None, "is_gap_certain": still is not None,
                "providers_short": short,
                "population_per_provider": people / providers if providers else None,
                "is_high_need": is_needy(discipline, county),
                "rank_in_nation": self._places[discipline, basis][fips],
            }  # fmt: skip
        return figures

    @cached_property
    def _covered_set(self) -> set[str]:
        return set(self.covered)

    @cached_property
    def _places(self) -> dict[tuple[str, str], dict[str, int]]:
        """Places by discipline and basis: one more than how many counties are worse off."""
        places = {}
        for discipline, group in GROUP_OF.items():
            for basis in BASES:
                worth = {
                    fips: (self.by_county.get((fips, group), Count()).by(basis) / people, -people)
                    for fips in self.covered
                    for people in [self.counties[fips]["population"]]
                }
                ahead = Counter(worth.values())
                first, place = {}, 1
                for value in sorted(ahead):
                    first[value] = place
                    place += ahead[value]
                places[discipline, basis] = {fips: first[value] for fips, value in worth.items()}
        return places

    def regions(self) -> Iterator[tuple[Key, tuple[int, int, int, Fraction]]]:
        """Each region and group with people, residents, covered counties and the ratio to the nation."""
        division_of = {self.counties[fips]["state"]: self.counties[fips]["division_name"] for fips in self.covered}
        placed = self.counted(lambda row: [row["county_fips"]] if row["county_fips"] in self._covered_set else [])
        stated = self.counted(lambda row: [row["state"]] if row["state"] in division_of else [])
        for level, counted in (("division", stated), ("stat_area", placed)):
            column = "division_name" if level == "division" else "stat_area_code"
            members: dict[str, list[str]] = defaultdict(list)
            for fips in self.covered:
                if self.counties[fips][column]:
                    members[self.counties[fips][column]].append(fips)
            nation_people = sum(self.counties[fips]["population"] for fips in self.covered)
            for group in self.groups:
                nation = len(set().union(*(count.people for (_, name), count in counted.items() if name == group)))
                for region, fips_codes in members.items():
                    places = (
                        {self.counties[fips]["state"] for fips in fips_codes}
                        if level == "division"
                        else set(fips_codes)
                    )
                    people = len(
                        set().union(*(counted[place, group].people for place in places if (place, group) in counted))
                    )
                    residents = sum(self.counties[fips]["population"] for fips in fips_codes)
                    ratio = Fraction(people, residents) / Fraction(nation, nation_people) if nation else Fraction(0)
                    yield (level, region, group), (people, residents, len(fips_codes), ratio)
