"""What the geography files say of an address, read in plain Python: what the models must agree with."""

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from lakeward.build import WAREHOUSE

SEEDS = WAREHOUSE / "seeds/geography"
RENAMED = {"02270": "02158", "09007": "09130"}
SPLIT = {"02261", "09001", "09003", "09005", "09009", "09011", "09013", "09015"}
"""What changed among the codes of the 2017 crosswalk, from the Census Bureau's list of changes, not from the seed."""


@dataclass
class Gazette:
    """What the files say of places, read without the package."""

    counties_of_zip: dict[str, set[str]]
    region_of_town: dict[str, tuple[str, str]]
    known: set[str]

    @classmethod
    def read(cls, folder: Path) -> "Gazette":
        counties: dict[str, set[str]] = defaultdict(set)
        with (folder / "ZIP-COUNTY-FIPS_2017-06.csv").open(newline="") as lines:
            for row in csv.DictReader(lines):
                counties[row["zip"].zfill(5)].add(row["stcountyfp"].zfill(5))
        with (SEEDS / "seed_connecticut_town.csv").open(newline="") as lines:
            towns = {
                row["town"].upper(): (row["former_county_fips"], row["county_fips"]) for row in csv.DictReader(lines)
            }
        gazetteer = (folder / "2024_Gaz_counties_national.txt").read_text().splitlines()[1:]
        known = {line.split("\t")[1] for line in gazetteer} | set().union(*counties.values())
        return cls(counties, towns, known)

    def today(self, county: str) -> str | None:
        """Return the county of today that took the whole place of a county."""
        return None if county in SPLIT else RENAMED.get(county, county)

    def place(self, address: dict[str, str], answer: str | None = None) -> tuple[str | None, str, str | None]:
        """Return county, status and rule of an address; rules in docs/explanation/geography.md."""
        if address.get("country_code") not in (None, "", "US"):
            return None, "not_us", None
        if answer in self.known and self.today(answer):
            return self.today(answer), "geocoded", "geocoder"
        code = address.get("postal_code") or ""
        if not code:
            return None, "zip_missing", None
        if not re.fullmatch(r"\d{5}(-?\d{4})?", code):
            return None, "zip_malformed", None
        counties = self.counties_of_zip.get(code[:5])
        if not counties:
            return None, "zip_unknown", None
        now = {self.today(county) for county in counties}
        if len(now) == 1 and None not in now:
            return now.pop(), "placed", "zip_single_county"
        city = re.sub(r"^W ", "WEST ", " ".join((address.get("city") or "").replace(".", " ").upper().split()))
        former, region = self.region_of_town.get(city, ("", ""))
        if address.get("state") == "CT" and counties & {former, region}:
            return region, "placed", "connecticut_town"
        return None, "county_split" if now == {None} else "zip_in_several_counties", None
