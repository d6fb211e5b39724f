"""What each layout would mean for this lake: files and their sizes, and what the example queries would read.

In: a snapshot and candidate layouts. Out: one :class:`LayoutAdvice` each. What it costs is in ``lakeward.aws.bill``.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles

import duckdb

from lakeward.errors import UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.entries import FileEntry
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import open_catalog, slice_relation
from lakeward.publish.engine import Resources
from lakeward.publish.example_queries import ExampleQuery, example_queries
from lakeward.publish.layout import DEEP, Layout
from lakeward.publish.layout_sample import Bounds, Trial, try_layout
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.scan_estimate import ScanEstimate, Scanner
from lakeward.publish.sql import quoted
from lakeward.publish.writer import ENRICHED

FOOTERS_READ = 2_000
"""Of a table that stands: of how many of its files the footers are read."""


@dataclass(frozen=True)
class LayoutAdvice:
    """What a layout means for a table.

    ``written_share`` is the share of rows that were really written to find out; sizes and queries of the rest follow
    from those. It is 1 where nothing is estimated. ``file_bytes`` has the size of each file.
    """

    name: str
    keys: tuple[str, ...]
    sort: tuple[str, ...]
    stands: bool
    partitions: int
    rows: int
    file_bytes: tuple[int, ...]
    written_share: float
    queries: tuple[ScanEstimate, ...]

    @property
    def files(self) -> int:
        """How many files there are."""
        return len(self.file_bytes)

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(self.file_bytes)

    def smaller_than(self, size: int) -> int:
        """Return how many files are smaller."""
        return sum(file < size for file in self.file_bytes)

    @property
    def deciles(self) -> tuple[float, float, float]:
        """The size that a tenth, half and nine tenths of the files do not exceed."""
        if len(self.file_bytes) < 2:
            return (float(self.bytes),) * 3
        cuts = quantiles(self.file_bytes, n=10, method="inclusive")
        return cuts[0], cuts[4], cuts[8]


def advise(
    snapshot: Snapshot,
    layouts: Sequence[Layout],
    resources: Resources,
    options: S3Options,
    bounds: Bounds | None = None,
) -> list[LayoutAdvice]:
    """Try layouts on ``fact_rate_enriched``; the lake is only read.

    Args:
        snapshot: of the lake.
        layouts: the candidates.
        resources: what may be used; the trials are written into its scratch folder.
        options: how a bucket is reached.
        bounds: how much of the table to write in each layout.

    Raises:
        UsageError: the lake has no ``fact_rate_enriched`` with rows, or it lacks a column of a layout.
    """
    standing = standing_layout(snapshot)
    found: list[LayoutAdvice] = []
    with _engine(snapshot, resources, options) as connection:
        queries = _queries(connection, snapshot)
        for layout in layouts:
            folder = resources.scratch / "advise" / str(len(found))
            try:
                trial = try_layout(connection, snapshot, ENRICHED, layout, folder, bounds)
                scanner = Scanner(connection, trial.files, trial.addresses, trial.columns)
                found.append(_advice(trial, scanner, queries, stands=layout.identity == standing))
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    return found


def advise_standing(snapshot: Snapshot, resources: Resources, options: S3Options) -> LayoutAdvice:
    """Say the same of the files that stand; reads the footers of at most 2,000 of them, and writes nothing.

    Raises:
        UsageError: the lake has no ``fact_rate_enriched`` with rows.
    """
    with _engine(snapshot, resources, options) as connection:
        queries = _queries(connection, snapshot)
        description, files = snapshot.description(ENRICHED), snapshot.files(ENRICHED)
        step = -(-len(files) // FOOTERS_READ)
        addresses = {file.path: snapshot.lake.url_for(file.path) for file in files[::step]}
        spec = PartitionSpec(description.partition_keys)
        layout = Layout(description.layout or "custom", spec, description.sort)
        trial = Trial(layout, tuple(column.name for column in description.columns), tuple(files), addresses)
        return _advice(trial, Scanner(connection, files, addresses, trial.columns), queries, stands=True)


def standing_layout(snapshot: Snapshot) -> str | None:
    """Return the identity of the layout that the table stands in; none when its slices differ or there are none."""
    found = {str(entry.attributes.get("layout")) for entry in snapshot.slices(ENRICHED).values()}
    return found.pop() if len(found) == 1 else None


def _advice(trial: Trial, scanner: Scanner, queries: Sequence[ExampleQuery], *, stands: bool) -> LayoutAdvice:
    rows = sum(file.rows for file in trial.files)
    return LayoutAdvice(
        name=trial.layout.identity,
        keys=trial.layout.spec.keys,
        sort=trial.layout.sort,
        stands=stands,
        partitions=len({_values(file) for file in trial.files}),
        rows=rows,
        file_bytes=tuple(file.bytes for file in trial.files),
        written_share=trial.written_rows / rows if rows else 1.0,
        queries=tuple(scanner.estimate(query) for query in queries),
    )


def _values(file: FileEntry) -> tuple[tuple[str, str | None], ...]:
    return tuple(file.partition.items())


@contextmanager
def _engine(snapshot: Snapshot, resources: Resources, options: S3Options) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that reaches the files of the lake, and spills into the scratch folder."""
    if not any(file.rows for file in snapshot.files(ENRICHED)):
        raise UsageError(
            f"{snapshot.lake.url} has no rows of {ENRICHED.rpartition('/')[2]} to lay out.\n"
            "Nothing was written. `lakeward run rates` makes them; `lakeward tables` lists what there is."
        )
    spill_folder = resources.scratch / "spill"
    spill_folder.mkdir(parents=True, exist_ok=True)
    with open_catalog(snapshot, options, [], resources.engine_bytes, resources.workers) as connection:
        connection.execute(f"set temp_directory = {quoted(str(spill_folder))}")
        yield connection


def _queries(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> list[ExampleQuery]:
    """The example queries with what is most frequent in the table in place of ``GA`` and ``99213``."""
    relation = f"({slice_relation(snapshot, ENRICHED)})"
    columns = {row[0] for row in connection.sql(f"describe select * from {relation}").fetchall()}  # noqa: S608
    state = _most_frequent(connection, relation, {"state": "state"} if "state" in columns else {})
    in_state = " and ".join(f"state is not distinct from {_literal(value)}" for value in state.values())
    code = _most_frequent(connection, relation, {"code": "code"} if "code" in columns else {}, in_state or "true")
    leaf_keys = {} if DEEP.spec.missing(columns) else DEEP.spec.expressions(columns)
    leaf = _most_frequent(connection, relation, leaf_keys)
    return example_queries(state.get("state"), code.get("code"), leaf)


def _most_frequent(
    connection: duckdb.DuckDBPyConnection, relation: str, expressions: Mapping[str, str], where: str = "true"
) -> dict[str, str | None]:
    if not expressions:
        return {}
    selected = ", ".join(f'{expression} as "{name}"' for name, expression in expressions.items())
    order = ", ".join(f'"{name}"' for name in expressions)
    row = connection.sql(
        f"select {selected} from {relation} where {where} group by all order by count(*) desc, {order} limit 1"  # noqa: S608
    ).fetchone()
    return dict(zip(expressions, row, strict=True)) if row else {}


def _literal(value: str | None) -> str:
    return "null" if value is None else quoted(value)
