"""A small lake in which files of older commits still lie, and a reader that knows no more of it than Athena would.

The reader takes the statements of a definition, follows their locations to manifests and those to files, and reads
these. It never asks the lake's commits.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import duckdb
import sqlglot
from sqlglot import exp

from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, Layout
from lakeward.publish.writer import publish_build
from lakeward.reference.tables import published_tables
from lakeward.settings import StorageSettings

LOCATION = "s3://health-lake/prices"
FACTS = """
    select
        md5('{seed}' || i) as fact_uid,
        payer || '.ga.2025-' || month as release_id,
        payer as payer_slug,
        case when {no_state} and i % 4 = 0 then null else 'GA' end as state,
        case when i % 2 = 0 then 'professional' else 'institutional' end as billing_class,
        '2025-' || month as year_month,
        cast(99200 + i % 20 as varchar) as code,
        'E&M, visits: ' || i % 2 as procedure_set,
        case when i % 5 = 0 then null else 'Payer''s office/outpatient 100%' end as procedure_class,
        '207Q00000X' as primary_taxonomy_code,
        'Atlanta-Sandy Springs, GA' as stat_area_name,
        cast(round(50 + i * 0.37, 2) as double) as negotiated_rate,
        case when i % 2 = 0 then ['11', '22'] end as pos_members,
        date '2025-06-30' as expiration_date,
        cast(i * 1.5 as decimal(18, 4)) as amount,
        cast(i as integer) as n_localities,
        i % 3 = 0 as is_above_medicare,
        cast(i + 1 as bigint) as source_record
    from range({rows}) t(i), (values ('acme'), ('globex')) p(payer), (values ('08'), ('09')) m(month)
"""
META = {
    "fact_rate_enriched": {"domain": "rates", "zone": "gold", "key": ["fact_uid"], "slice": "release"},
    "mart_code": {"domain": "rates", "zone": "gold", "key": ["payer_slug", "code"], "slice": "whole"},
    "dim_nothing": {"domain": "reference", "zone": "silver", "key": ["code"], "slice": "whole"},
}
DUCKDB_TYPES = {"string": "varchar", "list of string": "varchar[]", "list of bigint": "bigint[]"}
"""What a model calls otherwise than the engine."""
COMMENT = "The payer's code;\nnot a  number."


def publish(
    lake: Lake, folder: Path, *, seed: str = "", rows: int = 40, layout: Layout = COMPACT, no_state: bool = True
) -> Snapshot:
    """Publish prices of two payers and two months, a table of one slice, and one without rows."""
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "build.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        facts = FACTS.format(seed=seed, rows=rows, no_state=no_state)
        connection.execute(f"create table fact_rate_enriched as {facts}")
        connection.execute(
            "create table mart_code as select payer_slug, code, count(*) as rates, min(fact_uid) as example "
            "from fact_rate_enriched group by all"
        )
        connection.execute("create table dim_nothing as select 'a' as code, 1.5 as weight where false")
    return _commit(lake, database, [_node(name, **META[name]) for name in META], layout)


def publish_declared(lake: Lake, folder: Path, *names: str, **added: str) -> Snapshot:
    """Publish tables with the columns that their models declare and without rows.

    Args:
        lake: where.
        folder: for what is built.
        names: of the tables.
        added: types by the names of columns that the first of them has besides.
    """
    folder.mkdir(parents=True, exist_ok=True)
    declared = {table.name: table for table in published_tables()}
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for name in names:
            columns = {c.name: DUCKDB_TYPES.get(c.data_type, c.data_type) for c in declared[name].columns}
            listed = columns | (added if name == names[0] else {})
            connection.execute(f"create table {name} ({', '.join(f'{c} {kind}' for c, kind in listed.items())})")
    nodes = [_node(name, domain="rates", zone="silver", key=list(declared[name].key), slice="whole") for name in names]
    return _commit(lake, folder / "build.duckdb", nodes, COMPACT)


def _commit(lake: Lake, database: Path, nodes: list[dict[str, object]], layout: Layout) -> Snapshot:
    transaction = lake.begin("run")
    by_id = {f"model.lakeward.{node['name']}": node for node in nodes}
    built = SimpleNamespace(database=database, manifest={"nodes": by_id})
    publish_build(built, transaction, layout, Resources(10**9, 1, database.parent / "scratch"))
    return transaction.commit()


def folder_lake(folder: Path) -> Lake:
    """Return a lake in a folder."""
    return Lake.open(str(folder), StorageSettings())


def rows_by_definition(statements: Sequence[str], lake: Lake) -> list[tuple[object, ...]]:
    """Return the rows that a definition leads to, in the order of its columns, partition columns last."""
    parsed = parse(statements)
    create = next(statement for statement in parsed if isinstance(statement, exp.Create))
    columns = [column.name for column in create.this.expressions]
    keys = [key.name for key in partition_columns(create)]
    found: list[tuple[object, ...]] = []
    for values, location in _places(parsed, create, keys):
        files = _manifest(lake, location)
        if files:
            listed = ", ".join(f'"{column}"' for column in columns)
            paths = [lake.url_for(file.removeprefix(f"{LOCATION}/")) for file in files]
            with duckdb.connect() as connection:
                relation = connection.read_parquet(paths, hive_partitioning=False).project(listed)
                found += [(*row, *values) for row in relation.fetchall()]
    return sorted(found, key=repr)


def parse(statements: Sequence[str]) -> list[exp.Expression]:
    """Parse statements; one that adds many partitions, as Athena takes it and sqlglot does not, as one for each."""
    found = []
    for statement in statements:
        start, *clauses = statement.split("\n  PARTITION (")
        single = [f"{start} PARTITION ({clause}" for clause in clauses] if start.startswith("ALTER") else [statement]
        found += [sqlglot.parse_one(text, dialect="athena") for text in single]
    return found


def rows_by_commit(snapshot: Snapshot, name: str, columns: Sequence[str]) -> list[tuple[object, ...]]:
    """Return the rows that the lake's own reader gives."""
    from lakeward.publish.catalog import open_catalog

    with open_catalog(snapshot, StorageSettings()) as connection:
        listed = ", ".join(f'"{column}"' for column in columns)
        return sorted(connection.sql(f"select {listed} from {name}").fetchall(), key=repr)


