"""The damage report of the publishers' own files gives the counts of their provenance, and leaves nothing behind."""

import json
import tempfile
from pathlib import Path

import pytest

from lakeward.errors import SourceUnreadable
from lakeward.quality.inspect import inspect_file
from lakeward.quality.inspection import render_inspection

EVRY_2025 = "mrf/2025-06-23_Evry-Health_in-network-rates.json.gz"
EVRY_2022 = "mrf/2022-08-05_Evry-Health_in-network-rates.json.gz"
COUNTS = [
    (EVRY_2025, "in-network price file", "v1", {"items": 3_483, "prices": 30_209, "inline groups": 191_986}),
    (EVRY_2022, "in-network price file", "v1", {"items": 489, "prices": 14_406, "inline groups": 469_655}),
    ("mrf/202508_uhc_ga_rates.parquet", "flat rates Parquet", "rate", {"rows of rate": 7_234}),
    ("mrf/202508_uhc_ga_providers.parquet", "flat rates Parquet", "provider", {"rows of provider": 1}),
    ("mrf/2022-08-05_Evry-Health_allowed-amounts.json", "allowed-amounts file", None, {"items": 0}),
    ("mrf/cms-examples-v2.2.0/table-of-contents-sample.json", "table of contents", None, {"plans": 3}),
    ("providers/npidata_pfile_2025-04_rows1-700_requoted.csv", "NPPES provider registry", "npidata", {}),
    ("providers/nucc_taxonomy_240.csv", "provider taxonomy", "nucc", {"rows of nucc": 874}),
    ("medicare/PPRRVU2025_Oct.csv.gz", "Medicare fee schedule", "pfs_rvu", {"rows of pfs_rvu": 19_090}),
    ("geo/list1_2023.xlsx", "geography file", "cbsa_delineation", {"rows of cbsa_delineation": 1_915}),
    (
        "claims/DE1_0_2008_to_2010_Inpatient_Claims_Sample_2.csv.gz",
        "CMS synthetic claims (DE-SynPUF)",
        "inpatient_claim",
        {"rows": 5_888},
    ),
]
DAMAGE = [
    (EVRY_2022, {"rate_zero": 1_223}),
    ("providers/npidata_pfile_2025-04_rows1-700_requoted.csv", {"deactivated": 56}),
    ("geo/co-est2023-alldata.csv", {"codes_without_leading_zeros": 3_195}),
    (
        "claims/DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv.gz",
        {
            "second_segment": 68,
            "paid_negative": 55,
            "paid_zero": 2_160,
            "drg_not_ms_drg": 493,
            "began_before_2008": 224,
        },
    ),
]


@pytest.mark.parametrize(("file", "kind", "layout", "counts"), COUNTS, ids=[Path(case[0]).name for case in COUNTS])
def test_counts_are_those_of_the_provenance(
    real_data: Path, file: str, kind: str, layout: str | None, counts: dict[str, int]
) -> None:
    inspection = inspect_file(real_data / file)
    assert (inspection.kind, inspection.layout) == (kind, layout)
    assert {name: inspection.counts[name] for name in counts} == counts
    assert json.loads(inspection.to_json())["name"] == Path(file).name
    assert render_inspection(inspection).endswith("Nothing was written.\n")


@pytest.mark.parametrize(("file", "damage"), DAMAGE, ids=[Path(case[0]).name for case in DAMAGE])
def test_damage_is_that_of_the_provenance(real_data: Path, file: str, damage: dict[str, int]) -> None:
    found = {finding.finding_id: finding.count for finding in inspect_file(real_data / file).findings}
    assert {name: found.get(name) for name in damage} == damage


def test_nothing_is_left_behind(real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary, current = tmp_path / "temporary", tmp_path / "current"
    temporary.mkdir()
    current.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.chdir(current)
    inspect_file(real_data / "geo/list1_2023.xlsx")
    assert list(temporary.iterdir()) == []
    assert list(current.iterdir()) == []


def test_a_truncated_registry_file_is_refused_and_leaves_nothing(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (real_data / "providers/npidata_pfile_fixture.csv").read_bytes()
    cut, temporary = tmp_path / "npidata.csv", tmp_path / "temporary"
    temporary.mkdir()
    cut.write_bytes(whole[:-200])
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with pytest.raises(SourceUnreadable):
        inspect_file(cut)
    assert list(temporary.iterdir()) == []
