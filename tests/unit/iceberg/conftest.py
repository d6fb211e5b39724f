"""A small lake and the Iceberg table that follows it."""

from collections.abc import Callable, Iterator

import pytest

from lakeward.iceberg.catalogue import IcebergCatalogue
from lakeward.iceberg.opening import open_catalogue
from lakeward.lake.commit import Lake
from lakeward.settings import IcebergSettings

from ..publish.conftest import lake, publish, resources

__all__ = ["lake", "publish", "resources"]

Reopen = Callable[[], IcebergCatalogue]


@pytest.fixture
def catalogue(lake: Lake) -> Iterator[IcebergCatalogue]:
    """The SQLite catalogue of the lake."""
    with open_catalogue(lake, IcebergSettings(), "development", "us-east-1") as opened:
        yield opened