def partition_columns(create: exp.Expression) -> list[exp.Expression]:
    """Return the columns of PARTITIONED BY."""
    found = create.find(exp.PartitionedByProperty)
    return list(found.this.expressions) if found else []


def table_properties(create: exp.Expression) -> dict[str, str]:
    """Return TBLPROPERTIES."""
    return {p.name: p.args["value"].name for p in create.args["properties"].expressions if type(p) is exp.Property}


def _places(
    parsed: Sequence[exp.Expression], create: exp.Expression, keys: Sequence[str]
) -> Iterator[tuple[tuple[str | None, ...], str]]:
    properties = table_properties(create)
    if properties.get("projection.enabled") == "true":
        for values in itertools.product(*(_projected(properties, key) for key in keys)):
            location = properties["storage.location.template"]
            for key, value in zip(keys, values, strict=True):
                location = location.replace(f"${{{key}}}", value)
            yield values, location
    elif keys:
        for added in (clause for statement in parsed for clause in statement.find_all(exp.AddPartition)):
            values = tuple(pair.expression.name for pair in added.find_all(exp.EQ))
            null = "__HIVE_DEFAULT_PARTITION__"
            yield tuple(None if value == null else value for value in values), added.args["location"].this.name
    else:
        yield (), create.find(exp.LocationProperty).this.name


def _projected(properties: dict[str, str], key: str) -> list[str]:
    if properties[f"projection.{key}.type"] == "enum":
        return properties[f"projection.{key}.values"].split(",")
    first, last = map(int, properties[f"projection.{key}.range"].split(","))
    return [f"{number:0{properties[f'projection.{key}.digits']}}" for number in range(first, last + 1)]


def _manifest(lake: Lake, location: str) -> list[str]:
    """Return the lines of every file in a folder, as the reader of symbolic links takes them."""
    assert location.startswith(f"{LOCATION}/")
    assert location.endswith("/")
    paths = lake.storage.list(location.removeprefix(f"{LOCATION}/"))
    return [line for path in paths for line in lake.storage.read(path).decode().splitlines()]


def _node(name: str, **meta: object) -> dict[str, object]:
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "relation_name": f'"build"."main"."{name}"',
        "description": f"One row per {name}.",
        "config": {"meta": meta},
        "columns": {"code": {"name": "code", "data_type": "string", "description": COMMENT}},
    }
