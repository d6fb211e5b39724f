"""What dbt read of the project is kept, loaded again, and read anew when anything that it depends on is another."""

import os
from pathlib import Path
from typing import Any

import pytest

from lakeward import dbt_project
from lakeward.dbt_project import KEPT_MANIFESTS, WAREHOUSE, models_hash, read_project
from lakeward.errors import ResourceError

VARIABLES = {"rate_min": 0.01, "rate_max": 1_000_000.0}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the manifest that dbt read for the variables above."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEWARD_CACHE", str(folder))
        read_project(VARIABLES, "duckdb", _arguments(folder))
    return folder


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Calls of dbt that would read the project; each of them fails."""
    calls: list[list[str]] = []

    def refuse(arguments: list[str]) -> Any:
        calls.append(arguments)
        raise ResourceError("read anew")

    monkeypatch.setattr(dbt_project, "_parsed", refuse)
    return calls


def _arguments(folder: Path) -> list[str]:
    where = ["--project-dir", str(WAREHOUSE), "--profiles-dir", str(WAREHOUSE), "--target", "duckdb"]
    return [*where, "--log-path", str(folder / "logs"), "--log-level", "none"]


def test_what_was_read_once_is_loaded(kept: Path, parsed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWARD_CACHE", str(kept))
    manifest = read_project(VARIABLES, "duckdb", _arguments(kept))
    assert "model.lakeward.fact_inpatient_claim" in manifest.nodes
    assert not parsed


def test_dbt_reports_nothing_to_its_makers(kept: Path) -> None:
    from dbt import tracking

    assert kept.is_dir()
    assert tracking.active_user is not None
    assert tracking.active_user.do_not_track


@pytest.mark.parametrize(
    ("variables", "target"),
    [({**VARIABLES, "rate_min": 1.0}, "duckdb"), (VARIABLES, "spark")],
    ids=["another-bound", "another-engine"],
)
def test_other_variables_or_engines_are_read_anew(
    kept: Path, parsed: list[list[str]], monkeypatch: pytest.MonkeyPatch, variables: dict[str, float], target: str
) -> None:
    monkeypatch.setenv("LAKEWARD_CACHE", str(kept))
    with pytest.raises(ResourceError, match="read anew"):
        read_project(variables, target, _arguments(kept))


def test_an_edited_model_is_read_anew(
    kept: Path, parsed: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAKEWARD_CACHE", str(kept))
    monkeypatch.setattr(dbt_project, "models_hash", lambda: "another")
    with pytest.raises(ResourceError, match="read anew"):
        read_project(VARIABLES, "duckdb", _arguments(kept))


def test_a_damaged_copy_is_read_anew(
    kept: Path, parsed: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (file,) = kept.glob("dbt-*.msgpack")
    (tmp_path / file.name).write_bytes(file.read_bytes()[:-1000])
    monkeypatch.setenv("LAKEWARD_CACHE", str(tmp_path))
    with pytest.raises(ResourceError, match="read anew"):
        read_project(VARIABLES, "duckdb", _arguments(kept))


def test_what_is_used_is_the_newest(kept: Path, parsed: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = kept.glob("dbt-*.msgpack")
    os.utime(file, ns=(1, 1))
    monkeypatch.setenv("LAKEWARD_CACHE", str(kept))
    read_project(VARIABLES, "duckdb", _arguments(kept))
    assert file.stat().st_mtime_ns > 1


def test_the_oldest_go_and_a_folder_that_cannot_be_written_is_none(tmp_path: Path) -> None:
    folder, manifest = tmp_path / "cache", b"read"
    for number in range(KEPT_MANIFESTS + 2):
        dbt_project._keep(manifest, folder / f"dbt-{number}.msgpack")
        os.utime(folder / f"dbt-{number}.msgpack", ns=(number, number))
    assert sorted(file.name for file in folder.iterdir()) == [
        f"dbt-{number}.msgpack" for number in range(2, KEPT_MANIFESTS + 2)
    ]
    dbt_project._keep(manifest, folder / "dbt-7.msgpack" / "below-a-file" / "dbt-0.msgpack")


def test_the_cache_stands_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LAKEWARD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert dbt_project._cache_directory() == tmp_path / "lakeward"
    monkeypatch.setenv("LAKEWARD_CACHE", str(tmp_path / "mine"))
    assert dbt_project._cache_directory() == tmp_path / "mine"


def test_an_engine_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dbt_project._key(VARIABLES, "duckdb")
    monkeypatch.setattr(dbt_project, "READ_BY", (*dbt_project.READ_BY, "dbt-of-nobody"))
    assert dbt_project._key(VARIABLES, "duckdb") != before


def test_the_models_hash_is_of_every_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.sql").write_text("select 1")
    monkeypatch.setattr(dbt_project, "WAREHOUSE", tmp_path)
    before = models_hash.__wrapped__()
    (tmp_path / "models" / "a.sql").write_text("select 2")
    assert models_hash.__wrapped__() != before
