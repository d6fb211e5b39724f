"""Releases of rates: which files make up which release, and which releases have to be built.

In: the lake's register of files and the files that the configuration names. Out: :class:`Releases`. A release is all
files of one payer, state and month; its fingerprint covers its files, what the configuration says of them, reference
data, the models and the rules, so that whatever would change a row of it also changes the fingerprint.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from lakeward.build import SCHEMA, EngineLimits, build_releases
from lakeward.extract import set_active
from lakeward.groups import RATES, files_of, fingerprint, rules_of, values_of
from lakeward.lake.commit import Lake, Snapshot, Transaction
from lakeward.publish.bucket import Bucket
from lakeward.relations import ENRICHED, bronze_relations
from lakeward.settings import Settings
from lakeward.sources.registry import RegisteredFile, registered_files

FILES_ATTRIBUTE = "files"


@dataclass(frozen=True)
class Releases:
    """The releases of rates as they should be published.

    Args:
        fingerprints: of each release, by its id.
        files: ids of each release's files, by release.
        changed: releases whose published rows are not of this fingerprint.
        gone: published releases that no file in use makes up any more: a file that got another payer, state or month.
    """

    fingerprints: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def building(self) -> set[str]:
        """Ids of the rates files whose releases are built."""
        return {file_id for release in self.changed for file_id in self.files[release]}


def plan_releases(
    lake: Lake, run_id: str, settings: Settings, configured: Collection[str], limits: EngineLimits, scratch: Path
) -> Releases:
    """Choose the files of each release, bring the register up to date with that, and say what has to be built.

    Args:
        lake: with every configured file landed.
        run_id: of the run.
        settings: the rules and the layout are part of the fingerprints.
        configured: ids of the files that the configuration names; none to build what the register says.
        limits: what the engine may use to read the files' headers.
        scratch: a private directory.
    """
    files = _use_configured(lake, run_id, settings, configured, limits, scratch)
    snapshot = lake.snapshot()
    fingerprints = {name: _fingerprint(snapshot, ids, settings) for name, ids in files.items()}
    published = {name: entry.fingerprint for name, entry in snapshot.slices(ENRICHED).items()}
    changed = tuple(name for name, value in sorted(fingerprints.items()) if published.get(name) != value)
    return Releases(fingerprints, files, changed, gone=tuple(sorted(set(published) - set(fingerprints))))


def are_settled(snapshot: Snapshot, configured: Collection[str]) -> bool:
    """Tell whether each published release that has a configured file has no other files."""
    slices = snapshot.slices(ENRICHED).values()
    published = [set(str(entry.attributes.get(FILES_ATTRIBUTE, "")).split()) for entry in slices]
    return all(ids <= set(configured) for ids in published if ids & set(configured))


def set_release_files(transaction: Transaction, releases: Releases) -> None:
    """Keep with each release that is being published which files it was made from."""
    for release in releases.changed:
        entry = transaction.slice(ENRICHED, release)
        attributes = {**entry.attributes, FILES_ATTRIBUTE: " ".join(releases.files[release])}
        transaction.replace_slice(ENRICHED, replace(entry, attributes=attributes))


def remove_gone_releases(transaction: Transaction, releases: Releases) -> None:
    """Take the rows of releases that are gone out of every published table."""
    for table in transaction.base.tables():
        for release in set(releases.gone) & set(transaction.base.slices(table)):
            transaction.remove_slice(table, release)


def _use_configured(
    lake: Lake, run_id: str, settings: Settings, configured: Collection[str], limits: EngineLimits, scratch: Path
) -> dict[str, tuple[str, ...]]:
    files = registered_files(lake.snapshot())
    rates = {file_id for file_id, file in files.items() if file.is_rates and (file.is_active or file_id in configured)}
    releases = _members(lake.snapshot(), settings, rates, limits, scratch)
    chosen: dict[str, tuple[str, ...]] = {}
    changes: dict[str, bool] = {}
    for release, members in releases.items():
        named = [file_id for file_id in members if file_id in configured]
        chosen[release] = tuple(named or members)
        changes |= {file_id: file_id in chosen[release] for file_id in members}
    set_active(lake, run_id, changes | _companions(files, changes))
    return chosen


def _members(
    snapshot: Snapshot, settings: Settings, rates: Collection[str], limits: EngineLimits, scratch: Path
) -> dict[str, list[str]]:
    if not rates:
        return {}
    bucket = Bucket.of(snapshot.lake.url, settings.storage)
    database = build_releases(bronze_relations(snapshot, rates), settings.quality, limits, scratch, bucket)
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


def _fingerprint(snapshot: Snapshot, ids: Iterable[str], settings: Settings) -> str:
    files = registered_files(snapshot)
    references = [values_of(file) for file in files_of(snapshot, RATES) if not file.holds_prices]
    return fingerprint([values_of(files[file_id]) for file_id in sorted(ids)], references, rules_of(RATES, settings))
