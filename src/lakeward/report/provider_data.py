"""What the provider report shows, read from one snapshot of the lake.

In: a snapshot. Out: the report's data; some thousand short rows, as the marts have already counted.
"""

from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.catalog import open_catalog
from lakeward.report import provider_queries
from lakeward.report.data import ReportData, read_datasets, required_tables, table_source


def read_provider_data(
    snapshot: Snapshot, options: S3Options, memory_bytes: int | None = None, workers: int | None = None
) -> ReportData:
    """Read what the provider report shows.

    Args:
        snapshot: of the lake; every figure is of this commit, whatever is published meanwhile.
        options: how a bucket is reached.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.

    Raises:
        UsageError: the lake has no provider marts yet.
    """
    way = "`lakeward run providers` brings them in, from the files of `sources: nppes:`, `census:` and `geography:`."
    tables = required_tables(snapshot, provider_queries.TABLES, "provider marts", way)
    with open_catalog(snapshot, options, tables.values(), memory_bytes, workers) as catalog:
        datasets = read_datasets(catalog, provider_queries.DATASETS)
        known = catalog.sql(provider_queries.RELEASES).fetchone() or (None,) * 4
    registry, census = _releases(*known)
    sources = {
        name: table_source(snapshot, name, path, census if name == provider_queries.COUNTY else f"{registry}, {census}")
        for name, path in tables.items()
    }
    return ReportData(snapshot.number, datasets, sources)


def _releases(day: str | None, residents: str | None, survey: str | None, gazetteer: str | None) -> tuple[str, str]:
    years = {"residents of": residents, "ACS of": survey, "gazetteer of": gazetteer}
    known = [f"{what} {year}" for what, year in years.items() if year]
    return f"registry to {day or 'an unknown day'}", ", ".join(known) or "no Census file"
