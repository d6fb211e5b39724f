"""Saved queries in a workgroup of Athena, brought to what :mod:`lakeward.aws.saved_queries` has.

In: a client, a database and a workgroup. Out: what changed; a second time changes nothing.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.aws.calls import explained
from lakeward.aws.saved_queries import QUERIES, SavedQuery

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SavedQueryChange:
    """What keeping one query changed: ``created``, ``updated`` or ``unchanged``."""

    name: str
    change: str


def save_queries(client: Any, database: str, workgroup: str) -> list[SavedQueryChange]:
    """Keep the queries in a workgroup under their names; others in it are left alone.

    Args:
        client: of Athena.
        database: the Glue database that they ask.
        workgroup: the workgroup, which must exist.

    Raises:
        ResourceError: AWS refused.
    """
    with explained(f"save queries in the workgroup '{workgroup}'"):
        present = {query["Name"]: query for query in _named_queries(client, workgroup) if query["Database"] == database}
        changes = [_save(client, present, query, database, workgroup) for query in QUERIES]
    logger.info("%s: %s queries, %s changed", workgroup, len(changes), sum(c.change != "unchanged" for c in changes))
    return changes


def _save(
    client: Any, present: Mapping[str, Any], query: SavedQuery, database: str, workgroup: str
) -> SavedQueryChange:
    found = present.get(query.name)
    texts = {"Name": query.name, "Description": query.description, "QueryString": query.sql}
    if found is None:
        client.create_named_query(Database=database, WorkGroup=workgroup, **texts)
        return SavedQueryChange(query.name, "created")
    if all(found.get(name) == text for name, text in texts.items()):
        return SavedQueryChange(query.name, "unchanged")
    client.update_named_query(NamedQueryId=found["NamedQueryId"], **texts)
    return SavedQueryChange(query.name, "updated")


def _named_queries(client: Any, workgroup: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_named_queries").paginate(WorkGroup=workgroup):
        for found in page["NamedQueryIds"]:
            yield client.get_named_query(NamedQueryId=found)["NamedQuery"]
