"""The damage report of one source file: what it is, what it holds, what is wrong with it and what Lakeward does then.

In: the path of any file that a run reads, and of some that none does. Out: :class:`Inspection`. The file goes through
the very reader of a run into a temporary folder, which is removed; nothing else is written and nothing is fetched.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from lakeward.quality.claims_findings import claims_counts, claims_facts, claims_findings
from lakeward.quality.inspection import Inspection, found
from lakeward.quality.json_inspections import JSON_INSPECTIONS
from lakeward.quality.price_findings import (
    price_file_counts,
    price_file_facts,
    price_file_findings,
    price_file_shape,
)
from lakeward.quality.recognise import Kind, recognise
from lakeward.quality.table_findings import table_findings
from lakeward.sources import census, flat_rates, geography, medicare, mrf, nppes, synpuf, taxonomy
from lakeward.sources.landing import Extracted, Landing, file_sha256
from lakeward.sources.synpuf.layout import LAYOUTS

KINDS = {
    "flat_rates": "flat rates Parquet",
    "nppes": "NPPES provider registry",
    "medicare": "Medicare fee schedule",
    "geography": "geography file",
    "census": "Census figures (ACS 5-year)",
    "taxonomy": "provider taxonomy",
    "synpuf": "CMS synthetic claims (DE-SynPUF)",
}
UNNAMED_SAMPLE = 1
"""Stands in for a sample that the file's name does not say: the configuration may, and no count depends on it."""
UNNAMED_YEAR = 2023
"""Likewise for a table of figures whose name does not say its year."""
MEMORY_LIMIT = "1GB"


def inspect_file(path: Path) -> Inspection:
    """Inspect one source file.

    Args:
        path: a price file, table of contents, allowed-amounts file, provider-reference file, flat rates or providers
            Parquet, NPPES, Medicare, geography, Census, taxonomy or SynPUF file; plain or packed.

    Returns:
        Kind, layout, counts and damage. Reads the whole file once, in bounded memory.

    Raises:
        SourceUnreadable, SourceSchemaChanged: the file is broken or none of these kinds: what a run would say.

    Example:
        >>> inspect_file(Path("2025-06-23_payer_in-network-rates.json.gz")).kind
        'in-network price file'
    """
    kind = recognise(path)
    if kind.source in JSON_INSPECTIONS:
        name, source, inspect_json = JSON_INSPECTIONS[kind.source]
        counts, facts, findings = inspect_json(path)
        return Inspection(*_identity(path), name, None, source, counts, facts, findings)
    with tempfile.TemporaryDirectory(prefix="lakeward-inspect-") as folder:
        with Landing(path, Path(folder)) as landing:
            extracted = _extract(kind, path, landing)
        with _bronze(landing.files(), Path(folder)) as bronze:
            if kind.source == "mrf":
                return _price_file(path, bronze)
            if kind.dataset in LAYOUTS:
                return _claims(path, kind, extracted, bronze)
            return _table(path, kind, extracted, bronze, landing)


def _identity(path: Path) -> tuple[str, int, str]:
    return path.name, path.stat().st_size, file_sha256(path)


def _extract(kind: Kind, path: Path, landing: Landing) -> Extracted:
    match kind.source:
        case "mrf":
            return mrf.extract(path, landing, fetch=None)
        case "flat_rates":
            return flat_rates.extract(path, landing, pair_id=landing.file_id)
        case "nppes":
            return nppes.extract(path, landing)
        case "medicare":
            return medicare.extract(path, landing)
        case "geography":
            return geography.extract(path, landing)
        case "census":
            return census.extract(path, landing, year=UNNAMED_YEAR)
        case "synpuf":
            return synpuf.extract(path, landing, sample=UNNAMED_SAMPLE)
        case _:
            return taxonomy.extract(path, landing)


def _bronze(files: Mapping[str, Path], folder: Path) -> duckdb.DuckDBPyConnection:
    """Open the landed datasets as views of their own names."""
    connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder / "spill")})
    for dataset, parquet in files.items():
        connection.read_parquet(str(parquet)).create_view(dataset)
    return connection


def _price_file(path: Path, bronze: duckdb.DuckDBPyConnection) -> Inspection:
    return Inspection(
        *_identity(path),
        "in-network price file",
        price_file_shape(bronze),
        "mrf",
        price_file_counts(bronze),
        price_file_facts(bronze),
        price_file_findings(bronze),
    )


def _table(
    path: Path, kind: Kind, extracted: Extracted, bronze: duckdb.DuckDBPyConnection, landing: Landing
) -> Inspection:
    counts = {f"rows of {dataset}": rows for dataset, rows in landing.counts.items()}
    findings = table_findings(landing.counts, extracted.notes, bronze)
    return Inspection(*_identity(path), KINDS[kind.source], kind.dataset, kind.source, counts, {}, findings)


def _claims(path: Path, kind: Kind, extracted: Extracted, bronze: duckdb.DuckDBPyConnection) -> Inspection:
    dataset = str(kind.dataset)
    findings = found(*claims_findings(dataset, bronze), *table_findings({}, extracted.notes, bronze))
    counts, facts = claims_counts(dataset, bronze), claims_facts(dataset, bronze)
    return Inspection(*_identity(path), KINDS[kind.source], dataset, kind.source, counts, facts, findings)
