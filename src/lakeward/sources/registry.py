"""The files the lake knows: what each is, what the configuration says of it, and whether it is in use.

In: a snapshot. Out: one :class:`RegisteredFile` a file. The register is the attributes of the slices of
``bronze/lake/source_file``: bronze itself is never edited, but a file goes out of use when a corrected one replaces it.
"""

from dataclasses import dataclass

from lakeward.lake.commit import Snapshot

SOURCE_FILE = "bronze/lake/source_file"
RATE_SOURCES = ("mrf", "flat_rates")

Attributes = dict[str, str | int | None]


@dataclass(frozen=True)
class RegisteredFile:
    """One file; ``attributes`` hold ``state``, ``payer_slug``, ``year_month``, ``pair_id``, ``role`` and ``year``."""

    file_id: str
    source: str
    name: str
    is_active: bool
    attributes: Attributes

    @property
    def holds_prices(self) -> bool:
        """Whether the file is of a source of prices, be it the prices or the providers they refer to."""
        return self.source in RATE_SOURCES

    @property
    def is_rates(self) -> bool:
        """Whether the file is an input of the rates of its own; a providers file goes with its rates file."""
        return self.holds_prices and self.attributes.get("role") != "providers"

    def as_attributes(self) -> Attributes:
        """Return what the slice of ``source_file`` keeps of this file."""
        active = int(self.is_active)
        return {"source": self.source, "name": self.name, "active": active, **self.attributes}


def registered_files(snapshot: Snapshot) -> dict[str, RegisteredFile]:
    """Return every file of the snapshot by its id, in order of ids."""
    files: dict[str, RegisteredFile] = {}
    for file_id, entry in sorted(snapshot.slices(SOURCE_FILE).items()):
        attributes = dict(entry.attributes)
        source, name = str(attributes.pop("source")), str(attributes.pop("name"))
        is_active = bool(attributes.pop("active"))
        files[file_id] = RegisteredFile(file_id, source, name, is_active, attributes)
    return files
