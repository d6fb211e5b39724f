"""What each build group reads, selects and publishes, and that a change of one leaves the fingerprint of the other."""

from pathlib import Path

import pytest

from lakeward.groups import (
    CLAIMS,
    GROUPS,
    PROVIDERS,
    RATES,
    REFERENCE,
    Group,
    files_of,
    fingerprint_of,
    has_files,
    published_fingerprint,
)
from lakeward.lake.commit import FileEntry, Lake, SliceEntry, Snapshot
from lakeward.pipeline import DOMAIN_GROUPS, DOMAIN_SOURCES, choose_groups, choose_inputs
from lakeward.settings import LayoutSettings, QualitySettings, Settings, StorageSettings
from lakeward.sources.inputs import Input
from lakeward.sources.registry import SOURCE_FILE, RegisteredFile

FILES = {
    "bronze/synpuf/inpatient_claim": "claims",
    "bronze/geography/ssa_county": "crosswalk",
    "bronze/geography/zip_county": "zips",
    "bronze/mrf/price": "prices",
}
"""A dataset of bronze and the file that landed it."""


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake.open(str(tmp_path / "lake"), StorageSettings())
    for table, file_id in FILES.items():
        add(lake, table, file_id)
    return lake


def add(lake: Lake, table: str, file_id: str, *, is_active: bool = True, **attributes: int) -> Snapshot:
    """Register a file that landed one dataset, without its rows."""
    transaction = lake.begin("extract")
    file = RegisteredFile(file_id, table.split("/")[1], f"{file_id}.csv", is_active, dict(attributes))
    transaction.replace_slice(SOURCE_FILE, SliceEntry(file_id, file_id, file.as_attributes(), ()))
    transaction.replace_slice(table, SliceEntry(file_id, file_id, {}, ()))
    return transaction.commit()


def published(lake: Lake, **fingerprints: str) -> Snapshot:
    """Publish whole tables, each with its fingerprint; ``gold_rates_mart`` is ``gold/rates/mart``."""
    transaction = lake.begin("publish")
    for name, fingerprint in fingerprints.items():
        table = name.replace("_", "/", 2)
        transaction.replace_slice(table, SliceEntry("whole", fingerprint, {}, (FileEntry(f"{table}/a", 1, 1, {}),)))
    return transaction.commit()


def test_each_group_is_made_from_the_files_that_its_models_read(lake: Lake) -> None:
    snapshot = lake.snapshot()
    assert [file.file_id for file in files_of(snapshot, CLAIMS)] == ["claims", "crosswalk"]
    assert [file.file_id for file in files_of(snapshot, RATES)] == ["prices", "zips"]


def test_a_file_out_of_use_is_of_no_group(lake: Lake) -> None:
    snapshot = add(lake, "bronze/synpuf/inpatient_claim", "claims", is_active=False)
    assert [file.file_id for file in files_of(snapshot, CLAIMS)] == ["crosswalk"]


def test_a_crosswalk_alone_makes_no_claims_and_zips_make_places(lake: Lake) -> None:
    snapshot = add(lake, "bronze/synpuf/inpatient_claim", "claims", is_active=False)
    assert not has_files(snapshot, CLAIMS)
    snapshot = add(lake, "bronze/mrf/price", "prices", is_active=False)
    assert has_files(snapshot, REFERENCE)
    assert not has_files(snapshot, RATES)
    assert not has_files(snapshot, PROVIDERS)


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("bronze/synpuf/drg", {CLAIMS}),
        ("bronze/geography/ssa_county", {CLAIMS}),
        ("bronze/geography/county", {REFERENCE, PROVIDERS, RATES}),
        ("bronze/census/acs5", {REFERENCE, PROVIDERS, RATES}),
        ("bronze/nppes/npidata", {PROVIDERS, RATES}),
        ("bronze/medicare/gpci", {REFERENCE, RATES}),
        ("bronze/mrf/price", {RATES}),
    ],
    ids=["drg", "crosswalk", "county", "census", "registry", "fees", "prices"],
)
def test_a_new_file_changes_the_fingerprint_of_the_groups_that_read_it(
    lake: Lake, table: str, changed: set[Group]
) -> None:
    before = {group: fingerprint_of(lake.snapshot(), group, Settings()) for group in GROUPS}
    snapshot = add(lake, table, "new")
    after = {group: fingerprint_of(snapshot, group, Settings()) for group in GROUPS}
    assert {group for group in before if before[group] != after[group]} == changed


def test_what_is_said_of_a_file_is_part_of_the_fingerprint(lake: Lake) -> None:
    before = fingerprint_of(lake.snapshot(), CLAIMS, Settings())
    snapshot = add(lake, "bronze/synpuf/inpatient_claim", "claims", sample_number=2)
    assert fingerprint_of(snapshot, CLAIMS, Settings()) != before


def test_the_layout_is_of_the_rates_and_the_rules_are_of_all(lake: Lake) -> None:
    snapshot = lake.snapshot()
    deep = Settings(layout=LayoutSettings(name="deep"))
    strict = Settings(quality=QualitySettings(quarantine_max_share=0))
    for settings, changed in ((deep, {"rates"}), (strict, {group.name for group in GROUPS})):
        differs = {
            g.name for g in GROUPS if fingerprint_of(snapshot, g, settings) != fingerprint_of(snapshot, g, Settings())
        }
        assert differs == changed


def test_the_published_fingerprint_is_that_of_the_groups_own_tables(lake: Lake) -> None:
    snapshot = published(lake, gold_claims_mart="c", silver_providers_npi="p", gold_rates_mart="r")
    assert published_fingerprint(snapshot, CLAIMS) == "c"
    assert published_fingerprint(snapshot, PROVIDERS) == "p"
    assert published_fingerprint(snapshot, RATES) == "r"


def test_tables_of_two_states_are_of_none(lake: Lake) -> None:
    snapshot = published(lake, gold_rates_mart="old", silver_rates_fact="new")
    assert published_fingerprint(snapshot, RATES) is None
    assert published_fingerprint(snapshot, CLAIMS) is None


def test_a_selection_names_the_folders_of_the_groups_domains() -> None:
    assert "+path:models/gold/claims" in CLAIMS.selection.split()
    assert "rates" not in CLAIMS.selection
    assert "claims" not in RATES.selection


def test_a_domain_names_its_groups_and_none_names_all() -> None:
    assert choose_groups(["claims"]) == [CLAIMS]
    assert choose_groups(["providers"]) == [REFERENCE, PROVIDERS]
    assert choose_groups(["rates", "providers"]) == [REFERENCE, PROVIDERS, RATES]
    assert choose_groups(()) == list(GROUPS)
    assert set(DOMAIN_SOURCES) == set(DOMAIN_GROUPS)


def test_prices_are_not_asked_of_the_census() -> None:
    inputs = [Input(source, source) for source in ("mrf", "census", "nppes", "synpuf", "geography")]
    assert [item.source for item in choose_inputs(inputs, ["rates"])] == ["mrf", "nppes", "geography"]
    assert [item.source for item in choose_inputs(inputs, ["providers"])] == ["census", "nppes", "geography"]
    assert choose_inputs(inputs, ()) == inputs
