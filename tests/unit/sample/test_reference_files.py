"""Medicare, geography and specialties of the sample: read by Lakeward's own sources, and true to their publishers."""

import csv
import gzip
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import fastexcel
import pytest

from lakeward.sample import SampleSummary, facts
from lakeward.sample.amounts import outpatient_cents, professional_cents, surgery_center_cents
from lakeward.sample.facts import keyed, table
from lakeward.sample.places import places
from lakeward.sources import geography, medicare, taxonomy
from lakeward.sources.landing import Landing

MEDICARE = {
    "PPRRVU2025_Oct.csv": ("pfs_rvu", "PPRRVU2025_Oct.csv.gz"),
    "GPCI2025.csv": ("gpci", "GPCI2025.csv"),
    "ANES2025.csv": ("anesthesia_cf", "ANES2025.csv"),
    "25LOCCO.csv": ("locality_county", "25LOCCO.csv"),
    "ZIP5_OCT2025.txt": ("zip_locality", "ZIP5_OCT2025.txt.gz"),
    "2025_January_Addendum_B.csv": ("opps_addendum_b", "2025_January_Addendum_B.csv.gz"),
    "ASC_2025_January_Addendum_AA.csv": ("asc_addendum_aa", "ASC_2025_January_Addendum_AA.csv.gz"),
    "ASC_2025_January_Addendum_BB.csv": ("asc_addendum_bb", "ASC_2025_January_Addendum_BB.csv.gz"),
    "ASC_wage_index_2025.txt": ("asc_wage_index", "ASC_wage_index_2025.txt"),
    "RBCS_RY_2025.csv": ("rbcs", "RBCS_RY_2025.csv.gz"),
    "place_of_service.csv": ("place_of_service", "place_of_service.csv"),
}
"""Each file, the dataset it is recognised as, and the publisher's file among the real data."""

GEOGRAPHY = {
    "2024_Gaz_counties_national.txt": "gazetteer_county",
    "list1_2023.xlsx": "cbsa_delineation",
    "co-est2023-alldata.csv": "county_population",
    "ZIP-COUNTY-FIPS_2017-06.csv": "zip_county",
    "zip_cbsa_122022.xlsx": "zip_cbsa",
    "zipcode_zcta.csv": "zip_zcta",
    "2021_Gaz_zcta_centroids.csv": "zcta_centroid",
}
DESCRIPTION_COLUMN = {"pfs_rvu": 2, "opps_addendum_b": 1, "asc_addendum_aa": 2, "asc_addendum_bb": 2}


@pytest.mark.parametrize(("name", "dataset"), [(name, kind) for name, (kind, _) in MEDICARE.items()], ids=MEDICARE)
def test_medicare_files_are_read_by_the_source(sample: SampleSummary, tmp_path: Path, name: str, dataset: str) -> None:
    path = sample.directory / "medicare" / name
    with Landing(path, tmp_path) as landing:
        extracted = medicare.extract(path, landing, year=2025)
    assert medicare.recognise(path) == dataset
    assert extracted.rows_out == sample.rows[f"medicare/{name}"] > 0


@pytest.mark.parametrize(("name", "dataset"), GEOGRAPHY.items(), ids=GEOGRAPHY)
def test_geography_files_are_read_by_the_source(sample: SampleSummary, tmp_path: Path, name: str, dataset: str) -> None:
    path = sample.directory / "geography" / name
    with Landing(path, tmp_path) as landing:
        extracted = geography.extract(path, landing)
    assert geography.recognise(path) == dataset
    assert extracted.rows_out == sample.rows[f"geography/{name}"] > 0
    assert extracted.notes["codes_without_leading_zeros"] == 0


def test_specialties_are_read_by_the_source_and_say_whose_words_they_are(sample: SampleSummary, tmp_path: Path) -> None:
    path = sample.directory / "taxonomy" / "nucc_taxonomy_250.csv"
    with Landing(path, tmp_path) as landing:
        assert taxonomy.extract(path, landing).rows_out == len(table("taxonomy"))
    assert path.read_text().count("not the wording of the code set's owner") == len(table("taxonomy"))


