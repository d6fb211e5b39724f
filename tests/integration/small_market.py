"""A market small enough to be run many times: some items of one price file of the sample, and its references."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .published_prices import Json, read_json

ITEMS = 40
MONTHS = {"july": "2025-07-01", "august": "2025-08-01"}
SOURCE = "2025-08-01_Sample-Mutual_AL_in-network-rates.json.gz"
REFERENCES: Json = {
    "nppes": [{"path": "nppes/NPPES_Data_Dissemination_August_2025_V2.zip"}],
    "geography": {"path": "geography"},
    "medicare": [{"path": "medicare", "year": 2025}],
    "taxonomy": {"path": "taxonomy/nucc_taxonomy_250.csv"},
}


@dataclass(frozen=True)
class SmallMarket:
    """Price files of two months in a folder, and where the sample's references are."""

    folder: Path
    sample: Path

    @classmethod
    def write(cls, sample: Path, folder: Path) -> "SmallMarket":
        """Cut the price files out of the sample's."""
        document = read_json(sample / "price-files" / SOURCE)
        document["in_network"] = document["in_network"][:ITEMS]
        market = cls(folder, sample)
        for month, day in MONTHS.items():
            market.write_prices(f"{month}.json", document | {"last_updated_on": day})
        return market

    def write_prices(self, name: str, document: Json) -> Path:
        """Write a price file beside the market's own."""
        path = self.folder / name
        path.write_text(json.dumps(document, default=float))
        return path

    def prices(self, month: str) -> Json:
        """Return the price file of a month."""
        return read_json(self.folder / f"{month}.json")

    def configuration(self, *months: str, name: str = "", **changes: Any) -> Path:
        """Write a configuration of some months; ``changes`` are further keys of the file."""
        return self.configuration_of(
            [{"path": str(self.folder / f"{month}.json"), "state": "AL"} for month in months],
            name or "-".join(months),
            **changes,
        )

    def configuration_of(self, price_files: list[Json], name: str, **changes: Any) -> Path:
        """Write a configuration of price files given as ``sources.mrf`` takes them."""
        references = {key: _absolute(value, self.sample) for key, value in REFERENCES.items()}
        document = {"sources": {"mrf": price_files, **references}, **changes}
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return path


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_absolute(each, folder) for each in value]
    return value | {"path": str(folder / value["path"])}
