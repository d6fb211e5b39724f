"""Counties, statistical areas and ZIPs of Georgia and its neighbours, in their publishers' layouts.

In: a directory. Out: ``geography/…``, a small true part of each published file: Census gazetteer, delineation list and
population estimates, HUD ZIP crosswalks, ZIP to ZCTA, ZCTA centroids, and Social Security's county codes, which claims
have.
"""

from pathlib import Path

from lakeward.sample.csv_files import write_delimited
from lakeward.sample.facts import Row, table
from lakeward.sample.places import places
from lakeward.sample.spreadsheet import write_workbook

FOLDER = "geography"
GAZETTEER_PADDING = 120
STATE_NAMES = {"AL": "Alabama", "FL": "Florida", "GA": "Georgia", "NC": "North Carolina", "SC": "South Carolina",
               "TN": "Tennessee"}  # fmt: skip
REGIONS = {"AL": ("3", "6"), "TN": ("3", "6"), "FL": ("3", "5"), "GA": ("3", "5"), "NC": ("3", "5"), "SC": ("3", "5")}
"""Census region and division."""

_DELINEATION_TITLES = (
    ("Table with row headers in column A and column headers in row 3.",),
    ("List 1. CORE BASED STATISTICAL AREAS (CBSAs), METROPOLITAN DIVISIONS, AND COMBINED STATISTICAL AREAS (CSAs), "
     "JULY 2023",),
    ("CBSA Code", "Metropolitan Division Code", "CSA Code", "CBSA Title", "Metropolitan/Micropolitan Statistical Area",
     "Metropolitan Division Title", "CSA Title", "County/County Equivalent", "State Name", "FIPS State Code",
     "FIPS County Code", "Central/Outlying County"),
)  # fmt: skip
_ZIP_CBSA_HEADER = ("ZIP", "CBSA", "USPS_ZIP_PREF_CITY", "USPS_ZIP_PREF_STATE", "RES_RATIO", "BUS_RATIO", "OTH_RATIO",
                    "TOT_RATIO")  # fmt: skip


def write_geography(directory: Path) -> dict[str, int]:
    """Write all files and return their number of records by path."""
    writers = {
        "2024_Gaz_counties_national.txt": _write_gazetteer,
        "list1_2023.xlsx": _write_delineation,
        "co-est2023-alldata.csv": _write_population,
        "ZIP-COUNTY-FIPS_2017-06.csv": _write_zip_county,
        "zip_cbsa_122022.xlsx": _write_zip_cbsa,
        "zipcode_zcta.csv": _write_zip_zcta,
        "2021_Gaz_zcta_centroids.csv": _write_zcta_centroids,
        "ssa_fips_county_crosswalk.csv": _write_ssa_county,
    }
    return {f"{FOLDER}/{name}": write(directory / FOLDER / name) for name, write in writers.items()}


def _write_delineation(path: Path) -> int:
    rows = [tuple(row.values()) for row in table("cbsa_delineation")]
    return write_workbook(path, "List 1", (*_DELINEATION_TITLES, *rows)) - len(_DELINEATION_TITLES)


def _write_zip_cbsa(path: Path) -> int:
    rows = [tuple(row.values()) for row in table("zip_cbsa")]
    return write_workbook(path, "ZIP_CBSA_122022", (_ZIP_CBSA_HEADER, *rows)) - 1


def _write_zip_zcta(path: Path) -> int:
    rows = [(row["zip"], row["zcta"], row["longitude"], row["latitude"]) for row in places()]
    return write_delimited(path, [("zipcode", "zcta", "lng", "lat"), *rows]) - 1


def _write_zcta_centroids(path: Path) -> int:
    """One row a ZCTA, however many ZIPs lie in it; a post-office box may have one that is not among the places."""
    placed = {row["zcta"]: row for row in places() if row["zcta_centroid_latitude"]}
    rows = [(zcta, row["zcta_centroid_latitude"], row["zcta_centroid_longitude"]) for zcta, row in placed.items()]
    return write_delimited(path, [("GEOID", "INTPTLAT", "INTPTLONG"), *rows]) - 1


def _write_ssa_county(path: Path) -> int:
    rows = [tuple(row.values()) for row in table("ssa_county")]
    return write_delimited(path, [("SSACD", "FIPS"), *rows]) - 1


def _write_gazetteer(path: Path) -> int:
    """Tab-separated; the publisher pads the last column and its name with blanks."""
    header = ("USPS", "GEOID", "ANSICODE", "NAME", "ALAND", "AWATER", "ALAND_SQMI", "AWATER_SQMI", "INTPTLAT")
    names = ("state", "fips", "ansi_code", "name", "land_m2", "water_m2", "land_sqmi", "water_sqmi", "latitude")
    rows = [(*(row[name] for name in names), row["longitude"].ljust(GAZETTEER_PADDING)) for row in table("county")]
    return write_delimited(path, [(*header, "INTPTLONG".ljust(GAZETTEER_PADDING)), *rows], delimiter="\t") - 1


def _write_population(path: Path) -> int:
    """County rows (SUMLEV 050) below the row of their state (040), which must not be summed with them; Latin-1."""
    header = ("SUMLEV", "REGION", "DIVISION", "STATE", "COUNTY", "STNAME", "CTYNAME", "ESTIMATESBASE2020",
              "POPESTIMATE2020", "POPESTIMATE2021", "POPESTIMATE2022", "POPESTIMATE2023")  # fmt: skip
    rows: list[tuple[str, ...]] = [header]
    for state in STATE_NAMES:
        counties = [row for row in table("county") if row["state"] == state]
        rows.append(_population_row("040", state, counties[0]["fips"][:2] + "000", STATE_NAMES[state], counties))
        rows += [_population_row("050", state, row["fips"], row["name"], [row]) for row in counties]
    return write_delimited(path, rows, encoding="latin-1") - 1


def _population_row(level: str, state: str, fips: str, name: str, counties: list[Row]) -> tuple[str, ...]:
    years = ("base_2020", "2020", "2021", "2022", "2023")
    totals = (str(sum(int(row[f"population_{year}"]) for row in counties)) for year in years)
    return (level, *REGIONS[state], fips[:2], fips[2:], STATE_NAMES[state], name, *totals)


def _write_zip_county(path: Path) -> int:
    header = ("zip", "countyname", "state", "stcountyfp", "classfp")
    return write_delimited(path, [header, *(tuple(row.values()) for row in table("zip_county"))], line_end="\r\n") - 1
