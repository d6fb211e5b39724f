"""Tables and views of a lake in the Glue catalogue, brought to what a commit says.

In: tables as :mod:`lakeward.aws.hive_tables` describes them, whose manifests are written, and views as
:mod:`lakeward.aws.views` does. Out: what changed. The same commit registered twice changes nothing. Partitions are
added and moved first, then the table, then what is gone goes.

Source: AWS Glue Web API Reference, "BatchCreatePartition", "BatchUpdatePartition", "BatchDeletePartition".
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.aws.calls import explained
from lakeward.aws.ddl import LAKE_PROPERTY, one_line
from lakeward.aws.glue_inputs import COLUMNS_PROPERTY, Values, partition_inputs, table_input, view_input
from lakeward.aws.hive_tables import HiveTable
from lakeward.aws.views import GlueView
from lakeward.errors import ResourceError, UsageError

logger = logging.getLogger(__name__)

PARTITIONS_A_CALL = 100
PARTITIONS_A_DELETE = 25


@dataclass(frozen=True)
class Registered:
    """What registering one table or view changed.

    ``change`` is ``created``, ``updated``, ``unchanged`` or ``deleted``; the counts are of partitions. ``replaced`` are
    the locations that the table had before and has no more, which queries that run may still be reading.
    """

    table: str
    change: str
    added: int = 0
    moved: int = 0
    removed: int = 0
    replaced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Steps:
    """What is to be done to the partitions of a table."""

    new: list[Values]
    moved: list[Values]
    gone: list[tuple[str, ...]]

    @property
    def any(self) -> bool:
        return bool(self.new or self.moved or self.gone)


def register_database(client: Any, database: str, description: str) -> bool:
    """Make the database unless it is there; return whether it was made.

    Raises:
        ResourceError: AWS refused.
    """
    with explained(f"look up the Glue database '{database}'"):
        try:
            client.get_database(Name=database)
        except client.exceptions.EntityNotFoundException:
            client.create_database(DatabaseInput={"Name": database, "Description": one_line(description)})
            return True
    return False


def register_table(client: Any, database: str, table: HiveTable) -> Registered:
    """Bring one table and its partitions to what the commit says.

    Raises:
        UsageError: the database has a table of this name that is not of this lake.
        ResourceError: AWS refused; what was done before stays, and the same command completes it.
    """
    with explained(f"register the table '{database}.{table.name}'"):
        wanted = table_input(table)
        found = _find(client, database, table.name, table.lake)
        registered = _partitions(client, database, table) if found and _keys(found) else []
        before = {values["StorageDescriptor"]["Location"] for values in (*registered, *([found] if found else []))}
        same_keys = found is not None and _keys(found) == _keys(wanted)
        if found is not None and not same_keys:
            # Glue changes no partition keys: the table of another layout goes, and with it its partitions.
            client.delete_table(DatabaseName=database, Name=table.name)
        if not same_keys:
            client.create_table(DatabaseName=database, TableInput=wanted)
        steps = _steps(table, registered if same_keys else [])
        _add(client, database, table.name, steps.new)
        _move(client, database, table.name, steps.moved)
        updated = found is not None and same_keys and not _is_same_table(found, wanted)
        if updated:
            client.update_table(DatabaseName=database, TableInput=wanted, SkipArchive=True)
        _remove(client, database, table.name, steps.gone)
    change = "created" if found is None else "updated" if updated or not same_keys or steps.any else "unchanged"
    counts = len(steps.new), len(steps.moved), len(steps.gone)
    logger.info("%s.%s %s: +%s ~%s -%s partitions", database, table.name, change, *counts)
    now = {table.location, *(partition.location for partition in table.partitions)}
    return Registered(table.name, change, *counts, frozenset(before - now))


def register_view(client: Any, database: str, view: GlueView) -> Registered:
    """Bring one view to what the commit says.

    Raises:
        UsageError: the database has a table or view of this name that is not of this lake.
        ResourceError: AWS refused; the same command completes it.
    """
    with explained(f"register the view '{database}.{view.name}'"):
        wanted = view_input(view, database)
        found = _find(client, database, view.name, view.lake)
        if found is not None and _is_same_table(found, wanted):
            return Registered(view.name, "unchanged")
        save = client.create_table if found is None else client.update_table
        save(DatabaseName=database, TableInput=wanted)
    logger.info("%s.%s %s", database, view.name, "created" if found is None else "updated")
    return Registered(view.name, "created" if found is None else "updated")


def delete_gone_tables(client: Any, database: str, lake: str, names: Collection[str]) -> list[Registered]:
    """Take out the tables and views of this lake that it has no more; those of others stay.

    Args:
        client: of Glue.
        database: the Glue database.
        lake: the lake's place in S3.
        names: of the tables and views that the lake has.

    Raises:
        ResourceError: AWS refused.
    """
    with explained(f"list the tables of '{database}'"):
        pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
        found = [table for page in pages for table in page["TableList"]]
        gone = sorted(t["Name"] for t in found if _lake_of(t) == lake and t["Name"] not in names)
        for name in gone:
            client.delete_table(DatabaseName=database, Name=name)
    return [Registered(name, "deleted") for name in gone]


def _steps(table: HiveTable, registered: Sequence[Values]) -> _Steps:
    present = {tuple(partition["Values"]): partition for partition in registered}
    wanted = {tuple(values["Values"]): values for values in partition_inputs(table)}
    return _Steps(
        new=[values for key, values in wanted.items() if key not in present],
        moved=[v for key, v in wanted.items() if key in present and not _is_same_partition(present[key], v)],
        gone=[key for key in present if key not in wanted],
    )


def _find(client: Any, database: str, name: str, lake: str) -> Values | None:
    try:
        found: Values = client.get_table(DatabaseName=database, Name=name)["Table"]
    except client.exceptions.EntityNotFoundException:
        return None
    if _lake_of(found) != lake:
        raise UsageError(
            f"The database '{database}' has a table '{name}' that is not of this lake.\n"
            f"  expected: {LAKE_PROPERTY} = {lake}   found: {_lake_of(found) or 'no such property'}\n"
            "It was left alone. Name another database with --database, or drop that table first."
        )
    return found


def _lake_of(found: Values) -> str:
    return str(found.get("Parameters", {}).get(LAKE_PROPERTY, ""))


def _keys(values: Values) -> list[str]:
    return [column["Name"] for column in values.get("PartitionKeys", ())]


def _partitions(client: Any, database: str, table: HiveTable) -> list[Values]:
    pages = client.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table.name, ExcludeColumnSchema=True
    )
    return [partition for page in pages for partition in page["Partitions"]]


def _is_same_table(found: Values, wanted: Values) -> bool:
    """Tell whether a table has all that is wanted, and no projection besides; Glue adds members of its own."""
    ours = ("projection.", "storage.location.")
    extra = {name for name in found["Parameters"] if name.startswith(ours)} - set(wanted["Parameters"])
    return not extra and _contains(found, wanted)


def _is_same_partition(found: Values, wanted: Values) -> bool:
    columns = found.get("Parameters", {}).get(COLUMNS_PROPERTY)
    place = found["StorageDescriptor"]["Location"]
    wanted_columns, wanted_place = wanted["Parameters"][COLUMNS_PROPERTY], wanted["StorageDescriptor"]["Location"]
    return bool(columns == wanted_columns and place == wanted_place)


def _contains(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_contains(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(found or ()) == len(wanted) and all(map(_contains, found or (), wanted))
    return bool(found == wanted or (wanted == "" and found is None))


def _add(client: Any, database: str, table: str, inputs: Sequence[Values]) -> None:
    for batch in _batches(inputs, PARTITIONS_A_CALL):
        answer = client.batch_create_partition(DatabaseName=database, TableName=table, PartitionInputList=batch)
        _require_none(answer, "added")


def _move(client: Any, database: str, table: str, inputs: Sequence[Values]) -> None:
    entries = [{"PartitionValueList": values["Values"], "PartitionInput": values} for values in inputs]
    for batch in _batches(entries, PARTITIONS_A_CALL):
        answer = client.batch_update_partition(DatabaseName=database, TableName=table, Entries=batch)
        _require_none(answer, "updated")


def _remove(client: Any, database: str, table: str, keys: Sequence[tuple[str, ...]]) -> None:
    values = [{"Values": list(key)} for key in keys]
    for batch in _batches(values, PARTITIONS_A_DELETE):
        answer = client.batch_delete_partition(DatabaseName=database, TableName=table, PartitionsToDelete=batch)
        _require_none(answer, "deleted")


def _batches(items: Sequence[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _require_none(answer: Values, verb: str) -> None:
    errors = answer.get("Errors") or ()
    if errors:
        first = errors[0]["ErrorDetail"] if "ErrorDetail" in errors[0] else errors[0]
        raise ResourceError(
            f"{len(errors)} partitions could not be {verb} in the Glue catalogue.\n"
            f"  found: {first.get('ErrorCode')}: {first.get('ErrorMessage')}\n"
            "What was registered before stays. If no other registration is going on, run the same command again."
        )
