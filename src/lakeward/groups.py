"""Build groups: the parts of the warehouse that are built apart, so that a change of one leaves the others alone.

In: the lake's register of files and the settings. Out: which files a group is made from, the fingerprint of all that
would change a row of it, and the fingerprint that its published tables have. Why apart: docs/adr/0008.
"""

import hashlib
import json
from dataclasses import dataclass

from lakeward.dbt_project import models_hash
from lakeward.lake.commit import Snapshot
from lakeward.publish.models import WHOLE
from lakeward.settings import Settings
from lakeward.sources.registry import RegisteredFile, registered_files

FINGERPRINT_CHARACTERS = 16
CLAIMS_DATASETS = frozenset({"geography/ssa_county"})
"""Datasets of shared sources that the claims alone read."""
PLACES = frozenset({"geography", "taxonomy", "census"})
"""Sources of counties and specialties, which every group but the claims reads."""
SHARED_MODELS = "path:models/staging/lake"
"""What no model reads and every build checks: the register of files."""


@dataclass(frozen=True)
class Group:
    """A part of the warehouse.

    Args:
        name: of the group.
        domains: whose tables it publishes; the folders of its models are called so.
        sources: whose files its models read.
        made_from: the sources without any file of which there is nothing to build.
        fact: its largest table, whose rows say how much a build made.
        is_laid_out: whether the configured layout shapes its files.
    """

    name: str
    domains: tuple[str, ...]
    sources: frozenset[str]
    made_from: frozenset[str]
    fact: str
    is_laid_out: bool = False

    @property
    def selection(self) -> str:
        """The group's models and all that they read, as dbt selects them."""
        folders = [f"+path:models/{zone}/{domain}" for zone in ("silver", "gold") for domain in self.domains]
        return " ".join([SHARED_MODELS, *folders])

    def reads(self, dataset: str) -> bool:
        """Tell whether the group's models read a dataset of bronze, such as ``geography/zip_county``."""
        if dataset in CLAIMS_DATASETS:
            return self is CLAIMS
        return dataset.partition("/")[0] in self.sources

    def owns(self, table: str) -> bool:
        """Tell whether a table of the lake, such as ``gold/claims/mart_claims_abc``, is published by the group."""
        zone, domain, *_ = table.split("/")
        return zone != "bronze" and domain in self.domains


REFERENCE = Group("reference", ("reference",), PLACES | {"medicare"}, PLACES | {"medicare"}, "dim_county")
PROVIDERS = Group("providers", ("providers",), PLACES | {"nppes", "geocoder"}, frozenset({"nppes"}), "dim_npi")
RATES = Group(
    "rates",
    ("rates",),
    REFERENCE.sources | PROVIDERS.sources | {"mrf", "flat_rates"},
    frozenset({"mrf", "flat_rates"}),
    "fact_rate_enriched",
    is_laid_out=True,
)
CLAIMS = Group("claims", ("claims",), frozenset({"synpuf"}), frozenset({"synpuf"}), "fact_inpatient_claim")
GROUPS = (REFERENCE, PROVIDERS, RATES, CLAIMS)


def files_of(snapshot: Snapshot, group: Group) -> list[RegisteredFile]:
    """Return the files in use from which a group is made, in order of their ids."""
    read: set[str] = set()
    for table in snapshot.tables():
        zone, _, dataset = table.partition("/")
        if zone == "bronze" and group.reads(dataset):
            read |= set(snapshot.slices(table))
    return [file for file_id, file in registered_files(snapshot).items() if file.is_active and file_id in read]


def has_files(snapshot: Snapshot, group: Group) -> bool:
    """Tell whether there is anything to build: a reference file alone makes no claims."""
    return any(file.source in group.made_from for file in files_of(snapshot, group))


def fingerprint_of(snapshot: Snapshot, group: Group, settings: Settings) -> str:
    """Return the fingerprint of the group's files, what is said of them, the models and the rules."""
    return fingerprint([values_of(file) for file in files_of(snapshot, group)], rules_of(group, settings))


def published_fingerprint(snapshot: Snapshot, group: Group) -> str | None:
    """Return the fingerprint that all whole tables of a group were built with; None where they differ or are none."""
    whole = [snapshot.slices(table).get(WHOLE) for table in snapshot.tables() if group.owns(table)]
    found = {entry.fingerprint for entry in whole if entry}
    return found.pop() if len(found) == 1 else None


def values_of(file: RegisteredFile) -> list[object]:
    """Return what of a file changes the rows that are made from it."""
    return [file.source, file.file_id, sorted(file.attributes.items())]


def rules_of(group: Group, settings: Settings) -> list[object]:
    """Return what besides files changes the rows of a group, or where they are kept."""
    layout = [settings.layout.model_dump()] if group.is_laid_out else []
    return [settings.quality.model_dump(), *layout, models_hash()]


def fingerprint(*values: object) -> str:
    """Return a short text that differs when the values differ."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:FINGERPRINT_CHARACTERS]
