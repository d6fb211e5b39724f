"""Which price files the sample has: payer, state, month, and the shape each is written in.

In: nothing. Out: the list of files, and the counts that are kept while one is written.
"""

from collections import Counter
from dataclasses import dataclass, field

from lakeward.sample.contracts import EXAMPLE_HEALTH_PLAN, SAMPLE_MUTUAL, Payer


@dataclass(frozen=True, slots=True)
class PriceFile:
    """One price file to write.

    ``providers_last`` puts the rates before the groups and the header at the very end. ``version`` is the payer's own
    unless it moved on: with version 2 in August both payers state a setting, and can be compared.
    """

    payer: Payer
    state: str
    year_month: str
    ending: str
    pretty: bool = False
    providers_last: bool = False
    moved_to_version: str | None = None

    @property
    def version(self) -> str:
        """The schema version that the file states."""
        return self.moved_to_version or self.payer.version

    @property
    def name(self) -> str:
        """The file name, after the publishers' convention."""
        return f"{self.year_month}-01_{self.payer.file_label}_{self.state}_in-network-rates.{self.ending}"

    @property
    def is_version_2(self) -> bool:
        """Whether the file has the shape of schema 2.x."""
        return self.version.startswith("2")


PRICE_FILES = (
    PriceFile(EXAMPLE_HEALTH_PLAN, "GA", "2025-07", "json", pretty=True),
    PriceFile(EXAMPLE_HEALTH_PLAN, "GA", "2025-08", "json.gz", moved_to_version="2.0.0"),
    PriceFile(SAMPLE_MUTUAL, "GA", "2025-07", "zip"),
    PriceFile(SAMPLE_MUTUAL, "GA", "2025-08", "json.gz", providers_last=True),
    PriceFile(SAMPLE_MUTUAL, "AL", "2025-08", "json.gz", pretty=True),
)


@dataclass
class PriceFileCounts:
    """What a price file holds, counted while it is written; ``npis`` counts every entry of every list."""

    items: int = 0
    rates: int = 0
    prices: int = 0
    provider_references: int = 0
    inline_groups: int = 0
    npis: int = 0
    planted: Counter[str] = field(default_factory=Counter)
