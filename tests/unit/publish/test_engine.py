"""Sorting by numbers that stand for text gives the same rows as sorting by text."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from lakeward.errors import ResourceError, StorageFailed
from lakeward.publish import engine
from lakeward.publish.engine import SMALLEST_ENGINE_BYTES, Resources, engine_errors, open_engine, sorted_rows

TEXTS = ["b", "B", "Zürich", "it's", "10", "9", " ", "z" * 300, "é", "😀", "", None]


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    return Resources(memory_bytes=10**9, workers=2, scratch=tmp_path)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """1,200 rows, of which every text is repeated, in no order."""
    path = tmp_path / "source.duckdb"
    with duckdb.connect(str(path)) as connection:
        rows = [(TEXTS[i * 7 % len(TEXTS)], i * 7919 % 1201) for i in range(1200)]
        connection.execute("create table t (name varchar, number int)")
        connection.executemany("insert into t values (?, ?)", rows)
    return path


def rows_in_order(resources: Resources, database: Path) -> pa.Table:
    with open_engine(resources, database, "source") as connection:
        columns = {"name": "name", "number": "number"}
        reader = sorted_rows(connection, "source.main.t", "number <> 5", columns, ["name", "number"])
        return reader.read_all()


def test_encoding_changes_no_row(resources: Resources, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = rows_in_order(resources, database)
    monkeypatch.setattr(engine, "ROWS_WORTH_ENCODING", 100)
    encoded = rows_in_order(resources, database)
    assert plain.schema.field("name").type == pa.string()
    assert pa.types.is_dictionary(encoded.schema.field("name").type)
    assert encoded.to_pylist() == plain.to_pylist()
    names = plain.column("name").to_pylist()
    assert names[0] is None
    assert names[100:] == sorted(names[100:], key=lambda name: name.encode())


def test_text_of_many_values_stays_text(resources: Resources, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ROWS_WORTH_ENCODING", 100)
    monkeypatch.setattr(engine, "ENCODED_VALUES", 3)
    assert rows_in_order(resources, database).schema.field("name").type == pa.string()


def test_the_engine_gets_what_is_left(resources: Resources, tmp_path: Path) -> None:
    assert SMALLEST_ENGINE_BYTES <= resources.engine_bytes < resources.memory_bytes
    assert Resources(1, 1, tmp_path).engine_bytes == SMALLEST_ENGINE_BYTES
    assert settings_of(resources)["temp_directory"] == str(tmp_path / "spill")


def test_each_thread_needs_memory_of_its_own(tmp_path: Path) -> None:
    assert settings_of(Resources(10**10, 3, tmp_path))["threads"] == "3"
    assert settings_of(Resources(1, 3, tmp_path))["threads"] == "1"


def settings_of(resources: Resources) -> dict[str, str]:
    with open_engine(resources) as connection:
        return dict(connection.sql("select name, value from duckdb_settings()").fetchall())


@pytest.mark.parametrize(
    ("raised", "error", "message"),
    [
        (duckdb.OutOfMemoryException("failed to pin block\nmore"), ResourceError, "Give more with --memory"),
        (duckdb.IOException("No space left on device"), StorageFailed, "Free some disk space"),
    ],
    ids=["memory", "disk"],
)
def test_a_short_engine_says_what_to_do(raised: Exception, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message), engine_errors("gold/rates/mart"):
        raise raised


def test_wide_text_is_sorted_within_the_smallest_budget(tmp_path: Path) -> None:
    texts = ", ".join(f"repeat('{n:02}', 30) || hash(i, {n}) % 60 as text_{n}" for n in range(60))
    path = tmp_path / "source.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create table t as select hash(i) as number, {texts} from range(60000) r(i)")
    with open_engine(Resources(1, 2, tmp_path), path, "source") as connection:
        columns = {name: name for name in ("number", *(f"text_{n}" for n in range(60)))}
        batches = sorted_rows(connection, "source.main.t", "true", columns, ["text_0", "number"])
        assert sum(batch.num_rows for batch in batches) == 60_000
