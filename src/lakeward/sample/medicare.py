"""Medicare's files for the codes and places of the sample, in CMS's own layouts, titles and spread headers included.

In: a directory. Out: ``medicare/…`` with the numbers of the fact tables; descriptions are our own plain words.
"""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from lakeward.sample.csv_files import write_delimited
from lakeward.sample.facts import Row, keyed, table
from lakeward.sample.places import places

FOLDER = "medicare"
ZIP_YEAR_QUARTER = "20254"
_ASC_TITLES = {"AA": "header_asc_addendum_aa", "BB": "header_asc_addendum_bb"}
_CRLF = "\r\n"


def write_medicare(directory: Path) -> dict[str, int]:
    """Write all files and return their number of records by path."""
    folder = directory / FOLDER
    written = {
        "PPRRVU2025_Oct.csv": _write(folder / "PPRRVU2025_Oct.csv", _pfs_rows(), "header_pfs_rvu"),
        "GPCI2025.csv": _write_gpci(folder / "GPCI2025.csv"),
        "ANES2025.csv": _write_anesthesia(folder / "ANES2025.csv"),
        "25LOCCO.csv": _write_localities(folder / "25LOCCO.csv"),
        "ZIP5_OCT2025.txt": _write_zip_localities(folder / "ZIP5_OCT2025.txt"),
        "2025_January_Addendum_B.csv": _write(
            folder / "2025_January_Addendum_B.csv", _opps_rows(), "header_opps_addendum_b"
        ),
        "ASC_wage_index_2025.txt": _write_wage_index(folder / "ASC_wage_index_2025.txt"),
        "RBCS_RY_2025.csv": _write_with_header(folder / "RBCS_RY_2025.csv", table("rbcs"), tuple(table("rbcs")[0])),
        "place_of_service.csv": _write_with_header(
            folder / "place_of_service.csv", table("place_of_service"), ("place_of_service_code", "description")
        ),
    }
    for addendum, header in _ASC_TITLES.items():
        name = f"ASC_2025_January_Addendum_{addendum}.csv"
        written[name] = _write(folder / name, _asc_rows(addendum), header)
    return {f"{FOLDER}/{name}": rows for name, rows in written.items()}


def _write(path: Path, rows: Iterable[tuple[str, ...]], header: str) -> int:
    """Write the publisher's title and header lines as they are, then the rows."""
    title = files("lakeward.sample.facts").joinpath(f"{header}.csv").read_bytes()
    return write_delimited(path, rows, title=title)


def _write_with_header(path: Path, rows: Iterable[Row], header: tuple[str, ...]) -> int:
    return write_delimited(path, [header, *(tuple(row.values()) for row in rows)]) - 1


def _description(code: str) -> str:
    return keyed("billing_code", "code")[code]["description"]


def _pfs_rows() -> Iterable[tuple[str, ...]]:
    for row in table("pfs_rvu"):
        code, modifier, *numbers = row.values()
        yield (code, modifier, _description(code), *numbers)


def _opps_rows() -> Iterable[tuple[str, ...]]:
    for row in table("opps_addendum_b"):
        code, *values = row.values()
        yield (code, _description(code), *values)


def _asc_rows(addendum: str) -> Iterable[tuple[str, ...]]:
    for row in table("asc_addendum"):
        if row["addendum"] != addendum:
            continue
        own_column = row["subject_to_discount"] if addendum == "AA" else row["pass_through_expiration"]
        payment = (row["payment_indicator"], row["payment_weight"], row["payment_rate"])
        cells = (row["code"], row["changed"], _description(row["code"]), own_column, *payment)
        yield cells if addendum == "AA" else (*cells, row["adjusted_copayment"])


def _write_gpci(path: Path) -> int:
    title = (
        "ADDENDUM E. FINAL CY 2025 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,\r\n"
        ",,,,,,\r\n"
        "Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,"
        "2025 PW GPCI (with 1.0 Floor),2025 PE GPCI,2025 MP GPCI\r\n"
    )
    rows = [tuple(row.values())[:7] for row in table("gpci")]
    return write_delimited(path, rows, title=title.encode(), line_end=_CRLF)


def _write_anesthesia(path: Path) -> int:
    header = ("Contractor", "Locality", "Locality Name", "National Anes CF of 20.3178")
    rows = [
        (f"{row['carrier']} ", f"{row['locality']} ", row["locality_name"], f"{row['anesthesia_conversion_factor']} ")
        for row in table("gpci")
    ]
    return write_delimited(path, [header, *rows], line_end=_CRLF) - 1


def _write_localities(path: Path) -> int:
    """CMS leaves the state blank on the continuation rows of a state, and drops leading zeros of the contractor."""
    title = (
        "COUNTIES INCLUDED IN 2025 LOCALITIES. (ALPHABETICALLY BY STATE AND LOCALITY NAME WITHIN STATE),,,,\r\n,,,,\r\n"
        "Medicare Adminstrative Contractor,Locality Number,State ,Fee Schedule Area ,Counties\r\n,,,,\r\n"
    )
    rows, last_state = [], ""
    for row in table("locality_county"):
        state = row["state_name"] if row["state_name"] != last_state else ""
        rows.append((row["carrier"], row["locality"], state, row["fee_schedule_area"], row["counties"]))
        last_state = row["state_name"]
    return write_delimited(path, rows, title=title.encode(), line_end=_CRLF)


def _write_zip_localities(path: Path) -> int:
    """Fixed width, 80 characters a line, no header."""
    lines = (
        f"{row['state']}{row['zip']}{row['carrier']}{row['locality']}{row['rural_indicator']:1}"
        f"{row['lab_locality']:2}{row['rural_indicator_2']:1}  {row['plus_four_flag']} A".ljust(75)
        + ZIP_YEAR_QUARTER
        for row in places()
    )
    return write_delimited(path, [(line,) for line in lines])


def _write_wage_index(path: Path) -> int:
    header = ("CBSA", "CBSA Name", "WI25")
    rows = [tuple(row.values()) for row in table("asc_wage_index")]
    return write_delimited(path, [header, *rows], delimiter="\t", line_end=_CRLF, encoding="cp1252") - 1
