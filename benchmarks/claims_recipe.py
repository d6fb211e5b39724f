"""The document's recipe with its mistakes mended: dlt stages, pandas makes the star, DuckDB joins, pandas the marts.

What was mended: the file has 81 columns, not 71; codes stay text (leading zeros) and dates are parsed by their format;
the key is claim and segment, so bridges and joins do not multiply second segments; blank dates are filled from the
first segment; the date key is joined as a date; beneficiary summaries are linked, so that churn means something; ABC
classifies DRGs, facilities and people by cumulative share, where the document ranked single claims.

Usage: python -m benchmarks.claims_recipe SOURCE TARGET
"""

import os
import sys
from pathlib import Path

import dlt
import duckdb
import pandas as pd
from dlt.destinations import filesystem

from benchmarks.claims_marts import build_marts, prepare_claims, write_marts
from benchmarks.claims_straight import AMOUNTS, DATES, name_years, read_weights

FACT = ("CLM_ID", "SEGMENT", "DESYNPUF_ID", "PRVDR_NUM", "CLM_DRG_CD", "CLM_THRU_DT")
DIAGNOSES = [f"ICD9_DGNS_CD_{n}" for n in range(1, 11)]
PROCEDURES = [f"ICD9_PRCDR_CD_{n}" for n in range(1, 7)]


def stage(source: Path, target: Path) -> None:
    """Load the claims and summaries with dlt to Parquet, every column as published."""
    os.environ.update({"SCHEMA__NAMING": "direct", "RUNTIME__DLTHUB_TELEMETRY": "false"})
    pipeline = dlt.pipeline(
        "inpatient_load",
        pipelines_dir=str(target / "dlt"),
        destination=filesystem(bucket_url=(target / "lake").resolve().as_uri(), warn_unsafe_layout_separators=False),
        dataset_name="staging",
    )
    for path in sorted(source.glob("*Inpatient_Claims_Sample_*.csv*")):
        frame = pd.read_csv(path, dtype="str")
        pipeline.run(frame, table_name="inpatient_raw", write_disposition="append", loader_file_format="parquet")
    for path in sorted(source.glob("*Beneficiary_Summary_File_Sample_*.csv*")):
        frame = pd.read_csv(path, dtype="str").assign(summary_year=int(path.name.split("_")[2]))
        pipeline.run(frame, table_name="beneficiary_raw", write_disposition="append", loader_file_format="parquet")


def build_star(target: Path, weights: pd.DataFrame) -> None:
    """Write the star of the document: fact, beneficiary, provider, date, DRG and both bridges."""
    star = target / "star"
    star.mkdir(parents=True)
    connection = duckdb.connect()
    raw = connection.execute(f"select * from '{target}/lake/staging/inpatient_raw/*.parquet'").fetchdf()
    summaries = connection.execute(f"select * from '{target}/lake/staging/beneficiary_raw/*.parquet'").fetchdf()
    fact = raw[[*dict.fromkeys((*FACT, *DATES, *AMOUNTS))]].copy()
    fact["SEGMENT"] = fact["SEGMENT"].astype("int8")
    for name in AMOUNTS:
        fact[name] = pd.to_numeric(fact[name])
    for name in (*DATES, "CLM_THRU_DT"):
        fact[name] = pd.to_datetime(fact[name], format="%Y%m%d")
    first = fact.loc[fact["SEGMENT"] == 1].set_index("CLM_ID")["CLM_FROM_DT"]
    fact["CLM_FROM_DT"] = fact["CLM_FROM_DT"].fillna(fact["CLM_ID"].map(first)).fillna(fact["CLM_ADMSN_DT"])
    fact.to_parquet(star / "inpatient_claims_fact.parquet", index=False)
    for column in ("BENE_HI_CVRAGE_TOT_MONS", "BENE_SMI_CVRAGE_TOT_MONS", "BENE_HMO_CVRAGE_TOT_MONS"):
        summaries[column] = summaries[column].astype("int8")
    name_years(summaries).to_parquet(star / "beneficiary_dim.parquet", index=False)
    raw[["PRVDR_NUM", "AT_PHYSN_NPI"]].drop_duplicates().to_parquet(star / "provider_dim.parquet", index=False)
    weights.to_parquet(star / "drg_dim.parquet", index=False)
    dates = pd.DataFrame({"DATE_KEY": fact["CLM_FROM_DT"].drop_duplicates().sort_values()})
    dates = dates.assign(
        service_year=dates["DATE_KEY"].dt.year, service_month=dates["DATE_KEY"].dt.to_period("M").dt.to_timestamp()
    )
    dates.to_parquet(star / "date_dim.parquet", index=False)
    for name, columns in {"diagnosis": DIAGNOSES, "procedure": PROCEDURES}.items():
        bridge = raw.melt(id_vars=["CLM_ID", "SEGMENT"], value_vars=columns, var_name="sequence", value_name="code")
        bridge.dropna(subset="code").to_parquet(star / f"inpatient_{name}_bridge.parquet", index=False)


def read_star(target: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Join the fact to its dates with DuckDB and return fact, beneficiary years and DRG weights."""
    star = target / "star"
    connection = duckdb.connect()
    claims = connection.execute(
        f"""
        select f.*, d.service_year, d.service_month
        from '{star}/inpatient_claims_fact.parquet' f
        join '{star}/date_dim.parquet' d on f.CLM_FROM_DT = d.DATE_KEY
        """
    ).fetchdf()
    years = connection.execute(f"select * from '{star}/beneficiary_dim.parquet'").fetchdf()
    return claims, years, connection.execute(f"select * from '{star}/drg_dim.parquet'").fetchdf()


def main() -> None:
    """Stage a folder of CMS files, build the star and write the five marts."""
    source, target = map(Path, sys.argv[1:])
    stage(source, target)
    build_star(target, read_weights(source))
    claims, years, weights = read_star(target)
    write_marts(build_marts(prepare_claims(claims), years, weights), target / "marts")


if __name__ == "__main__":
    main()
