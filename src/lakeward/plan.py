"""What a run has to build: which files are in use, which releases they make up, and which of those changed.

In: the lake's register of files and the files that the configuration names. Out: a :class:`Plan`. A release is all
files of one payer, state and month; its fingerprint covers its files, what the configuration says of them, reference
data, the models and the rules, so that whatever would change a row of it also changes the fingerprint.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb

from lakeward.build import SCHEMA, WAREHOUSE, EngineLimits, build_releases
from lakeward.errors import UsageError
from lakeward.extract import set_active
from lakeward.lake.commit import Lake, Snapshot, Transaction
from lakeward.relations import ENRICHED, bronze_relations
from lakeward.settings import Settings
from lakeward.sources.registry import RegisteredFile, registered_files

logger = logging.getLogger(__name__)

FILES_ATTRIBUTE = "files"
FINGERPRINT_CHARACTERS = 16


@dataclass(frozen=True)
class Plan:
    """What to build and publish.

    Args:
        fingerprint: of everything the lake's tables are made from.
        releases: fingerprint of each release, by its id.
        files: ids of each release's files, by release.
        changed: releases whose published rows are not of this fingerprint.
        gone: published releases that no file in use makes up any more: a file that got another payer, state or month.
        is_current: whether everything published is already of this fingerprint.
    """

    fingerprint: str
    releases: dict[str, str]
    files: dict[str, tuple[str, ...]]
    changed: tuple[str, ...]
    is_current: bool
    gone: tuple[str, ...] = ()

    @property
    def building(self) -> set[str]:
        """Ids of the rates files whose releases are built."""
        return {file_id for release in self.changed for file_id in self.files[release]}


def plan_build(
    lake: Lake, run_id: str, settings: Settings, configured: Collection[str], limits: EngineLimits, scratch: Path
) -> Plan:
    """Bring the register up to date with the configuration and say what has to be built.

    Args:
        lake: with every configured file landed.
        run_id: of the run.
        settings: the rules and the layout are part of the fingerprints.
        configured: ids of the files that the configuration names; none to build what the register says.
        limits: what the engine may use to read the files' headers.
        scratch: a private directory.

    Raises:
        UsageError: the lake holds no files to build from.
    """
    _use_configured_references(lake, run_id, configured)
    snapshot = lake.snapshot()
    if not any(file.is_active for file in registered_files(snapshot).values()):
        raise UsageError(
            "The lake holds no source files. Nothing was built. Name sources in lakeward.yaml and run `lakeward run`, "
            "or run it without a configuration file to make the sample."
        )
    known = published_files(snapshot)
    if _is_settled(known, configured) and _state(snapshot, settings) == _published_state(snapshot):
        return Plan(_state(snapshot, settings), published_fingerprints(snapshot), known, (), is_current=True)
    files = _use_configured_rates(lake, run_id, settings, configured, limits, scratch)
    snapshot = lake.snapshot()
    releases = {name: _release_fingerprint(snapshot, ids, settings) for name, ids in files.items()}
    published = published_fingerprints(snapshot)
    changed = tuple(name for name, value in sorted(releases.items()) if published.get(name) != value)
    gone = tuple(sorted(set(published) - set(releases)))
    return Plan(_state(snapshot, settings), releases, files, changed, is_current=False, gone=gone)


def published_files(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Return the ids of the files that each published release was made from."""
    slices = snapshot.slices(ENRICHED)
    return {name: tuple(str(entry.attributes.get(FILES_ATTRIBUTE, "")).split()) for name, entry in slices.items()}


def published_fingerprints(snapshot: Snapshot) -> dict[str, str]:
    """Return the fingerprint that each published release was made with."""
    return {name: entry.fingerprint for name, entry in snapshot.slices(ENRICHED).items()}


def set_release_files(transaction: Transaction, plan: Plan) -> None:
    """Keep with each release that is being published which files it was made from."""
    for release in plan.changed:
        entry = transaction.slice(ENRICHED, release)
        attributes = {**entry.attributes, FILES_ATTRIBUTE: " ".join(plan.files[release])}
        transaction.replace_slice(ENRICHED, replace(entry, attributes=attributes))


