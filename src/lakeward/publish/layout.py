"""Layouts of ``fact_rate_enriched``: how its rows are spread over folders and sorted inside files, and what that costs.

In: the layout settings and a relation. Out: a :class:`Layout`, and a :class:`Forecast` of its files before one is
written.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb

from lakeward.errors import UsageError
from lakeward.publish.partition import PartitionSpec
from lakeward.sizes import format_size

logger = logging.getLogger(__name__)

LAID_OUT_TABLE = "fact_rate_enriched"
SCAN_ORDER = ("procedure_set", "procedure_class", "code", "primary_taxonomy_code", "stat_area_name")
"""The sort order that serves look-ups by code and by class alike."""

BYTES_A_ROW = 80
"""Of a sorted, compressed row of about 80 columns in a large file; measured at 1 M rows, 76 columns: 79."""
FOOTER_BYTES_A_COLUMN = 350
LEAN_FOOTER_BYTES_A_COLUMN = 140
"""What a file costs beyond its rows, by column; measured on 72,804 files of 76 columns."""
MANY_FILES = 64
TINY_FILE_BYTES = 1_000_000


class LayoutOptions(Protocol):
    """The layout settings; :class:`lakeward.settings.LayoutSettings` is one."""

    @property
    def name(self) -> str | None: ...
    @property
    def keys(self) -> Sequence[str]: ...
    @property
    def sort(self) -> Sequence[str]: ...
    @property
    def allow_tiny_files(self) -> bool: ...


@dataclass(frozen=True)
class Layout:
    """A named way to lay out a table.

    Args:
        name: ``compact``, ``deep`` or ``custom``.
        spec: partition keys and file naming.
        sort: columns that rows are sorted by inside a partition, before the table's key.
        lean_footers: leave statistics and dictionaries out, for files of a few rows.
        allow_tiny_files: the user asked for it by name, knowing what it makes.
    """

    name: str
    spec: PartitionSpec
    sort: tuple[str, ...] = ()
    lean_footers: bool = False
    allow_tiny_files: bool = True

    @property
    def identity(self) -> str:
        """What a slice keeps to tell in which layout it was written."""
        if self.name != "custom":
            return self.name
        return f"custom:{','.join(self.spec.keys)}:{','.join(self.sort)}"


COMPACT = Layout("compact", PartitionSpec(("payer_slug", "state", "billing_class", "year", "month")), SCAN_ORDER)
DEEP = Layout(
    "deep",
    PartitionSpec(
        (
            "payer_slug",
            "state",
            "billing_class",
            "procedure_set",
            "procedure_class",
            "primary_taxonomy_code",
            "stat_area_name",
            "year",
            "month",
        ),
        file_name="fact_rate_enriched.parquet",
    ),
    ("code",),
    lean_footers=True,
)
LAYOUTS = {layout.name: layout for layout in (COMPACT, DEEP)}


def layout_of(options: LayoutOptions) -> Layout:
    """Return the layout that the settings ask for; ``compact`` when they ask for none."""
    if not options.keys:
        return LAYOUTS[options.name or COMPACT.name]
    repeated = {key for key in options.keys if list(options.keys).count(key) > 1}
    if repeated:
        raise UsageError(f"layout.keys names {', '.join(sorted(repeated))} more than once.")
    sort = tuple(options.sort) or tuple(column for column in SCAN_ORDER if column not in options.keys)
    spec = PartitionSpec(tuple(options.keys))
    return Layout("custom", spec, sort, allow_tiny_files=options.allow_tiny_files)


@dataclass(frozen=True)
class Forecast:
    """What a layout would make of a table: files, rows, the rows of the median file, and about how many bytes."""

    layout: str
    files: int
    rows: int
    median_rows: float
    estimated_bytes: int

    @property
    def makes_tiny_files(self) -> bool:
        """Whether there would be many files, each far below what a scan or an object store is good at."""
        return self.files > MANY_FILES and self.estimated_bytes / self.files < TINY_FILE_BYTES

    @property
    def text(self) -> str:
        """The forecast in words and numbers."""
        return (
            f"layout '{self.layout}' would make {self.files:,} files with a median of {self.median_rows:,.0f} rows "
            f"({self.rows:,} rows, about {format_size(self.estimated_bytes)})"
        )


def forecast(connection: duckdb.DuckDBPyConnection, relation: str, layout: Layout) -> Forecast:
    """Count the files that a layout would make of a relation; reads only the partition columns.

    Raises:
        UsageError: the relation lacks a column of the layout; names those it has.
    """
    columns = require_columns(connection, relation, layout)
    keys = ", ".join(layout.spec.expressions(set(columns)).values()) or "1"
    found = connection.sql(
        f"select count(*), coalesce(sum(n), 0), coalesce(median(n), 0) "  # noqa: S608
        f"from (select count(*) as n from {relation} group by {keys})"
    ).fetchone()
    files, rows, median = found or (0, 0, 0)
    footer = LEAN_FOOTER_BYTES_A_COLUMN if layout.lean_footers else FOOTER_BYTES_A_COLUMN
    estimate = rows * BYTES_A_ROW + files * footer * len(columns)
    return Forecast(layout.name, files, int(rows), float(median), int(estimate))


def require_sensible(expected: Forecast, layout: Layout) -> None:
    """Stop before a layout makes tiny files, unless it was asked for by name; say the numbers either way.

    Raises:
        UsageError: the layout would make tiny files and nobody said that they are wanted.
    """
    if not expected.makes_tiny_files:
        return
    if layout.allow_tiny_files:
        logger.warning("%s; that is slow to write and to read. `compact` is the layout for scans.", expected.text)
        return
    raise UsageError(
        f"The {expected.text}.\n"
        f"  expected: files of {format_size(TINY_FILE_BYTES)} or more, or at most {MANY_FILES} files\n"
        "Nothing was written. Use fewer keys (columns left out of `keys` still prune when files are sorted by them), "
        "or say `allow_tiny_files: true` if this is what you want."
    )


def require_columns(connection: duckdb.DuckDBPyConnection, relation: str, layout: Layout) -> list[str]:
    """Return the columns of a relation.

    Raises:
        UsageError: the relation lacks a column of the layout.
    """
    columns = [row[0] for row in connection.sql(f"describe select * from {relation}").fetchall()]  # noqa: S608
    missing = layout.spec.missing(set(columns)) + [name for name in layout.sort if name not in columns]
    if missing:
        raise UsageError(
            f"Layout '{layout.name}' names columns that {LAID_OUT_TABLE} has not: {', '.join(missing)}.\n"
            f"Nothing was written. Its columns are: {', '.join(columns)}."
        )
    return columns
