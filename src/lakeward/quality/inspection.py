"""What an inspection of one source file says, and how it is written: text for a reader, JSON for a machine.

In: counts and findings of the file. Out: :class:`Inspection`. A finding is damage, with how often it occurs and what
Lakeward does about it.
"""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lakeward.quality.text import aligned

Action = Literal["kept", "merged", "repaired", "quarantined", "refused"]
ACTIONS: dict[Action, str] = {
    "kept": "lands as published and is reported",
    "merged": "kept once; how often it was stated is counted",
    "repaired": "read as what is meant; the published text stays in bronze",
    "quarantined": "lands in bronze, is left out of the tables and stands in quarantine with its reason",
    "refused": "the whole file is refused and nothing of it lands",
}
"""What each action means, as the report explains it."""


@dataclass(frozen=True)
class Finding:
    """One kind of damage in a file.

    Args:
        finding_id: stable name.
        what: the damage, in words.
        count: how many things are damaged.
        unit: what these things are, in the plural.
        action: what Lakeward does with them.
    """

    finding_id: str
    what: str
    count: int
    unit: str
    action: Action

    def as_dict(self) -> dict[str, Any]:
        """Return the finding with stable keys for JSON."""
        return {
            "id": self.finding_id,
            "what": self.what,
            "count": self.count,
            "unit": self.unit,
            "action": self.action,
        }


@dataclass(frozen=True)
class Inspection:
    """The damage report of one file.

    Args:
        name: the file's name, without its folders.
        size_bytes: as it stands on disk, packed or not.
        sha256: of these bytes.
        kind: what the file is: ``in-network price file``, ``table of contents``, ``NPPES npidata`` and so on.
        layout: the publisher's layout or shape, such as ``v1`` or the dataset's name.
        source: the key of ``lakeward.yaml`` under which a run takes the file; ``None`` when no run reads it.
        counts: how many of what the file holds.
        facts: what its header says of itself.
        findings: the damage, most frequent first.
    """

    name: str
    size_bytes: int
    sha256: str
    kind: str
    layout: str | None
    source: str | None
    counts: Mapping[str, int]
    facts: Mapping[str, str | None]
    findings: tuple[Finding, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the inspection with stable keys for JSON."""
        return {
            "format_version": 1,
            "name": self.name,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "kind": self.kind,
            "layout": self.layout,
            "source": self.source,
            "counts": dict(self.counts),
            "facts": dict(self.facts),
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def to_json(self) -> str:
        """Return the inspection as JSON text."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def found(*findings: Finding) -> tuple[Finding, ...]:
    """Return the findings that occur, most frequent first."""
    occurring = [finding for finding in findings if finding.count]
    return tuple(sorted(occurring, key=lambda finding: (-finding.count, finding.finding_id)))


def render_inspection(inspection: Inspection, width: int = 100) -> str:
    """Write an inspection for a terminal."""
    layout = f", {inspection.layout}" if inspection.layout else ""
    taken = f"sources.{inspection.source} in lakeward.yaml" if inspection.source else "no run reads this kind"
    blocks = [
        f"{inspection.name}: {inspection.kind}{layout}\n"
        f"  {inspection.size_bytes:,} bytes, sha256 {inspection.sha256}\n  read by: {taken}",
        aligned(["Says", ""], [[name, value or "–"] for name, value in inspection.facts.items()], [False, False]),
        aligned(["Holds", ""], [[name, f"{count:,}"] for name, count in inspection.counts.items()], [False, True]),
        _damage(inspection, width),
        "Nothing was written.",
    ]
    skipped = {1: not inspection.facts, 2: not inspection.counts}
    return "\n\n".join(block for place, block in enumerate(blocks) if not skipped.get(place)) + "\n"


def _damage(inspection: Inspection, width: int) -> str:
    if not inspection.findings:
        return "No damage found."
    rows = [[f"{item.count:,}", item.unit, item.action, item.what] for item in inspection.findings]
    actions = dict.fromkeys(finding.action for finding in inspection.findings)
    meanings = "\n".join(
        textwrap.fill(f"{action}: {ACTIONS[action]}", width, initial_indent="  ", subsequent_indent="    ")
        for action in actions
    )
    return f"Damage\n{aligned(['Count', '', 'Is', 'What'], rows, [True, False, False, False])}\n\n{meanings}"
