"""``examples/real.yaml``: valid as it stands and with all its lines switched on, and only publishers' addresses."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from lakeward.config import load_settings
from lakeward.sources.inputs import find_inputs
from lakeward.sources.synpuf.names import read_file_name

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "real.yaml"
PUBLISHERS = {
    "raw.githubusercontent.com",
    "github.com",
    "transparency-in-coverage.uhc.com",
    "mrfstorageprod.blob.core.windows.net",
    "www.cms.gov",
    "data.cms.gov",
    "download.cms.gov",
    "www2.census.gov",
    "api.census.gov",
    "data.census.gov",
    "udsmapper.org",
    "www.huduser.gov",
    "nucc.org",
    "www.nucc.org",
}
"""CMS and Evry Health publish on GitHub; UnitedHealthcare's files are in its blob storage."""


def test_it_is_valid_and_needs_no_file_of_ones_own() -> None:
    settings, base = load_settings(EXAMPLE)
    inputs = find_inputs(settings.sources, base)
    assert all(item.is_remote for item in inputs)
    assert {item.source for item in inputs} == {"mrf", "medicare", "taxonomy", "synpuf"}


def test_it_is_valid_with_every_line_switched_on(tmp_path: Path) -> None:
    switched_on = re.sub(
        r"^(\s+)# (\s*- \{|nppes:|census: |geography: )", r"\1\2", EXAMPLE.read_text(), flags=re.MULTILINE
    )
    (tmp_path / "lakeward.yaml").write_text(switched_on)
    settings, _ = load_settings(tmp_path / "lakeward.yaml")
    assert len(settings.sources.mrf) == 4
    assert len(settings.sources.medicare) == 4
    assert [Path(file.path).name.split("_")[1] for file in settings.sources.nppes] == ["Data", "Data", "Deactivated"]
    assert settings.sources.census
    assert settings.sources.census.year == 2023
    assert settings.sources.census.path is None
    assert settings.sources.geography
    assert len(settings.sources.synpuf) == 6


def test_names_of_claims_files_say_sample_and_year() -> None:
    names = [
        read_file_name(Path(name)) for name in re.findall(r"[^/]+sample_1\.zip", EXAMPLE.read_text(), re.IGNORECASE)
    ]
    assert {(name.dataset, name.sample, name.year) for name in names} == {
        ("inpatient_claim", 1, None),
        *(("beneficiary_summary", 1, year) for year in (2008, 2009, 2010)),
    }


@pytest.mark.parametrize("address", sorted(set(re.findall(r"https?://[^\s\"',;]+", EXAMPLE.read_text()))))
def test_addresses_are_publishers_own(address: str) -> None:
    assert address.startswith("https://")
    assert urlsplit(address).hostname in PUBLISHERS


def test_no_secret_or_signature() -> None:
    assert not re.search(r"sig=|key=|token", EXAMPLE.read_text(), re.IGNORECASE)
    assert yaml.safe_load(EXAMPLE.read_text())["lake"] == "../lake-real"
