"""Bronze of claims for the models' tests: rows written for a case."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .built_models import SCHEMAS

MODELS = "+path:models/silver/claims"
CLAIM = "synpuf__inpatient_claim"
SUMMARY = "synpuf__beneficiary_summary"


def written(rows: Mapping[str, list[dict[str, Any]]], folder: Path) -> dict[str, list[str]]:
    """Write literal rows as bronze files, columns not named as null; return the Parquet files of each relation."""
    addresses = {}
    for name, values in rows.items():
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(values, SCHEMAS[name]), path)
        addresses[name] = [str(path)]
    return addresses


def claim(record: int, **values: str) -> dict[str, Any]:
    """A claim record of sample 1 with only what a claim must have, and what a case says."""
    row = {"DESYNPUF_ID": "P1", "CLM_ID": "100", "SEGMENT": "1", "CLM_PMT_AMT": "100.00", "CLM_FROM_DT": "20080110"}
    return {"_file_id": "f1", "_source_record": record, "_sample_number": 1, **row, **values}


def summary(record: int, **values: str) -> dict[str, Any]:
    """A summary record of sample 1 and 2008 with only what it must have, and what a case says."""
    row = {"DESYNPUF_ID": "P1", "BENE_BIRTH_DT": "19300101"}
    return {"_file_id": "f2", "_source_record": record, "_sample_number": 1, "_summary_year": 2008, **row, **values}


BROKEN: dict[str, list[dict[str, Any]]] = {
    CLAIM: [
        claim(1),
        claim(2, CLM_ID="200", CLM_PMT_AMT="-7.50"),
        claim(3, CLM_ID="200", CLM_PMT_AMT="-7.50"),  # an exact repeat
        claim(4, CLM_ID="300", CLM_PMT_AMT="1.00"),
        claim(5, CLM_ID="300", CLM_PMT_AMT="2.00"),  # the same key with another amount
        claim(6, CLM_ID="400", CLM_FROM_DT="20081345", CLM_PMT_AMT="4.00"),
        claim(7, CLM_ID="500", CLM_PMT_AMT="four"),
        claim(8, CLM_ID="600", DESYNPUF_ID="P2", CLM_PMT_AMT="0.25", CLM_DRG_CD="XYZ"),
    ],
    SUMMARY: [summary(1), summary(2), summary(3, DESYNPUF_ID="P3"), summary(4, DESYNPUF_ID="P3", SP_CHF="1")],
}
"""Claims and summaries of which some repeat, some contradict each other and some cannot be read."""