def remove_gone_releases(transaction: Transaction, plan: Plan) -> None:
    """Take the rows of releases that are gone out of every published table."""
    for table in transaction.base.tables():
        for release in set(plan.gone) & set(transaction.base.slices(table)):
            transaction.remove_slice(table, release)


def _use_configured_references(lake: Lake, run_id: str, configured: Collection[str]) -> None:
    files = registered_files(lake.snapshot()).values()
    named = {file.source for file in files if file.file_id in configured and not file.holds_prices}
    set_active(lake, run_id, {file.file_id: file.file_id in configured for file in files if file.source in named})


def _use_configured_rates(
    lake: Lake, run_id: str, settings: Settings, configured: Collection[str], limits: EngineLimits, scratch: Path
) -> dict[str, tuple[str, ...]]:
    files = registered_files(lake.snapshot())
    rates = {file_id for file_id, file in files.items() if file.is_rates and (file.is_active or file_id in configured)}
    releases = _releases(lake.snapshot(), settings, rates, limits, scratch)
    chosen: dict[str, tuple[str, ...]] = {}
    changes: dict[str, bool] = {}
    for release, members in releases.items():
        named = [file_id for file_id in members if file_id in configured]
        chosen[release] = tuple(named or members)
        changes |= {file_id: file_id in chosen[release] for file_id in members}
    set_active(lake, run_id, changes | _companions(files, changes))
    return chosen


def _releases(
    snapshot: Snapshot, settings: Settings, rates: Collection[str], limits: EngineLimits, scratch: Path
) -> dict[str, list[str]]:
    if not rates:
        return {}
    database = build_releases(bronze_relations(snapshot, rates), settings.quality, limits, scratch)
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            f"select release_id, file_id from {SCHEMA}.int_rates__release order by release_id, file_id"  # noqa: S608
        ).fetchall()
    releases: dict[str, list[str]] = {}
    for release, file_id in found:
        releases.setdefault(release, []).append(file_id)
    return releases


def _companions(files: dict[str, RegisteredFile], changes: dict[str, bool]) -> dict[str, bool]:
    pairs = {files[file_id].attributes.get("pair_id"): active for file_id, active in changes.items()}
    providers = [file for file in files.values() if file.holds_prices and not file.is_rates]
    return {file.file_id: pairs[pair] for file in providers if (pair := file.attributes.get("pair_id")) in pairs}


def _is_settled(known: dict[str, tuple[str, ...]], configured: Collection[str]) -> bool:
    touched = [set(ids) for ids in known.values() if set(ids) & set(configured)]
    return all(ids <= set(configured) for ids in touched)


def _state(snapshot: Snapshot, settings: Settings) -> str:
    files = [file for file in registered_files(snapshot).values() if file.is_active]
    return _hash([_file_values(file) for file in files], _rules(settings))


def _published_state(snapshot: Snapshot) -> str | None:
    whole = [
        entry for name in snapshot.tables() for entry in snapshot.slices(name).values() if entry.slice_id == "whole"
    ]
    states = {entry.fingerprint for entry in whole}
    return states.pop() if len(states) == 1 else None


def _release_fingerprint(snapshot: Snapshot, ids: Iterable[str], settings: Settings) -> str:
    files = registered_files(snapshot)
    references = [_file_values(file) for file in files.values() if file.is_active and not file.holds_prices]
    return _hash([_file_values(files[file_id]) for file_id in sorted(ids)], references, _rules(settings))


def _file_values(file: RegisteredFile) -> list[object]:
    return [file.source, file.file_id, sorted(file.attributes.items())]


def _rules(settings: Settings) -> list[object]:
    return [settings.quality.model_dump(), settings.layout.model_dump(), _models_hash()]


@cache
def _models_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted(WAREHOUSE.rglob("*")):
        if path.suffix in (".sql", ".yml", ".csv") and "target" not in path.parts:
            digest.update(path.relative_to(WAREHOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _hash(*values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:FINGERPRINT_CHARACTERS]
