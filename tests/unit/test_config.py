"""Configuration: precedence, the original variables, and errors that name the key."""

from pathlib import Path

import pytest

from lakeward.config import load_settings
from lakeward.errors import UsageError

DOCUMENT = """
lake: ./lake
resources: {memory: 2GB, workers: 3}
environments:
  production: {lake: "s3://production/lake", resources: {workers: 8}}
sources:
  mrf: [{path: "data/*.json.gz", state: ga}]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("S3_BUCKET", "S3_REGION", "CHUNK_SIZE", "MAX_WORKERS", "MEMORY_LIMIT_MB", "ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "lakeward.yaml"
    path.write_text(DOCUMENT)
    return path


def test_defaults_work_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings, base = load_settings()
    assert (settings.lake, settings.resources.memory, base) == ("./lake", 4_000_000_000, Path())


def test_relative_lake_stands_beside_the_file(config: Path) -> None:
    settings, base = load_settings(config)
    assert settings.lake == str(config.parent / "lake")
    assert base == config.parent


@pytest.mark.parametrize(
    ("written", "place"), [("logs/metrics.log", "{folder}/logs/metrics.log"), ("stderr", "stderr"), ("null", None)]
)
def test_a_file_of_metrics_stands_beside_the_configuration(config: Path, written: str, place: str | None) -> None:
    config.write_text(DOCUMENT + f"monitoring: {{emf: {written}}}\n")
    emf = load_settings(config)[0].monitoring.emf
    assert emf == (place and place.format(folder=config.parent))


def test_state_is_written_in_capitals(config: Path) -> None:
    assert load_settings(config)[0].sources.mrf[0].state == "GA"


def test_flag_over_environment_over_overlay_over_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(config)[0].resources.workers == 3
    assert load_settings(config, environment="production")[0].resources.workers == 8
    monkeypatch.setenv("MAX_WORKERS", "5")
    assert load_settings(config, environment="production")[0].resources.workers == 5
    monkeypatch.setenv("LAKEWARD_RESOURCES__WORKERS", "6")
    assert load_settings(config, environment="production")[0].resources.workers == 6
    flags = {"resources": {"workers": 7, "memory": None}}
    settings = load_settings(config, flags, "production")[0]
    assert (settings.resources.workers, settings.resources.memory) == (7, 2_000_000_000)


@pytest.mark.parametrize(
    ("variable", "value", "seen"),
    [
        pytest.param("S3_BUCKET", "rates", lambda s: s.lake == "s3://rates", id="bucket"),
        pytest.param("S3_REGION", "us-west-2", lambda s: s.storage.region == "us-west-2", id="region"),
        pytest.param("CHUNK_SIZE", "1000", lambda s: s.resources.chunk_rows == 1000, id="chunk"),
        pytest.param("MEMORY_LIMIT_MB", "512", lambda s: s.resources.memory == 512_000_000, id="memory"),
        pytest.param("ENVIRONMENT", "production", lambda s: s.resources.workers == 8, id="environment"),
    ],
)
def test_original_variables_keep_working(config, monkeypatch, variable, value, seen) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv(variable, value)
    assert seen(load_settings(config)[0])


@pytest.mark.parametrize(
    ("document", "says"),
    [
        pytest.param("sauces: {}", "sauces: no such key", id="unknown key"),
        pytest.param("sources: {mrf: [{pth: x}]}", "sources.mrf.0.pth: no such key", id="unknown inner key"),
        pytest.param("sources: {mrf: [{state: GA}]}", "give either `path` or `toc`", id="neither path nor toc"),
        pytest.param("sources: {mrf: [{path: x, state: ZZ}]}", "'ZZ' is not the postal abbreviation", id="state"),
        pytest.param("sources: {mrf: [{path: x, year_month: 2025-13}]}", "sources.mrf.0.year_month", id="month"),
        pytest.param("resources: {memory: lots}", "'lots' is not a size", id="size"),
        pytest.param("layout: {name: deep, keys: [state]}", "give either `name`", id="two layouts"),
        pytest.param("quality: {rate_min: 5, rate_max: 1}", "`rate_min` must not be above", id="rate range"),
        pytest.param("- a list", "must hold a mapping", id="not a mapping"),
        pytest.param("lake: [", "cannot be read as YAML", id="not yaml"),
    ],
)
def test_errors_name_the_key_and_what_it_takes(config: Path, document: str, says: str) -> None:
    config.write_text(document)
    with pytest.raises(UsageError, match=r"configuration|lakeward\.yaml") as raised:
        load_settings(config)
    assert says in str(raised.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no configuration file"):
        load_settings(tmp_path / "none.yaml")


def test_a_secret_is_not_in_the_representation(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWARD_SOURCES__CENSUS__KEY", "hunter2")
    monkeypatch.setenv("LAKEWARD_SOURCES__CENSUS__YEAR", "2023")
    settings = load_settings(config)[0]
    assert settings.sources.census is not None
    assert "hunter2" not in repr(settings)
