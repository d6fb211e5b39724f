"""What the models read: every relation of bronze, and what the lake has published already.

In: a snapshot of the lake and which rates files a run builds. Out: one :class:`Relation` a dataset of every source,
with the addresses of its Parquet files, or with its schema alone where the lake has none, so that every model can run.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import ModuleType

import pyarrow as pa

from lakeward.extract import SOURCE_FILE_SCHEMA
from lakeward.lake.commit import Snapshot
from lakeward.publish.catalog import slice_relation
from lakeward.sources import census, flat_rates, geocoder, geography, medicare, mrf, nppes, synpuf, taxonomy
from lakeward.sources.registry import RegisteredFile, registered_files

SOURCES: dict[str, ModuleType] = {
    "mrf": mrf,
    "flat_rates": flat_rates,
    "medicare": medicare,
    "nppes": nppes,
    "geography": geography,
    "census": census,
    "geocoder": geocoder,
    "taxonomy": taxonomy,
    "synpuf": synpuf,
}
SCOPED = frozenset({"mrf/price", "flat_rates/rate"})
"""Datasets of which only the files to be built are read; the others are small and read whole."""
BRONZE, PUBLISHED = "bronze", "published"
RATES_INPUT_SCHEMA = pa.schema(
    [
        pa.field("file_id", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("state", pa.string()),
        pa.field("payer_slug", pa.string()),
        pa.field("year_month", pa.string()),
        pa.field("in_scope", pa.bool_()),
    ]
)
ENRICHED = "gold/rates/fact_rate_enriched"
ENRICHED_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in (
            "payer_slug", "state", "year_month", "release_id", "billing_class", "code_type", "code",
            "billing_code_modifier", "setting", "negotiation_arrangement", "rate_unit", "stat_area_code",
            "stat_area_name", "pg_uid", "primary_taxonomy_code",
        )),
        pa.field("negotiated_rate", pa.float64()),
        pa.field("rate_to_medicare_ratio", pa.float64()),
    ]
)  # fmt: skip
"""The columns of published facts that marts over the whole lake read."""


@dataclass(frozen=True)
class Relation:
    """One relation: its name, its columns, and where its rows are: in files, in memory, or what a DuckDB query says."""

    schema_name: str
    name: str
    schema: pa.Schema
    addresses: tuple[str, ...] = ()
    rows: pa.Table | None = None
    query: str = ""

    def duckdb_select(self) -> str:
        """Return the DuckDB query of the relation's rows."""
        columns = ", ".join(f'"{name}"' for name in self.schema.names)
        if self.query:
            return f"select {columns} from ({self.query})"  # noqa: S608
        if not self.addresses:
            nulls = ", ".join(f'cast(null as {duckdb_type(column.type)}) as "{column.name}"' for column in self.schema)
            return f"select {nulls} where false"
        files = ", ".join("'" + address.replace("'", "''") + "'" for address in self.addresses)
        return f"select {columns} from read_parquet([{files}], hive_partitioning = false)"  # noqa: S608


def bronze_relations(snapshot: Snapshot, building: Collection[str]) -> list[Relation]:
    """Return every relation that the models read.

    Args:
        snapshot: the lake; files that are not in use are left out.
        building: ids of the rates files whose releases this run builds.
    """
    files = {file.file_id: file for file in registered_files(snapshot).values() if file.is_active}
    relations = [relation for source in SOURCES for relation in _source_relations(snapshot, source, files, building)]
    relations.append(_relation(snapshot, "lake", "source_file", SOURCE_FILE_SCHEMA, files))
    relations.append(rates_input([file for file in files.values() if file.is_rates], building))
    return relations


def published_relation(snapshot: Snapshot, building_releases: Collection[str]) -> Relation:
    """Return the published facts of every release but those that this run builds."""
    releases = [name for name in snapshot.slices(ENRICHED) if name not in building_releases]
    query = slice_relation(snapshot, ENRICHED, releases)
    return Relation(PUBLISHED, "fact_rate_enriched", ENRICHED_SCHEMA, query=query)


def rates_input(files: Iterable[RegisteredFile], building: Collection[str]) -> Relation:
    """Return the relation that says of each rates file what the configuration says, and whether it is built."""
    rows = [
        {
            "file_id": file.file_id,
            "kind": file.source,
            "in_scope": file.file_id in building,
            **{name: file.attributes.get(name) for name in ("state", "payer_slug", "year_month")},
        }
        for file in files
    ]
    return Relation(BRONZE, "rates__input", RATES_INPUT_SCHEMA, rows=pa.Table.from_pylist(rows, RATES_INPUT_SCHEMA))


def _source_relations(
    snapshot: Snapshot, source: str, files: Collection[str], building: Collection[str]
) -> list[Relation]:
    datasets: dict[str, pa.Schema] = SOURCES[source].DATASETS
    relations = []
    for dataset, schema in datasets.items():
        chosen = building if f"{source}/{dataset}" in SCOPED else files
        relations.append(_relation(snapshot, source, dataset, schema, chosen))
    if source == "flat_rates":
        relations.append(_relation(snapshot, source, "rate", datasets["rate"], files, "rate_lake"))
    return relations


def _relation(
    snapshot: Snapshot, source: str, dataset: str, schema: pa.Schema, files: Collection[str], name: str | None = None
) -> Relation:
    slices = snapshot.slices(f"bronze/{source}/{dataset}")
    addresses = tuple(
        snapshot.lake.url_for(file.path)
        for file_id, entry in slices.items()
        if file_id in files
        for file in entry.files
    )
    return Relation(BRONZE, f"{source}__{name or dataset}", schema, addresses)


def duckdb_type(column_type: pa.DataType) -> str:
    """Return DuckDB's name of an Arrow type that bronze uses."""
    if pa.types.is_list(column_type):
        return f"{duckdb_type(column_type.value_type)}[]"
    if pa.types.is_struct(column_type):
        return "struct(" + ", ".join(f'"{child.name}" {duckdb_type(child.type)}' for child in column_type) + ")"
    if pa.types.is_decimal(column_type):
        return f"decimal({column_type.precision}, {column_type.scale})"
    return _SIMPLE_TYPES[column_type]


_SIMPLE_TYPES: dict[pa.DataType, str] = {
    pa.string(): "varchar", pa.int64(): "bigint", pa.int32(): "integer", pa.float64(): "double", pa.bool_(): "boolean",
    pa.date32(): "date",
}  # fmt: skip
