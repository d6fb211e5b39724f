"""The price table: one dated file of list prices, which comes with the package and can be replaced.

In: ``prices.yaml`` or a file like it. Out: :class:`Prices`, checked; unknown keys and impossible values are errors.
"""

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from lakeward.errors import UsageError
from lakeward.settings.group import Group

GB = 2**30
TB = 2**40
STANDARD = "STANDARD"


class Price(Group):
    """Where a price is from. ``unchecked`` are those that nobody compared with a document of that date."""

    as_of: date
    source: str = Field(pattern=r"^https://")
    note: str = ""
    unchecked: bool = False


class StoragePrice(Price):
    """One storage class."""

    gb_month: float = Field(ge=0)
    put: float = Field(default=0, ge=0)
    get: float = Field(default=0, ge=0)
    retrieval: float = Field(default=0, ge=0)
    monitoring: float = Field(default=0, ge=0)
    minimum_bytes: int = Field(default=0, ge=0)
    eligible_bytes: int = Field(default=0, ge=0)
    overhead_bytes: int = Field(default=0, ge=0)
    minimum_days: int = Field(default=0, ge=0)
    readable: bool

    def billed_bytes(self, size: int) -> int:
        """Return the bytes that an object of this size is billed as."""
        return max(size, self.minimum_bytes) + self.overhead_bytes

    def is_monitored(self, size: int) -> bool:
        """Whether an object of this size is monitored, and can be moved to a cheaper tier."""
        return self.monitoring > 0 and size >= self.eligible_bytes


class ScanPrice(Price):
    """What Athena charges for what it reads."""

    tb_scanned: float = Field(ge=0)
    minimum_bytes: int = Field(ge=0)
    rounded_to_bytes: int = Field(gt=0)

    def billed_bytes(self, scanned: int) -> int:
        """Return the bytes that one query is billed for."""
        rounded = -(-scanned // self.rounded_to_bytes) * self.rounded_to_bytes
        return max(rounded, self.minimum_bytes)

    def usd(self, scanned: int) -> float:
        """Return what one query that reads so many bytes costs."""
        return self.billed_bytes(scanned) * self.tb_scanned / TB


class UnitPrice(Price):
    """A price of so many of something, of which some are free."""

    usd: float = Field(ge=0)
    per: int = Field(gt=0)
    unit: str
    free: int = Field(default=0, ge=0)

    def of(self, quantity: float) -> float:
        """Return what a quantity costs."""
        return max(quantity - self.free, 0) * self.usd / self.per


class OtherPrices(Group):
    """What is neither storage nor scanning."""

    glue_object_month: UnitPrice
    cloudtrail_data_event: UnitPrice
    cloudwatch_metric_month: UnitPrice
    cloudwatch_alarm_month: UnitPrice
    cloudwatch_dashboard_month: UnitPrice
    kms_key_month: UnitPrice


class Prices(Group):
    """The whole table."""

    region: str
    as_of: date
    storage: dict[str, StoragePrice]
    athena: ScanPrice
    others: OtherPrices

    def storage_class(self, name: str) -> StoragePrice:
        """Return a storage class.

        Raises:
            UsageError: the table has no such class.
        """
        if name not in self.storage:
            raise UsageError(f"The price table has no storage class '{name}'. It has: {', '.join(self.storage)}.")
        return self.storage[name]

    def unchecked(self) -> list[str]:
        """Return the prices that are marked as not compared with a document."""
        groups: dict[str, Any] = {
            **{f"storage.{name}": price for name, price in self.storage.items()},
            "athena": self.athena,
            **{f"others.{name}": getattr(self.others, name) for name in OtherPrices.model_fields},
        }
        return [name for name, price in groups.items() if price.unchecked]


def load_prices(path: Path | None = None) -> Prices:
    """Read a price table; the one of the package when no file is given.

    Raises:
        UsageError: the file cannot be read, or names a price that is not known or not possible.
    """
    try:
        text = path.read_text(encoding="utf-8") if path else own_table()
        prices = Prices.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise UsageError(f"The price table '{path}' cannot be read.\n  found: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"The price table '{path}' is no YAML.\n  found: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(
            f"The price table '{path}' is wrong at {where}.\n  found: {first['msg']}\n"
            "Start from the table that comes with Lakeward: `lakeward aws cost --print-prices`."
        ) from None
    if STANDARD not in prices.storage:
        raise UsageError(f"The price table '{path}' has no storage class {STANDARD}, which the bill starts from.")
    return prices


def own_table() -> str:
    """Return the price table that comes with the package, as text to copy and edit."""
    return (resources.files("lakeward.aws") / "prices.yaml").read_text(encoding="utf-8")
