"""Asks the Census Geocoder for the practice addresses whose county their ZIP code leaves open.

In: a lake with the providers published. Out: a commit with each batch that was answered, so that a run cut short goes
on where it stopped; an address that has an answer, be it No_Match, is not asked again. The next run places them.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
import jinja2
import pyarrow as pa

from lakeward.dbt_project import WAREHOUSE
from lakeward.errors import UsageError
from lakeward.extract import extract
from lakeward.lake.commit import Lake, Snapshot
from lakeward.lake.ledger import require_balance
from lakeward.lake.runs import Run, unwatched
from lakeward.pipeline import scratch_directory
from lakeward.publish.catalog import open_catalog
from lakeward.settings import GeocoderSource, Settings
from lakeward.sources.geocoder.service import Address, ask
from lakeward.sources.inputs import Input
from lakeward.sources.landing import FILE_ID_CHARACTERS
from lakeward.sources.registry import registered_files

logger = logging.getLogger(__name__)

PROVIDER = "silver/providers/dim_npi"
PLACE = "silver/providers/dim_npi_address_geolocation"
ANSWER = "bronze/geocoder/answer"

# Of addresses that differ in case or blanks only, one is asked. A ZIP code that is none is not sent.
OPEN_SQL = """
    create temp table open_address as
    select
        {key} as address_key,
        min(coalesce(trim(place.address_1), '')) as street,
        min(coalesce(trim(place.city), '')) as city,
        min(coalesce(trim(place.state), '')) as state,
        min(coalesce(regexp_extract(place.postal_code, '^[0-9]{{5}}'), '')) as zip_code
    from dim_npi_address_geolocation as place
    inner join dim_npi as provider on place.npi = provider.npi
    where provider.status = 'A' and place.address_type = 'DOM' and place.current_county_fips is null
    group by address_key
"""
# The service finds a street by its city and state or by its ZIP code; a line without a number names no house.
CAN_BE_ASKED = "address_key is not null and regexp_matches(street, '[0-9]') and (zip_code <> '' or city <> '')"
ANSWERED_SQL = "select address_key from bronze.geocoder__answer where list_contains(?, _file_id)"
COUNT_SQL = f"""
    select
        count(*) filter (where {CAN_BE_ASKED}),
        count(*) filter (where not ({CAN_BE_ASKED})),
        count(*) filter (where {CAN_BE_ASKED} and address_key in (select address_key from answered))
    from open_address
"""  # noqa: S608
ASK_SQL = f"""
    select address_key, street, city, state, zip_code
    from open_address
    where {CAN_BE_ASKED} and address_key not in (select address_key from answered)
    order by address_key
    limit ?
