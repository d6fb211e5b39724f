"""Made-up registry files as bronze, and the registry's models over them without dbt in between.

dbt compiles the models once; their SQL then runs over any bronze in a fraction of a second, so that a property can be
tried on many sets of files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.build import SCHEMA
from lakeward.relations import BRONZE

from .built_models import SCHEMAS, built, failures

TABLES = (
    "dim_npi", "dim_npi_history", "dim_npi_address", "bridge_npi_taxonomy", "bridge_npi_identifier", "dim_npi_name",
    "dim_npi_endpoint", "quarantine_npi", "quarantine_npi_detail",
)  # fmt: skip
SELECTION = " ".join(f"+{table}" for table in (*TABLES, "stg_nppes__registry_answer"))
SOURCE_COLUMNS = ("source_file_id", "source_record", "registry_as_of_date", "last_record_layout")
"""What a row says of the file it comes from; the same content in another file changes nothing else."""

Row = dict[str, Any]


@dataclass(frozen=True)
class RegistryFile:
    """A file of the registry: its id, the end of the period in its name, and its rows by dataset."""

    file_id: str
    as_of: str | None = None
    records: Sequence[Row] = ()
    companions: dict[str, Sequence[Row]] = field(default_factory=dict)

    def rows(self, dataset: str) -> list[Row]:
        rows = self.records if dataset == "npidata" else self.companions.get(dataset, ())
        layout = {"layout": "v2"} if dataset == "npidata" else {}
        provenance = {"_file_id": self.file_id, "file_as_of_date": self.as_of}
        return [provenance | layout | {"_source_record": number} | row for number, row in enumerate(rows, 1)]


def written(files: Sequence[RegistryFile], folder: Path) -> dict[str, list[str]]:
    """Write made-up files as bronze; return the Parquet files of each relation."""
    addresses = {}
    for name in (name for name in SCHEMAS if name.startswith("nppes__")):
        pq.write_table(bronze_table(name, files), folder / f"{name}.parquet")
        addresses[name] = [str(folder / f"{name}.parquet")]
    return addresses


def bronze_table(name: str, files: Sequence[RegistryFile]) -> pa.Table:
    """Return a relation of bronze with the rows of made-up files; those of other sources are empty."""
    dataset = name.removeprefix("nppes__")
    rows = [row for file in files for row in file.rows(dataset)] if dataset != name else []
    return pa.Table.from_pylist(rows, SCHEMAS[name])


def build_registry(addresses: dict[str, list[str]], folder: Path, select: str = SELECTION) -> tuple[Path, list[Any]]:
    """Build tables of the registry with dbt over bronze; return the database and dbt's result of every node."""
    database, results = built(addresses, folder, select)
    assert failures(results) == []
    return database, results


class RegistryModels:
    """The compiled SQL of the registry's models, in the order in which dbt built them."""

    def __init__(self, results: Iterable[Any]) -> None:
        # dbt finishes a model after those it reads, so its results are in an order that can be run.
        self._nodes = {r.node.unique_id: r.node for r in results if r.node.resource_type == "model"}

    def run(self, files: Sequence[RegistryFile], tables: Sequence[str] = TABLES) -> duckdb.DuckDBPyConnection:
        """Make tables from made-up files, read in the order given; return the database."""
        nodes = self._needed(tables)
        sources = {
            name.split(".")[-1] for node in nodes for name in node.depends_on.nodes if name.startswith("source.")
        }
        connection = duckdb.connect(config={"threads": 1})
        for schema in (BRONZE, SCHEMA):
            connection.execute(f"create schema {schema}")
        for name in sorted(sources):
            connection.register("rows", bronze_table(name, files))
            connection.execute(f'create table {BRONZE}."{name}" as select * from rows')
            connection.unregister("rows")
        for node in nodes:
            kind = node.config.materialized
            sql = node.compiled_code.replace('"build".', "")
            connection.execute(f"create {kind} {SCHEMA}.{node.name} as {sql}")
        connection.execute(f"set search_path = '{SCHEMA}'")
        return connection

    def _needed(self, tables: Sequence[str]) -> list[Any]:
        needed = {name for name, node in self._nodes.items() if node.name in tables}
        for name in reversed(self._nodes):
            if name in needed:
                needed |= set(self._nodes[name].depends_on.nodes)
        return [node for name, node in self._nodes.items() if name in needed]


def rows_of(connection: duckdb.DuckDBPyConnection, table: str, *, without: Sequence[str] = ()) -> list[Row]:
    """Return every row of a table by column name, in the order of all its columns."""
    excluded = f" exclude ({', '.join(without)})" if without else ""
    found = connection.sql(f"select *{excluded} from {table} order by all")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def contents(connection: duckdb.DuckDBPyConnection, tables: Sequence[str] = TABLES) -> dict[str, list[Row]]:
    """Return tables but for what they say of the files that the rows come from."""
    found = {}
    for table in tables:
        columns = connection.sql(f"select * from {table} limit 0").columns
        found[table] = rows_of(connection, table, without=[name for name in SOURCE_COLUMNS if name in columns])
    return found


def spans(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the history as :func:`.registry_recomputation.history` gives it."""
    without = ("is_current", "source_file_id", "source_record", "record_count")
    rows = rows_of(connection, "dim_npi_history", without=without)
    ordered = sorted(rows, key=lambda row: (row["npi"], row["valid_from"] or date.min))
    return [row | {"changed_columns": sorted(row["changed_columns"])} for row in ordered]


def npi(number: int) -> str:
    """Return a made-up NPI with a right check digit; the same number gives the same one."""
    digits = f"1{number:08d}"
    total = 24 + sum(sum(divmod(int(d) * 2, 10)) if at % 2 == 0 else int(d) for at, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def record(number: str, updated: str | None, city: str | None = "MACON", **values: str | None) -> Row:
    """Return a made-up record; dates as the registry writes them."""
    return {
        "npi": number,
        "entity_type_code": "2",
        "provider_organization_name_legal_business_name": "A CLINIC",
        "provider_business_practice_location_address_city_name": city,
        "last_update_date": updated,
    } | values


def gone(number: str, deactivated: str) -> Row:
    """Return the record of a deactivated provider: blank but for its date."""
    return {"npi": number, "npi_deactivation_date": deactivated}


def back(number: str, updated: str, deactivated: str, reactivated: str) -> Row:
    """Return the record of a provider that was deactivated and taken back."""
    return record(number, updated, npi_deactivation_date=deactivated, npi_reactivation_date=reactivated)


def report(file_id: str, reported: str, lines: dict[str, str]) -> RegistryFile:
    """Return a deactivation report: its day, and the day of deactivation by NPI."""
    rows = [{"npi": who, "deactivation_date": when, "report_date": reported} for who, when in lines.items()]
    return RegistryFile(file_id, companions={"deactivation": rows})
