"""The partition writer: tables of a finished build become Parquet files in the lake.

In: the database and manifest of a build. Out: slices in a transaction, and a ledger row for each, made from the files
that were written, read again. Nothing is visible before the transaction is committed.
"""

import hashlib
import logging
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from lakeward.errors import StorageFailed
from lakeward.lake.commit import FileEntry, SliceEntry, Snapshot, Transaction
from lakeward.lake.entries import NAME_CHARACTERS
from lakeward.lake.ledger import LedgerRow, require_balance
from lakeward.publish.catalog import parquet_relation, slice_relation
from lakeward.publish.descriptions import laid_out, table_description
from lakeward.publish.engine import Resources, engine_errors, open_engine, open_engines, sorted_rows
from lakeward.publish.layout import COMPACT, LAID_OUT_TABLE, Layout, forecast, require_sensible
from lakeward.publish.models import MONEY_COLUMNS, RELEASE_COLUMN, WHOLE, PublishedModel, published_models
from lakeward.publish.parquet_files import WrittenFile, write_empty, write_partitioned
from lakeward.publish.partition import PartitionSpec, escape
from lakeward.publish.sql import quoted

logger = logging.getLogger(__name__)

ENRICHED = f"gold/rates/{LAID_OUT_TABLE}"
TREE_NAME_CHARACTERS = 12
PLAIN = Layout("", PartitionSpec())


