"""What a run has to build: which files are in use, and which groups and releases changed since they were published.

In: the lake's register of files and the files that the configuration names. Out: a :class:`Plan`. A group whose
published tables have its fingerprint is left alone; of the rates, the releases whose rows have theirs.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lakeward.build import EngineLimits
from lakeward.errors import UsageError
from lakeward.extract import set_active
from lakeward.groups import RATES, Group, fingerprint_of, has_files, published_fingerprint
from lakeward.lake.commit import Lake, Snapshot, Transaction
from lakeward.lake.ledger import LedgerRow
from lakeward.publish.models import WHOLE
from lakeward.releases import Releases, are_settled, plan_releases, remove_gone_releases, set_release_files
from lakeward.settings import Settings
from lakeward.sources.registry import RegisteredFile, registered_files

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What to build and publish.

    Args:
        groups: to build; none when everything published is current.
        fingerprints: of all that each of these groups is made from, by its name.
        releases: of the rates, when they are built.
    """

    groups: tuple[Group, ...]
    fingerprints: dict[str, str] = field(default_factory=dict)
    releases: Releases = field(default_factory=Releases)

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to build."""
        return not self.groups

    def slice_fingerprints(self, group: Group) -> dict[str, str]:
        """Return the fingerprints to keep with a group's slices; of a slice that has none here, its content tells."""
        releases = self.releases.fingerprints if group is RATES else {}
        return {**releases, WHOLE: self.fingerprints[group.name]}

    def settle(self, transaction: Transaction, group: Group, published: Sequence[LedgerRow]) -> None:
        """Finish what publishing a group leaves open: files of its releases, and slices that nothing makes up any more.

        Args:
            transaction: in which the group's tables were published.
            group: that was published.
            published: a ledger row for each slice that was written.
        """
        if group is RATES:
            set_release_files(transaction, self.releases)
            remove_gone_releases(transaction, self.releases)
            return
        written = {(row.table, row.slice) for row in published}
        for table in filter(group.owns, transaction.base.tables()):
            for slice_id in transaction.base.slices(table):
                if (table.rpartition("/")[2], slice_id) not in written:
                    transaction.remove_slice(table, slice_id)


def plan_build(
    lake: Lake,
    run_id: str,
    settings: Settings,
    configured: Collection[str],
    groups: Sequence[Group],
    limits: EngineLimits,
    scratch: Path,
) -> Plan:
    """Bring the register up to date with the configuration and say what has to be built.

    Args:
        lake: with every configured file landed.
        run_id: of the run.
        settings: the rules and the layout are part of the fingerprints.
        configured: ids of the files that the configuration names; none to build what the register says.
        groups: that were asked for; one of which the lake has no files is left out.
        limits: what the engine may use to read the files' headers.
        scratch: a private directory.

    Raises:
        UsageError: the lake holds no files to build from.
    """
    _use_configured(lake, run_id, configured)
    snapshot = lake.snapshot()
    wanted = [group for group in groups if has_files(snapshot, group)]
    if not wanted:
        names = " or ".join(group.name for group in groups)
        raise UsageError(
            f"The lake holds no source files of {names}. Nothing was built. Name sources in lakeward.yaml and run "
            "`lakeward run`, or run it without a configuration file to make the sample."
        )
    changed = tuple(group for group in wanted if not _is_current(snapshot, group, settings, configured))
    releases = Releases()
    if RATES in changed:
        releases = plan_releases(lake, run_id, settings, configured, limits, scratch)
        snapshot = lake.snapshot()
    return Plan(changed, {group.name: fingerprint_of(snapshot, group, settings) for group in changed}, releases)


def _is_current(snapshot: Snapshot, group: Group, settings: Settings, configured: Collection[str]) -> bool:
    if group is RATES and not are_settled(snapshot, configured):
        return False
    return fingerprint_of(snapshot, group, settings) == published_fingerprint(snapshot, group)


def _use_configured(lake: Lake, run_id: str, configured: Collection[str]) -> None:
    """Put configured files in use, and out of use what they replace; price files are left to their releases."""
    files = [file for file in registered_files(lake.snapshot()).values() if not file.holds_prices]
    named = {_edition(file) for file in files if file.file_id in configured}
    set_active(lake, run_id, {file.file_id: file.file_id in configured for file in files if _edition(file) in named})


def _edition(file: RegisteredFile) -> tuple[object, ...]:
    """What the configuration names as a whole: a source, or a sample of the claims; others in the lake stay."""
    return file.source, file.attributes.get("sample_number")
