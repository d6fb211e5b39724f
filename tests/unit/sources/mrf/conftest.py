"""Lands a price file into a temporary folder and returns what is in bronze."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from lakeward.sources import mrf
from lakeward.sources.landing import Extracted, Landing

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "mrf"
Bronze = dict[str, list[dict[str, Any]]]


def land_file(path: Path, staging: Path, **options: Any) -> tuple[Extracted, Bronze]:
    """Return what the reader says of a file, and its rows by dataset."""
    with Landing(path, staging) as landing:
        extracted = mrf.extract(path, landing, **options)
    return extracted, {name: pq.read_table(file).to_pylist() for name, file in landing.files().items()}


@pytest.fixture
def fixtures() -> Path:
    """The folder of small price files."""
    return FIXTURES


@pytest.fixture
def land(tmp_path: Path) -> Callable[..., tuple[Extracted, Bronze]]:
    """Land a fixture by name, or bytes."""

    def land_it(source: str | bytes | Path, **options: Any) -> tuple[Extracted, Bronze]:
        path = FIXTURES / source if isinstance(source, str) else source
        if isinstance(path, bytes):
            path = tmp_path / "input.json"
            path.write_bytes(source)
        return land_file(path, tmp_path / "staging", **options)

    return land_it