def _cells(path: Path, encoding: str) -> Iterator[tuple[str, ...]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    lines = raw.decode(encoding).splitlines()
    rows = csv.reader(lines, delimiter="\t" if "wage_index" in path.name else ",")
    return (tuple(re.sub(r"\s+", " ", cell).strip() for cell in row) for row in rows)


@pytest.mark.parametrize("name", MEDICARE)
def test_every_medicare_record_is_one_of_the_publishers(sample: SampleSummary, real_data: Path, name: str) -> None:
    dataset, real_name = MEDICARE[name]
    without = DESCRIPTION_COLUMN.get(dataset)
    ours = list(_cells(sample.directory / "medicare" / name, "latin-1"))[-sample.rows[f"medicare/{name}"] :]
    theirs = {_without(row, without, dataset) for row in _cells(real_data / "medicare" / real_name, "latin-1")}
    assert [row for row in ours if _without(row, without, dataset) not in theirs] == []


def _without(row: tuple[str, ...], position: int | None, dataset: str) -> tuple[str, ...]:
    """A record without its description; a locality without its state, which stands on the first row of a state."""
    if dataset == "locality_county":
        return row[:2] + row[3:]
    return row if position is None else row[:position] + row[position + 1 :]


def test_geography_is_the_publishers(real_data: Path) -> None:
    gazetteer = (real_data / "geo" / "2024_Gaz_counties_national.txt").read_text(encoding="utf-8")
    for row in table("county"):
        assert f"{row['state']}\t{row['fips']}\t{row['ansi_code']}\t{row['name']}\t{row['land_m2']}\t" in gazetteer
        assert f"\t{row['latitude']}\t{row['longitude']}" in gazetteer
    sheet = fastexcel.read_excel(real_data / "geo" / "list1_2023.xlsx").load_sheet(0, header_row=None).to_polars()
    published = {tuple(cell or "" for cell in row) for row in sheet.iter_rows()}
    assert {tuple(row.values()) for row in table("cbsa_delineation")} <= published


def test_populations_are_the_publishers(real_data: Path) -> None:
    with (real_data / "geo" / "co-est2023-alldata.csv").open(encoding="utf-8-sig", newline="") as stream:
        published = {
            row["STATE"].zfill(2) + row["COUNTY"].zfill(3): row["POPESTIMATE2023"] for row in csv.DictReader(stream)
        }
    assert {row["fips"]: row["population_2023"] for row in table("county")}.items() <= published.items()


def test_every_county_of_georgia_has_a_place() -> None:
    georgia = {row["fips"] for row in table("county") if row["state"] == "GA"}
    counties: dict[str, set[str]] = {}
    for row in table("zip_county"):
        counties.setdefault(row["zip"], set()).add(row["county_fips"])
    assert len(georgia) == 159
    assert georgia <= set().union(*counties.values())
    # The other 33 have no ZIP that lies in them alone, in the publisher's whole list.
    assert len(georgia & {fips for found in counties.values() if len(found) == 1 for fips in found}) == 126


def test_household_incomes_are_the_publishers_in_the_publishers_columns(sample: SampleSummary, real_data: Path) -> None:
    text = (sample.directory / "census" / "ACSST5Y2023.S1901-Data.csv").read_text(encoding="utf-8-sig")
    header, labels, *counties = csv.reader(text.splitlines())
    with gzip.open(real_data / "geo" / "ACSST5Y2023.S1901-Data.csv.gz", "rt", encoding="utf-8-sig") as stream:
        their_header, their_labels, *their_counties = csv.reader(stream)
    theirs = {row[0]: row for row in their_counties}
    assert (header, labels) == (their_header, their_labels)
    assert len(counties) == sample.rows["census/ACSST5Y2023.S1901-Data.csv"] == len(table("county"))
    for county in counties:
        shown = [(ours, real) for ours, real in zip(county, theirs[county[0]], strict=True) if ours != "(X)"]
        assert len(shown) == 9, "id, name, six figures and the empty last cell"
        assert all(ours == real for ours, real in shown)


def test_specialty_labels_are_not_the_owners_words(real_data: Path) -> None:
    with (real_data / "providers" / "nucc_taxonomy_240.csv").open(encoding="utf-8", newline="") as stream:
        theirs = {row["Code"]: row for row in csv.DictReader(stream)}
    for row in table("taxonomy"):
        owner = theirs[row["code"]]
        names = {owner["Classification"], owner["Specialization"], owner["Display Name"]}
        assert row["label"].lower() not in {name.lower() for name in names}, row["code"]


def test_amounts_of_known_codes() -> None:
    assert professional_cents("99213", "", facility=False) == round(Decimal("2.75") * Decimal("32.3465") * 100)
    assert professional_cents("27447", "", facility=False) is None
    assert professional_cents("80053", "", facility=True) is None
    assert outpatient_cents()["27447"] == 1_286_682
    assert surgery_center_cents()["11042"] == 21_439
    assert "99213" not in outpatient_cents()


def test_facts_are_small_and_consistent() -> None:
    codes = [(row["code_type"], row["code"]) for row in table("billing_code")]
    zips, counties = {place["zip"]: place for place in places()}, keyed("county", "fips")
    assert len(codes) == len(set(codes)) > 300
    assert {row["code"] for row in table("pfs_rvu")} <= {code for _, code in codes}
    assert {row["zip"] for row in table("zip_county")} == set(zips) == {row["zip"] for row in table("zip_cbsa")}
    assert {row["county_fips"] for row in table("zip_county")} <= set(counties)
    assert len(zips) == len(places())
    areas = {row["cbsa_code"] for row in table("cbsa_delineation")}
    assert {row["locality"] for row in zips.values() if row["state"] == "GA"} == {"01", "99"}
    assert {"12060", "12020", "42340"} <= areas


def test_total_of_the_tables_stays_below_500_kB() -> None:
    folder = Path(str(facts.__file__)).parent
    assert 0 < sum(path.stat().st_size for path in folder.glob("*.csv")) < 500_000