class Built(Protocol):
    """What publishing needs of a build; :class:`lakeward.build.BuildResult` is one."""

    @property
    def database(self) -> Path: ...
    @property
    def manifest(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class _Slice:
    """One slice to write: of which table, from which rows, in which layout and order."""

    table: str
    slice_id: str
    relation: str
    where: str
    layout: Layout
    key: tuple[str, ...]
    by_release: bool


def publish_build(
    built: Built,
    transaction: Transaction,
    layout: Layout,
    resources: Resources,
    fingerprints: Mapping[str, str] | None = None,
) -> list[LedgerRow]:
    """Write every published table of a build.

    Args:
        built: a build whose tests have passed.
        transaction: where the slices go; the caller commits.
        layout: of ``fact_rate_enriched``. If that is published: slices of it that the build has not, and that stand
            in another layout, are written anew.
        resources: what publishing may use.
        fingerprints: what each release (and ``whole``) was built from, kept with its slices; their content if none.

    Returns:
        A ledger row for each slice, step ``publish``.

    Raises:
        UsageError: the layout names columns that are not there, or would make tiny files unasked.
        DataCheckFailed: what was read back from the files is not what the build has.
    """
    models = published_models(built.manifest)
    with open_engines(resources, built.database, _database_name(built.manifest)) as engine:
        slices = [item for model in models for item in _slices_of(engine(), model, models, layout)]
        for model in models:
            chosen = layout if model.table == ENRICHED else PLAIN
            if chosen not in (PLAIN, COMPACT):
                require_sensible(forecast(engine(), model.relation, chosen), chosen)
            transaction.describe(model.table, table_description(engine(), model, chosen))
        rows = [publish_slice(engine(), item, transaction, resources.scratch, fingerprints or {}) for item in slices]
    if ENRICHED in (model.table for model in models):
        published = {item.slice_id for item in slices if item.table == ENRICHED}
        standing = _slices_in_other_layout(transaction.base, layout, published)
        rows += _publish_standing(standing, transaction, resources, fingerprints or {})
    return rows


def relayout(transaction: Transaction, layout: Layout, resources: Resources) -> list[LedgerRow]:
    """Write ``fact_rate_enriched`` of the lake anew in another layout; slices that have it already stay."""
    slices = _slices_in_other_layout(transaction.base, layout, set())
    with open_engine(resources, reads_lake=True) as connection:
        for item in slices:
            require_sensible(forecast(connection, item.relation, layout), layout)
    transaction.describe(ENRICHED, laid_out(transaction.base.description(ENRICHED), layout))
    kept = {s.slice_id: s.fingerprint for s in transaction.base.slices(ENRICHED).values()}
    return _publish_standing(slices, transaction, resources, kept)


def publish_slice(
    connection: duckdb.DuckDBPyConnection,
    item: _Slice,
    transaction: Transaction,
    scratch: Path,
    fingerprints: Mapping[str, str],
) -> LedgerRow:
    """Write one slice, read it again, and put it into the transaction.

    Raises:
        DataCheckFailed: the files do not hold what the build has.
        StorageFailed: there is no room for them.
    """
    started = time.perf_counter()
    folder = scratch / "publish" / item.table / escape(item.slice_id)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with engine_errors(item.table):
            written = _write(connection, item, folder)
            row = _compared(connection, item, folder)
        require_balance([row])
        entries = _bring_in(transaction, item, folder, written)
    except OSError as error:
        raise StorageFailed(
            f"The files of {item.table} could not be written under '{folder}'.\n  found: {error.strerror}\n"
            "The lake is as it was after its last commit. Free some space there, then run the same command again."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    content = _content(item.layout.spec, written)
    attributes = {"layout": item.layout.identity, "content": content}
    fingerprint = fingerprints.get(item.slice_id, content)
    transaction.replace_slice(item.table, SliceEntry(item.slice_id, fingerprint, attributes, entries))
    seconds = time.perf_counter() - started
    logger.info("%s %s: %s rows -> %s files in %.1f s", item.table, item.slice_id, row.rows_out, len(entries), seconds)
    return replace(row, seconds=round(seconds, 3))


def _publish_standing(
    slices: Iterable[_Slice], transaction: Transaction, resources: Resources, fingerprints: Mapping[str, str]
) -> list[LedgerRow]:
    """Publish slices that are read from the lake, each by an engine that has a bucket's credentials of now."""
    rows = []
    for item in slices:
        with open_engine(resources, reads_lake=True) as connection:
            rows.append(publish_slice(connection, item, transaction, resources.scratch, fingerprints))
    return rows


def _slices_of(
    connection: duckdb.DuckDBPyConnection, model: PublishedModel, models: list[PublishedModel], layout: Layout
) -> list[_Slice]:
    chosen = layout if model.table == ENRICHED else PLAIN
    if not model.by_release:
        return [_Slice(model.table, WHOLE, model.relation, "true", chosen, model.key, by_release=False)]
    # A release without rows in this table still has a slice of it: its old rows must go.
    alike = [m.relation for m in models if m.by_release and m.domain == model.domain]
    releases = sorted({name for relation in alike for name in _releases(connection, relation)})
    return [
        _Slice(
            model.table, name, model.relation, f"{RELEASE_COLUMN} = {quoted(name)}", chosen, model.key, by_release=True
        )
        for name in releases
    ]


def _releases(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    found = connection.sql(f"select distinct {RELEASE_COLUMN} from {relation}").fetchall()  # noqa: S608
    return [name for (name,) in found]


def _slices_in_other_layout(base: Snapshot, layout: Layout, built: set[str]) -> list[_Slice]:
    key = base.description(ENRICHED).key
    return [
        _Slice(
            ENRICHED,
            name,
            f"({slice_relation(base, ENRICHED, [name])})",
            "true",
            layout,
            key,
            by_release=True,
        )
        for name, entry in base.slices(ENRICHED).items()
        if name not in built and entry.attributes.get("layout") != layout.identity
    ]


def _write(connection: duckdb.DuckDBPyConnection, item: _Slice, folder: Path) -> list[WrittenFile]:
    names = [row[0] for row in connection.sql(f"describe select * from {item.relation}").fetchall()]  # noqa: S608
    spec = item.layout.spec
    keys = spec.expressions(set(names))
    stored = {name: f'"{name}"' for name in names if name not in spec.keys}
    order = [*keys, *(name for name in (*item.layout.sort, *(item.key or names)) if name not in spec.keys)]
    reader = sorted_rows(connection, item.relation, item.where, keys | stored, order)
    schema = reader.schema
    written = list(write_partitioned(reader, schema, spec, folder, lean=item.layout.lean_footers))
    return written or [write_empty(_as_text(schema), spec, folder)]


def _as_text(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f for f in schema])


def _compared(connection: duckdb.DuckDBPyConnection, item: _Slice, folder: Path) -> LedgerRow:
    """Count rows, keys and money in the build and in the files, each by reading it."""
    files = parquet_relation([str(folder / "**" / "*.parquet")], item.layout.spec)
    names = {row[0] for row in connection.sql(f"describe select * from {item.relation}").fetchall()}  # noqa: S608
    key = [name for name in item.key if name in names and name not in item.layout.spec.keys]
    keys = f"count(distinct hash({', '.join(key)}))" if key and len(key) == len(item.key) else "null"
    amount = next((column for column in MONEY_COLUMNS if column in names), None)
    money = f"sum(try_cast({amount} as decimal(38, 4)))" if amount else "null"
    counted = f"select count(*), {keys}, {money} from"
    before = connection.sql(f"{counted} {item.relation} where {item.where}").fetchone()
    after = connection.sql(f"{counted} {files}").fetchone()
    assert before is not None
    assert after is not None
    return LedgerRow(
        step="publish",
        slice=item.slice_id,
        table=item.table.rpartition("/")[2],
        rows_in=before[0],
        rows_out=after[0],
        keys_in=before[1],
        keys_out=after[1],
        money_in=before[2],
        money_out=after[2],
    )


def _bring_in(
    transaction: Transaction, item: _Slice, folder: Path, written: list[WrittenFile]
) -> tuple[FileEntry, ...]:
    spec, root = item.layout.spec, item.table
    if spec.file_name is not None:
        root = f"{item.table}/{item.layout.name}-{_content(spec, written)[:TREE_NAME_CHARACTERS]}"
        transaction.add_tree(folder, root)
    elif item.by_release and not spec.keys:
        root = f"{item.table}/release={escape(item.slice_id)}"
    paths = []
    for file in written:
        name = spec.file_name or f"part-{file.sha256[:NAME_CHARACTERS]}.parquet"
        paths.append("/".join(part for part in (root, spec.folder(file.partition), name) if part))
    if spec.file_name is None:
        transaction.add_files((file.local, path) for file, path in zip(written, paths, strict=True))
    return tuple(FileEntry(p, f.rows, f.bytes, f.partition) for f, p in zip(written, paths, strict=True))


def _content(spec: PartitionSpec, written: Iterable[WrittenFile]) -> str:
    lines = sorted(f"{spec.folder(file.partition)} {file.sha256}\n" for file in written)
    return hashlib.sha256("".join(lines).encode()).hexdigest()[: 2 * NAME_CHARACTERS]


def _database_name(manifest: Mapping[str, Any]) -> str:
    names = sorted({node["database"] for node in manifest["nodes"].values() if node.get("database")})
    return str(names[0]) if names else "build"
