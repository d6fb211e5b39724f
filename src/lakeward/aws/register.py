"""Registering a lake: manifests, tables, views and saved queries, in the order in which readers never see half of it.

In: a snapshot and the settings of the AWS door. Out: what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.aws.glue import Registered, delete_gone_tables, register_database, register_table, register_view
from lakeward.aws.hive_tables import HiveTable, lake_location
from lakeward.aws.manifests import sweep_manifests, write_manifests
from lakeward.aws.views import GlueView
from lakeward.aws.workgroup import SavedQueryChange, save_queries
from lakeward.lake.commit import Snapshot
from lakeward.publish.catalog import shown_name


@dataclass(frozen=True)
class Registration:
    """What registering a lake changed."""

    database_created: bool
    manifests_written: int
    manifests_deleted: int
    tables: tuple[Registered, ...]
    views: tuple[Registered, ...]
    queries: tuple[SavedQueryChange, ...]


def register_lake(
    snapshot: Snapshot,
    tables: Sequence[HiveTable],
    views: Sequence[GlueView],
    database: str,
    workgroup: str | None,
    glue: Any,
    athena: Any,
    *,
    whole: bool,
) -> Registration:
    """Bring the catalogue to what a commit says.

    Args:
        snapshot: of the lake.
        tables: those to register.
        views: all whose tables the lake has; registered behind the tables, whose columns they name.
        database: the Glue database; made unless it is there.
        workgroup: of Athena, where the saved queries are kept; none of them when not given.
        glue: a client of Glue.
        athena: a client of Athena.
        whole: whether ``tables`` are all that the lake has, so that what is gone can be taken out.

    Raises:
        UsageError: a table of the same name is not of this lake.
        ResourceError: AWS refused; the same command completes the work.
    """
    written = write_manifests(snapshot.lake, tables)
    created = register_database(glue, database, f"Tables of the lake {snapshot.lake.url}")
    changes = [register_table(glue, database, table) for table in tables]
    views_changed = [register_view(glue, database, view) for view in views]
    deleted = 0
    if whole and tables:
        names = {*(shown_name(table) for table in snapshot.tables()), *(view.name for view in views)}
        changes += delete_gone_tables(glue, database, lake_location(tables[0].lake), names)
        replaced = {place for change in changes for place in change.replaced}
        deleted = sweep_manifests(snapshot.lake, tables, replaced)
    queries = save_queries(athena, database, workgroup) if workgroup else []
    return Registration(created, written, deleted, tuple(changes), tuple(views_changed), tuple(queries))
