"""Small DE-SynPUF files of made-up people, written as CMS does: quoted header, bare values, lines ended by CR LF."""

from pathlib import Path

from lakeward.sources.synpuf.layout import INPATIENT, SUMMARY, Layout

INPATIENT_NAME = "DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv"
SUMMARY_NAME = "DE1_0_2009_Beneficiary_Summary_File_Sample_1.csv"
CLAIM = {
    "DESYNPUF_ID": "00A1",
    "CLM_ID": "0190001",
    "SEGMENT": "1",
    "CLM_FROM_DT": "20100312",
    "CLM_PMT_AMT": "4000.00",
    "CLM_DRG_CD": "007",
    "ICD9_DGNS_CD_1": "07802",
}
PERSON = {"DESYNPUF_ID": "00A1", "BENE_BIRTH_DT": "19230501", "SP_STATE_CODE": "26", "PLAN_CVRG_MOS_NUM": "02"}


def text_of(layout: Layout, *records: dict[str, str], columns: tuple[str, ...] | None = None) -> bytes:
    columns = columns or layout.columns
    lines = [",".join(f'"{name}"' for name in columns)]
    lines += [",".join(record.get(name, "") for name in columns) for record in records]
    return "".join(line + "\r\n" for line in lines).encode()


def claims_file(folder: Path, *records: dict[str, str], name: str = INPATIENT_NAME) -> Path:
    path = folder / name
    path.write_bytes(text_of(INPATIENT, *(records or (CLAIM,))))
    return path


def summary_file(folder: Path, *records: dict[str, str], name: str = SUMMARY_NAME) -> Path:
    path = folder / name
    path.write_bytes(text_of(SUMMARY, *(records or (PERSON,))))
    return path
