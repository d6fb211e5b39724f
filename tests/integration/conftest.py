"""What integration tests share: lakes that the command line has made.

A lake of the sample takes half a minute, so each is made once for all test processes, which only read it; a test that
changes a lake works on a copy.
"""

import shutil
from pathlib import Path

import pytest

from lakeward.sample import SampleSummary, generate

from .command_line import done
from .made_once import made_once
from .published_prices import PriceFile
from .small_market import SmallMarket


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """The generated sample; not to be changed."""
    return generate(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def sample_prices(sample: SampleSummary) -> list[PriceFile]:
    """The sample's price files, read the simple way."""
    folder = sample.directory / "price-files"
    return [PriceFile(folder / name, "AL" if "_AL_" in name else "GA") for name in sample.price_files]


@pytest.fixture(scope="session")
def sample_lake(sample: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the whole sample, made by ``lakeward run``; only to be read."""

    def make(folder: Path) -> None:
        done("run", "--config", sample.directory / "lakeward.yaml", "--lake", folder / "lake")

    return made_once(tmp_path_factory, "sample-lake", make) / "lake"


@pytest.fixture(scope="session")
def small_market(sample: SampleSummary, tmp_path_factory: pytest.TempPathFactory) -> SmallMarket:
    """Two small releases of one payer, with references; each test process has its own, with the same content."""
    return SmallMarket.write(sample.directory, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def july_lake(small_market: SmallMarket, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of the small market's July; only to be read."""

    def make(folder: Path) -> None:
        done("run", "--config", small_market.configuration("july"), "--lake", folder / "lake")

    return made_once(tmp_path_factory, "july-lake", make) / "lake"


@pytest.fixture(scope="session")
def both_months_lake(small_market: SmallMarket, july_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same lake after August was added; only to be read."""

    def make(folder: Path) -> None:
        shutil.copytree(july_lake, folder / "lake")
        done("run", "--config", small_market.configuration("july", "august"), "--lake", folder / "lake")

    return made_once(tmp_path_factory, "both-months-lake", make) / "lake"
