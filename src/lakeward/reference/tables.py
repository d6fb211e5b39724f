"""The page of tables, from the dbt project's own descriptions.

In: the ``.yml`` and ``.md`` files of the warehouse, read without running dbt. Out: Markdown with every published table:
what one row is, its key, its place in the lake, and each column with type and meaning.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import yaml
from jinja2 import Environment

from lakeward.dbt_project import WAREHOUSE
from lakeward.publish.layout import LAID_OUT_TABLE, LAYOUTS
from lakeward.reference.markdown import code, joined, table

ZONES = ("silver", "gold", "quarantine")
SLICES = {
    "release": "by release: a run rewrites the releases that changed and no other",
    "whole": "as one slice, rebuilt from everything in the lake",
}
INTRODUCTION = """\
Every table can be queried by its name (`lakeward query`); `lakeward tables` shows rows and bytes, and
`lakeward tables NAME` its columns. Null means unknown or not published: never 0, an empty text or a made-up word.
Identifiers (NPI, TIN, ZIP, FIPS, billing codes) are text and keep their leading zeros."""
BRONZE = """\
Bronze keeps what the publisher sent, as text and lists, with the columns `_file_id` (the first 16 hex digits of the
file's sha256) and `_source_record` (the record's 1-based place in the file). Query it as `bronze.<name>`."""


@dataclass(frozen=True)
class Column:
    """One column of a published table."""

    name: str
    data_type: str
    is_required: bool
    text: str


@dataclass(frozen=True)
class PublishedTable:
    """One published table, as its model describes it."""

    name: str
    zone: str
    domain: str
    grain: str
    key: tuple[str, ...]
    slices: str
    text: str
    columns: tuple[Column, ...]


def published_tables() -> list[PublishedTable]:
    """Return every model that is published, by zone, domain and name."""
    models = (model for document in _documents() for model in document.get("models") or ())
    found = [_published(model, meta) for model in models if (meta := _meta(model)).get("zone")]
    return sorted(found, key=lambda item: (ZONES.index(item.zone), item.domain, item.name))


def tables_page() -> str:
    """Return the page of tables."""
    tables = published_tables()
    overview = table(
        ("table", "zone", "domain", "one row is", "key"),
        [(f"[`{t.name}`](#{t.name})", t.zone, t.domain, t.grain, _key_text(t.key)) for t in tables],
    )
    parts = ["# Tables", INTRODUCTION, overview]
    for item in tables:
        parts += _table_parts(item)
    return joined([*parts, "## Bronze", BRONZE, table(("dataset", "one row is"), _bronze())])


def _table_parts(item: PublishedTable) -> list[str]:
    columns = [(code(c.name), c.data_type, "" if c.is_required else "yes", c.text) for c in item.columns]
    facts = [
        f"In the lake: `{item.zone}/{item.domain}/{item.name}`.",
        f"Key: {_key_text(item.key)}.",
        f"Written {SLICES[item.slices]}.",
        *(_layout_sentences() if item.name == LAID_OUT_TABLE else ()),
    ]
    return [f"## {item.name}", item.text, " ".join(facts), table(("column", "type", "may be null", "meaning"), columns)]


def _layout_sentences() -> Iterable[str]:
    for layout in LAYOUTS.values():
        yield f"Layout `{layout.name}` keeps {', '.join(code(key) for key in layout.spec.keys)} in the path, as text."


def _published(model: Mapping[str, Any], meta: Mapping[str, Any]) -> PublishedTable:
    required = _required(model)
    key = meta.get("key") or ()
    return PublishedTable(
        name=model["name"],
        zone=meta["zone"],
        domain=meta["domain"],
        grain=str(meta.get("grain", "")),
        key=(key,) if isinstance(key, str) else tuple(key),
        slices=meta.get("slice", "whole"),
        text=_rendered(model.get("description", "")),
        columns=tuple(_column(column, required) for column in model.get("columns", ())),
    )


def _column(column: Mapping[str, Any], required: set[str]) -> Column:
    text = _rendered(column.get("description", ""))
    notes = [note for test in column.get("data_tests", ()) if (note := _note(test))]
    return Column(
        column["name"], _type_text(column.get("data_type", "")), column["name"] in required, " ".join([text, *notes])
    )


def _required(model: Mapping[str, Any]) -> set[str]:
    names = {c["name"] for c in model.get("columns", ()) if "not_null" in c.get("data_tests", ())}
    for test in model.get("data_tests", ()):
        if isinstance(test, Mapping) and "no_null" in test:
            names |= set(_arguments(test["no_null"]).get("columns", ()))
    return names


def _note(test: Any) -> str:
    if isinstance(test, Mapping) and "relationships" in test:
        arguments = _arguments(test["relationships"])
        target = re.sub(r"ref\('(\w+)'\)", r"\1", arguments["to"])
        return f"Is in `{target}.{arguments['field']}`."
    return ""


def _arguments(test: Mapping[str, Any]) -> Mapping[str, Any]:
    arguments: Mapping[str, Any] = test.get("arguments", test)
    return arguments


def _type_text(data_type: str) -> str:
    rendered = _rendered(data_type).replace("varchar", "string")
    return f"list of {rendered.removesuffix('[]')}" if rendered.endswith("[]") else rendered


def _key_text(key: Iterable[str]) -> str:
    return ", ".join(code(name) for name in key)


def _meta(model: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = (model.get("config") or {}).get("meta") or {}
    return meta


def _bronze() -> list[tuple[str, str]]:
    sources = [source for document in _documents() for source in document.get("sources") or ()]
    named = {
        item["name"]: _rendered(item.get("description", ""))
        for source in sources
        if source["name"] == "bronze"
        for item in source["tables"]
    }
    made_for_a_run = {"rates__input", "flat_rates__rate_lake"}
    return [(code(name), text) for name, text in sorted(named.items()) if name not in made_for_a_run]


def _documents() -> list[dict[str, Any]]:
    folders = (WAREHOUSE / "models", WAREHOUSE / "seeds")
    paths = sorted(path for folder in folders for path in folder.rglob("*.yml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8")) or {} for path in paths]


@cache
def _doc_blocks() -> dict[str, str]:
    blocks: dict[str, str] = {}
    for path in sorted((WAREHOUSE / "models").rglob("*.md")):
        found = re.findall(r"{% docs (\w+) %}(.*?){% enddocs %}", path.read_text(encoding="utf-8"), re.DOTALL)
        blocks |= {name: " ".join(text.split()) for name, text in found}
    return blocks


def _rendered(text: str) -> str:
    """Resolve the jinja of a description or type as dbt does for DuckDB."""
    template = Environment(autoescape=False).from_string(text)  # noqa: S701
    rendered = template.render(doc=lambda name: _doc_blocks()[name], target=SimpleNamespace(type="duckdb"))
    return " ".join(rendered.split())
