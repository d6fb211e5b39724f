"""Which models of a build are published, and as what.

In: the manifest that dbt writes. Out: one :class:`PublishedModel` a model whose ``meta`` names a zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.lake.entries import ColumnDescription

MONEY_COLUMNS = ("negotiated_rate", "paid_amount_usd")
"""What the control total of a table adds up: the amounts of prices, or of claims; no table has both."""
RELEASE_COLUMN = "release_id"
WHOLE = "whole"


@dataclass(frozen=True)
class PublishedModel:
    """A model that becomes a table of the lake.

    Args:
        name: of the model and of the table.
        relation: its quoted name in the build's database.
        domain: ``rates``, ``providers``, ``reference`` or ``claims``.
        zone: ``silver``, ``gold`` or ``quarantine``.
        grain: one row of it, in words.
        key: columns that tell its rows apart.
        by_release: whether its slices are releases; otherwise it is one slice, rebuilt whole.
        description: what it is.
        columns: what each column means.
    """

    name: str
    relation: str
    domain: str
    zone: str
    grain: str
    key: tuple[str, ...]
    by_release: bool
    description: str
    columns: tuple[ColumnDescription, ...]

    @property
    def table(self) -> str:
        """The table's path in the lake."""
        return f"{self.zone}/{self.domain}/{self.name}"


def published_models(manifest: Mapping[str, Any]) -> list[PublishedModel]:
    """Return the models that have a zone, in order of their tables.

    Args:
        manifest: dbt's ``manifest.json``.
    """
    nodes = manifest["nodes"].values()
    models = [_model(node, meta) for node in nodes if (meta := _meta(node)).get("zone")]
    return sorted(models, key=lambda model: model.table)


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if node.get("resource_type") not in ("model", "seed"):
        return {}
    meta: Mapping[str, Any] = node.get("config", {}).get("meta") or node.get("meta") or {}
    return meta


def _model(node: Mapping[str, Any], meta: Mapping[str, Any]) -> PublishedModel:
    key = meta.get("key") or []
    return PublishedModel(
        name=node["name"],
        relation=node["relation_name"],
        domain=meta["domain"],
        zone=meta["zone"],
        grain=meta.get("grain", ""),
        key=tuple([key] if isinstance(key, str) else key),
        by_release=meta.get("slice") == "release",
        description=node.get("description", ""),
        columns=tuple(
            ColumnDescription(name, column.get("data_type") or "", column.get("description", ""))
            for name, column in node.get("columns", {}).items()
        ),
    )
