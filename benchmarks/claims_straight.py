"""Claims in pandas and pyarrow, straight from the CSV files to the five marts; a peer of the claims benchmark.

Reads only the columns that the marts need and writes nothing but the marts: no lake, no star, no checks.

Usage: python -m benchmarks.claims_straight SOURCE TARGET
"""

import sys
from pathlib import Path

import fastexcel
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from benchmarks.claims_marts import BANDS, build_marts, prepare_claims, write_marts

TEXTS = ("DESYNPUF_ID", "CLM_ID", "PRVDR_NUM", "CLM_DRG_CD")
DATES = ("CLM_FROM_DT", "CLM_ADMSN_DT", "NCH_BENE_DSCHRG_DT")
AMOUNTS = (
    "CLM_PMT_AMT",
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "CLM_PASS_THRU_PER_DIEM_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "CLM_UTLZTN_DAY_CNT",
)
SUMMARY = {
    "DESYNPUF_ID": pa.string(),
    "BENE_BIRTH_DT": pa.string(),
    "BENE_DEATH_DT": pa.string(),
    "BENE_SEX_IDENT_CD": pa.string(),
    "SP_STATE_CODE": pa.string(),
    "BENE_HI_CVRAGE_TOT_MONS": pa.int8(),
    "BENE_SMI_CVRAGE_TOT_MONS": pa.int8(),
    "BENE_HMO_CVRAGE_TOT_MONS": pa.int8(),
}


def read_columns(path: Path, types: dict[str, pa.DataType]) -> pd.DataFrame:
    """Read some columns of a CSV file, plain or gzip."""
    convert = pa.csv.ConvertOptions(column_types=types, include_columns=list(types), strings_can_be_null=True)
    return pa.csv.read_csv(path, convert_options=convert).to_pandas()


def read_claims(source: Path) -> pd.DataFrame:
    """Read the claims of all samples of a folder."""
    types = dict.fromkeys((*TEXTS, *DATES), pa.string()) | {"SEGMENT": pa.int8()} | dict.fromkeys(AMOUNTS, pa.float64())
    frames = [read_columns(path, types) for path in sorted(source.glob("*Inpatient_Claims_Sample_*.csv*"))]
    claims = pd.concat(frames, ignore_index=True)
    for name in DATES:
        claims[name] = pd.to_datetime(claims[name], format="%Y%m%d")
    return claims


def read_years(source: Path) -> pd.DataFrame:
    """Read the beneficiary summaries of all samples of a folder, one row a person and year."""
    frames = []
    for path in sorted(source.glob("*Beneficiary_Summary_File_Sample_*.csv*")):
        frames.append(read_columns(path, SUMMARY).assign(summary_year=int(path.name.split("_")[2])))
    return name_years(pd.concat(frames, ignore_index=True))


def name_years(rows: pd.DataFrame) -> pd.DataFrame:
    """Give summary rows the names and types that the marts use."""
    birth = pd.to_datetime(rows["BENE_BIRTH_DT"], format="%Y%m%d")
    return pd.DataFrame(
        {
            "beneficiary_id": rows["DESYNPUF_ID"],
            "summary_year": rows["summary_year"],
            "death_date": pd.to_datetime(rows["BENE_DEATH_DT"], format="%Y%m%d"),
            "sex": rows["BENE_SEX_IDENT_CD"].map({"1": "male", "2": "female"}),
            "state": rows["SP_STATE_CODE"],
            "age_band": pd.cut(rows["summary_year"] - birth.dt.year, BANDS, right=False).astype(str),
            "part_a": rows["BENE_HI_CVRAGE_TOT_MONS"],
            "part_b": rows["BENE_SMI_CVRAGE_TOT_MONS"],
            "hmo": rows["BENE_HMO_CVRAGE_TOT_MONS"],
        }
    )


def read_weights(source: Path) -> pd.DataFrame:
    """Read DRG, MDC, title and weight of the FY 2010 IPPS Table 5."""
    (path,) = [path for path in source.glob("*Table*5*") if path.suffix in (".xls", ".csv")]
    if path.suffix == ".csv":
        sheet = pd.read_csv(path, dtype=str)
    else:
        sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_pandas()
    sheet.columns = sheet.columns.str.strip()
    sheet = sheet[sheet["MS-DRG"].str.fullmatch(r"\d{1,3}", na=False)]
    return pd.DataFrame(
        {
            "drg": sheet["MS-DRG"].str.zfill(3),
            "mdc": sheet["MDC"],
            "title": sheet["MS-DRG Title"],
            "weight": pd.to_numeric(sheet["Weights"], errors="coerce"),
        }
    )


def main() -> None:
    """Read a folder of CMS files and write the five marts to another."""
    source, target = map(Path, sys.argv[1:])
    write_marts(build_marts(prepare_claims(read_claims(source)), read_years(source), read_weights(source)), target)


if __name__ == "__main__":
    main()
