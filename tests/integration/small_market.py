"""A market small enough to be run many times: some items of one price file of the sample, and its references.

Of the registry, the providers that the prices name and one in twelve of the others.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import yaml

from .published_prices import Json, read_json

ITEMS = 40
MONTHS = {"july": "2025-07-01", "august": "2025-08-01"}
SOURCE = "2025-08-01_Sample-Mutual_AL_in-network-rates.json.gz"
REGISTRY = "NPPES_Data_Dissemination_August_2025_V2.zip"
ONE_PROVIDER_IN = 12
REFERENCES: Json = {
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
        _write_part(sample / "nppes" / REGISTRY, folder / REGISTRY, _npis(document))
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
        references["nppes"] = [{"path": str(self.folder / REGISTRY)}]
        document = {"sources": {"mrf": price_files, **references}, **changes}
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return path


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return [_absolute(each, folder) for each in value]
    return value | {"path": str(folder / value["path"])}


def _npis(document: Any) -> set[str]:
    """Return every NPI anywhere in a price file."""
    if isinstance(document, list):
        return set().union(*map(_npis, document))
    if not isinstance(document, dict):
        return set()
    named = {str(npi) for npi in document.get("npi", ())}
    return named.union(*map(_npis, document.values()))


def _write_part(registry: Path, target: Path, npis: set[str]) -> None:
    """Write a registry file with some of its providers, in all of its members."""
    with ZipFile(registry) as whole, ZipFile(target, "w", ZIP_DEFLATED) as part:
        for member in whole.infolist():
            header, *lines = whole.read(member).splitlines(keepends=True)
            part.writestr(member, b"".join([header, *(line for line in lines if _is_kept(line, npis))]))


def _is_kept(line: bytes, npis: set[str]) -> bool:
    npi = line[1:11].decode()
    return npi in npis or int(npi[:9]) % ONE_PROVIDER_IN == 0
