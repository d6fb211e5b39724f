"""Checks a report against the model that it shows.

In: the objects of the model's TMDL and the report's folder ``definition``. Out: problems: a field that the model has
not, a measure taken for a column, pages and visuals whose names, order or places do not hold together.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lakeward.publish.powerbi.check_model import columns_of
from lakeward.publish.powerbi.grammar import Node, Problem

NAME_CHARACTERS = 50


def check_report(nodes: Sequence[Node], definition: Path) -> Iterator[Problem]:
    """Yield what is wrong with a report."""
    tables = [node for node in nodes if node.keyword == "table"]
    fields = {("Column", table.name, name) for table in tables for name in columns_of(table)}
    fields |= {("Measure", table.name, node.name) for table in tables for node in table.of("measure")}
    documents: dict[str, Any] = {}
    for path in sorted(definition.rglob("*.json")):
        name = path.relative_to(definition).as_posix()
        try:
            documents[name] = json.loads(path.read_bytes().decode("utf-8"))
        except ValueError as error:
            yield Problem(name, 0, f"is no JSON: {error}")
            continue
        for kind, table, field in sorted(set(_fields(documents[name], {}))):
            if (kind, table, field) not in fields:
                yield Problem(name, 0, f"shows the {kind.lower()} '{table}[{field}]', which is not there")
    yield from _pages(documents)
    yield from _visuals(documents)


def _fields(value: Any, aliases: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield every field reference below a value, with the aliases of the query around it resolved."""
    if isinstance(value, list):
        for item in value:
            yield from _fields(item, aliases)
    elif isinstance(value, dict):
        sources = value.get("From")
        if isinstance(sources, list):
            aliases = aliases | {source["Name"]: source["Entity"] for source in sources}
        for kind in ("Column", "Measure"):
            reference = value.get(kind)
            if isinstance(reference, dict) and "Property" in reference:
                source = reference.get("Expression", {}).get("SourceRef", {})
                yield kind, source.get("Entity") or aliases.get(source.get("Source", ""), ""), reference["Property"]
        for item in value.values():
            yield from _fields(item, aliases)


def _pages(documents: dict[str, Any]) -> Iterator[Problem]:
    found = {name.split("/")[1] for name in documents if name.endswith("/page.json")}
    index = documents.get("pages/pages.json", {})
    order = index.get("pageOrder", [])
    if sorted(order) != sorted(found):
        yield Problem("pages/pages.json", 0, f"orders the pages {sorted(order)}, there are {sorted(found)}")
    if index.get("activePageName") not in found:
        yield Problem("pages/pages.json", 0, "opens at a page that is not there")
    for required in ("version.json", "report.json"):
        if required not in documents:
            yield Problem(required, 0, "is not there")


def _visuals(documents: dict[str, Any]) -> Iterator[Problem]:
    pages = {name.split("/")[1]: value for name, value in documents.items() if name.endswith("/page.json")}
    for page, value in pages.items():
        if value.get("name") != page:
            yield Problem(f"pages/{page}/page.json", 0, "has another name than its folder")
    for name, value in documents.items():
        if not name.endswith("/visual.json"):
            continue
        page, folder = name.split("/")[1], name.split("/")[3]
        if value.get("name") != folder or len(folder) > NAME_CHARACTERS:
            yield Problem(name, 0, "has another name than its folder, or one that is too long")
        place, size = value.get("position", {}), pages.get(page, {})
        inside = (
            place.get("x", -1) >= 0
            and place.get("y", -1) >= 0
            and place.get("x", 0) + place.get("width", 0) <= size.get("width", 0)
            and place.get("y", 0) + place.get("height", 0) <= size.get("height", 0)
        )
        if not inside:
            yield Problem(name, 0, "reaches over the edge of its page")
