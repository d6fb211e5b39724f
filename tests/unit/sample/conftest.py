"""One sample for all tests of this folder, and its price files read with ``json``."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakeward.sample import SampleSummary, generate


def _read_price_file(path: Path) -> dict[str, Any]:
    """Read a price file whole, whatever it is packed in."""
    if path.suffix == ".gz":
        return json.loads(gzip.decompress(path.read_bytes()))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            return json.loads(archive.read(name))
    return json.loads(path.read_bytes())


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return generate(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def documents(sample: SampleSummary) -> dict[str, dict[str, Any]]:
    return {name: _read_price_file(sample.directory / "price-files" / name) for name in sample.price_files}


@pytest.fixture(scope="session")
def read_price_file() -> Callable[[Path], dict[str, Any]]:
    return _read_price_file
