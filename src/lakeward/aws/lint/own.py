"""What this lake would deploy, as texts for the linter: the template, the tables with added and with projected
partitions, views and saved queries.

In: the settings and, once there is a published table, the lake's snapshot. Out: texts by the command that prints them,
and the values that each partition key has. Reads no data file, calls nothing.
"""

from collections import defaultdict
from collections.abc import Mapping

from lakeward.aws.ddl import lake_ddl
from lakeward.aws.hive_tables import EXAMPLE_LOCATION, hive_tables
from lakeward.aws.saved_queries import queries_script
from lakeward.aws.template import template_text
from lakeward.lake.commit import Snapshot
from lakeward.publish.catalog import shown_name
from lakeward.settings import Settings

TEMPLATE, TABLES = "lakeward aws template", "lakeward aws ddl"
PROJECTED, QUERIES = "lakeward aws ddl --projection", "lakeward aws ddl --queries"
Values = Mapping[str, Mapping[str, frozenset[str | None]]]


def own_texts(settings: Settings, snapshot: Snapshot) -> dict[str, str]:
    """Return what would be deployed, by the command that prints it; without published tables that is no table."""
    database = f"lakeward_{settings.environment}"
    location = settings.lake if settings.lake.startswith("s3://") else EXAMPLE_LOCATION
    texts = {TEMPLATE: template_text(settings), QUERIES: queries_script(database)}
    for name, projection in ((TABLES, False), (PROJECTED, True)):
        tables = hive_tables(snapshot, location, projection=projection)
        if tables:
            texts[name] = lake_ddl(tables, database)
    return texts


def own_values(snapshot: Snapshot) -> Values:
    """Return the values of each partition key, by the name of the table, from the entries of the commit."""
    values: dict[str, dict[str, set[str | None]]] = defaultdict(lambda: defaultdict(set))
    for table in snapshot.tables():
        for file in snapshot.files(table):
            for key, value in file.partition.items():
                # A slice without rows keeps one empty file under null keys, which is no partition of anything.
                if file.rows:
                    values[shown_name(table)][key].add(value)
    return {name: {key: frozenset(found) for key, found in keys.items()} for name, keys in values.items()}