"""  # noqa: S608


@dataclass(frozen=True)
class Questions:
    """What there is to ask: counts of different addresses, and those to ask now.

    Args:
        open_addresses: active practice addresses in the United States without a county of today.
        without_street: of these, how many no service can find: no house number, or neither city nor ZIP code.
        answered: of these, how many were answered before and stay open.
        rows: the addresses to ask, ordered by their keys.
    """

    open_addresses: int
    without_street: int
    answered: int
    rows: pa.Table

    def batches(self, size: int) -> Iterator[list[Address]]:
        """Yield the addresses to ask, so many at once."""
        for start in range(0, self.rows.num_rows, size):
            yield [Address(**row) for row in self.rows.slice(start, size).to_pylist()]


def read_questions(lake: Lake, settings: Settings, limit: int | None = None) -> Questions:
    """Return what is to be asked of the lake as it stands.

    Args:
        lake: with the providers published.
        settings: how the lake is reached and what of the machine may be used.
        limit: how many addresses to ask at most.

    Raises:
        UsageError: the lake holds no providers.
    """
    snapshot = lake.snapshot()
    if not {PROVIDER, PLACE} <= set(snapshot.tables()):
        raise UsageError(
            f"The lake at {lake.url} holds no providers, so there is no address to ask. Nothing was read or written. "
            "Run `lakeward run providers` first."
        )
    used = [name for name in (PROVIDER, PLACE, ANSWER) if name in snapshot.tables()]
    resources = settings.resources
    with open_catalog(snapshot, settings.storage, used, resources.memory // 2, resources.workers) as connection:
        connection.execute(OPEN_SQL.format(key=address_key_sql()))
        _read_answered(connection, snapshot)
        askable, without_street, answered = connection.sql(COUNT_SQL).fetchone() or (0, 0, 0)
        rows = connection.execute(ASK_SQL, [limit]).to_arrow_table()
    return Questions(askable + without_street, without_street, answered, rows)


def geocode(
    settings: Settings, limit: int | None = None, watch: Callable[[Run], None] = unwatched
) -> tuple[Run, Questions]:
    """Ask batch after batch, committing each answer before the next is asked.

    Args:
        settings: the lake, the service, and what may be used.
        limit: how many addresses to ask at most.
        watch: gets the record when the run begins.

    Returns:
        The record of the run, whose ledger has a row a batch, and what was asked.

    Raises:
        FetchFailed, SourceUnreadable: a batch was not answered; what was answered before it is in the lake.
        UsageError: the lake holds no providers.
    """
    lake = Lake.open(settings.lake, settings.storage)
    questions = read_questions(lake, settings, limit)
    with (
        Run(lake, "geocode", settings.resources.memory, environment=settings.environment) as run,
        scratch_directory() as scratch,
    ):
        watch(run)
        with run.stage("extract") as stage:
            for batch in questions.batches(settings.sources.geocoder.batch_rows):
                logger.info("geocoder: asking %s addresses", f"{len(batch):,}")
                answer = _answer(batch, settings.sources.geocoder, scratch)
                rows, _ = extract(lake, run.run_id, [answer], scratch)
                run.ledger += rows
                stage.count(rows)
        require_balance(run.ledger)
        run.outcome = "landed" if run.ledger else "unchanged"
        run.end_at(lake.snapshot())
    return run, questions


def count_statuses(lake: Lake, settings: Settings, run: Run) -> dict[str, int]:
    """Return how many addresses of a run got each status."""
    snapshot = lake.snapshot()
    if not run.ledger:
        return {}
    sql = """
        select status, count(*) from bronze.geocoder__answer
        where list_contains(?, _file_id) group by status order by status
    """
    with open_catalog(snapshot, settings.storage, [ANSWER]) as connection:
        return dict(connection.execute(sql, [[row.slice for row in run.ledger]]).fetchall())


@cache
def address_key_sql() -> str:
    """Return the SQL of an address's key, from the macro that the models use; columns are those of ``place``."""
    macros = "".join((WAREHOUSE / "macros" / name).read_text() for name in ("dialect.sql", "geocoder.sql"))
    module = jinja2.Environment(autoescape=False).from_string(macros, {"target": {"type": "duckdb"}}).module  # noqa: S701
    columns = (f"place.{name}" for name in ("address_1", "city", "state", "postal_code"))
    return str(cast(Any, module).address_key(*columns))


def _read_answered(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Make the table of the keys that have an answer in a file in use."""
    connection.execute("create temp table answered (address_key varchar)")
    if ANSWER in snapshot.tables():
        active = [file.file_id for file in registered_files(snapshot).values() if file.is_active]
        connection.execute(f"insert into answered {ANSWERED_SQL}", [active])


def _answer(batch: list[Address], source: GeocoderSource, scratch: Path) -> Input:
    """Ask a batch and keep the answer as a file; it is named for what it answers, so the register shows that."""
    path = scratch / f"geocoder_{source.benchmark}_{source.vintage}_{batch[0].address_key[:FILE_ID_CHARACTERS]}.csv"
    path.write_text(ask(batch, source), encoding="utf-8", newline="")
    return Input("geocoder", str(path), {"benchmark": source.benchmark, "vintage": source.vintage})
