"""The extract stage: every configured file becomes bronze, as published.

In: the inputs of a run. Out: a commit for each file that was new, the register of which files are in use, and a ledger
row a file. A file whose content the lake has already is not read again. A broken file stops the run; what landed
before it stays, and nothing of the broken one is visible.
"""

import logging
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, SliceEntry, Transaction
from lakeward.lake.ledger import LedgerRow
from lakeward.progress import reading_bar
from lakeward.sources import census, fetch, flat_rates, geocoder, geography, medicare, mrf, nppes, synpuf, taxonomy
from lakeward.sources.control_total import control_total, holds_money
from lakeward.sources.inputs import Input
from lakeward.sources.landing import FILE_ID_CHARACTERS, Extracted, Landing, file_sha256
from lakeward.sources.local_files import LocalFile, local_files, number
from lakeward.sources.registry import SOURCE_FILE, Attributes, RegisteredFile, registered_files

logger = logging.getLogger(__name__)

BRONZE_FORMAT = 2
"""Raised when a reader writes other bronze from the same file, so that files are read anew."""
WRITTEN_INTO_ROWS = ("sample_number", "summary_year", "acs_year", "benchmark", "vintage", "named_date")
"""Attributes of a file that stand in its rows."""
COMMITTED_ONE_BY_ONE = frozenset({"mrf"})
"""Price files take hours: each is committed when it has landed, so that a run cut short need not read it again."""
SOURCE_FILE_SCHEMA = pa.schema(
    [
        pa.field("file_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("name", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("size_bytes", pa.int64()),
    ]
)


def extract(lake: Lake, run_id: str, inputs: Iterable[Input], scratch: Path) -> tuple[list[LedgerRow], list[str]]:
    """Land every input that the lake does not have yet.

    Args:
        lake: where to land.
        run_id: of the run, kept with the commits.
        inputs: the configured files and addresses.
        scratch: a private directory for downloads and staging.

    Returns:
        A ledger row for each file that was landed, and the ids of all configured files, landed now or before.

    Raises:
        SourceUnreadable, SourceSchemaChanged, FetchFailed: a file is broken; names it and what to do.
    """
    ledger: list[LedgerRow] = []
    landed: dict[str, str] = {}
    inputs, kept = _without_answered(lake, inputs)
    transaction = lake.begin(run_id)
    try:
        for file in local_files(inputs, scratch):
            sha256 = file_sha256(file.path)
            if sha256 in landed:
                logger.info("%s: '%s' has the content of '%s': read once", file.source, file.path.name, landed[sha256])
                continue
            row = _land(transaction, file, sha256, scratch)
            landed[sha256] = file.path.name
            if row:
                ledger.append(row)
            if row and file.source in COMMITTED_ONE_BY_ONE:
                transaction.commit()
                transaction = lake.begin(run_id)
    finally:
        transaction.commit()
    return ledger, [*kept, *(sha256[:FILE_ID_CHARACTERS] for sha256 in landed)]


def set_active(lake: Lake, run_id: str, changes: dict[str, bool]) -> None:
    """Set which files of the register are in use; ``changes`` maps file ids to their new state."""
    known = registered_files(lake.snapshot())
    transaction = lake.begin(run_id)
    for file_id, is_active in changes.items():
        if known[file_id].is_active != is_active:
            _register(transaction, replace(known[file_id], is_active=is_active))
            logger.info("%s %s", known[file_id].name, "is in use" if is_active else "is no longer in use")
    transaction.commit()


def _without_answered(lake: Lake, inputs: Iterable[Input]) -> tuple[list[Input], list[str]]:
    """Leave out what a service has answered already; return the rest and the ids of the files of those answers."""
    snapshot = lake.snapshot()
    slices = snapshot.slices(SOURCE_FILE)
    answered = {
        file.attributes["asked"]: file.file_id
        for file in registered_files(snapshot).values()
        if "asked" in file.attributes and str(BRONZE_FORMAT) in slices[file.file_id].fingerprint.split(":")[1:2]
    }
    rest, kept = [], []
    for item in inputs:
        asked = census.asked_id(item.service.year, census.calls()) if item.service else None
        if asked in answered:
            logger.info("%s: the answers of '%s' are in the lake already", item.source, item.location)
            kept.append(answered[asked])
        else:
            rest.append(item)
    return rest, kept


def _land(transaction: Transaction, file: LocalFile, sha256: str, scratch: Path) -> LedgerRow | None:
    fingerprint = ":".join([sha256, str(BRONZE_FORMAT), *_written_into_rows(file.attributes)])
    landing = Landing(file.path, scratch / "staging" / sha256, sha256)
    entry = transaction.base.slices(SOURCE_FILE).get(landing.file_id)
    registered = RegisteredFile(landing.file_id, file.source, file.path.name, True, _given(file.attributes))
    if entry and entry.fingerprint == fingerprint:
        if dict(entry.attributes) != registered.as_attributes():
            _register(transaction, registered)
        logger.info("%s: '%s' is in the lake already", file.source, file.path.name)
        return None
    started = time.perf_counter()
    with reading_bar(f"extract {file.path.name}", file.path), landing:
        extracted = _read(file, landing)
    extracted = _with_landed_total(extracted, landing)
    _add_datasets(transaction, landing, file)
    _add_source_file(transaction, landing, registered, fingerprint)
    shutil.rmtree(landing.staging, ignore_errors=True)
    return _ledger_row(file, landing, extracted, time.perf_counter() - started)


def _read(file: LocalFile, landing: Landing) -> Extracted:
    match file.source:
        case "mrf":
            return mrf.extract(file.path, landing, fetch=fetch.ReferenceFetcher(landing.staging.parent))
        case "flat_rates":
            return flat_rates.extract(file.path, landing, pair_id=str(file.attributes["pair_id"]))
        case "medicare":
            return medicare.extract(file.path, landing, year=number(file.attributes.get("year")))
        case "nppes":
            return nppes.extract(file.path, landing)
        case "geography":
            return geography.extract(file.path, landing)
        case "census":
            return census.extract(file.path, landing, year=number(file.attributes.get("acs_year")))
        case "geocoder":
            attributes = file.attributes
            return geocoder.extract(
                file.path, landing, benchmark=str(attributes["benchmark"]), vintage=str(attributes["vintage"])
            )
        case "taxonomy":
            return taxonomy.extract(file.path, landing)
        case "synpuf":
            return synpuf.extract(file.path, landing, sample=number(file.attributes.get("sample_number")))
    raise UsageError(f"Lakeward cannot read the source '{file.source}' yet.")


def _with_landed_total(extracted: Extracted, landing: Landing) -> Extracted:
    """Replace what the reader says it wrote by what the written file holds: the ledger compares two counts, not one."""
    rated = [parquet for parquet in landing.files().values() if holds_money(parquet)]
    if extracted.money_in is None or not rated:
        return extracted
    rows = sum(pq.read_metadata(parquet).num_rows for parquet in rated)
    money = sum((control_total(parquet) for parquet in rated), Decimal(0))
    return replace(extracted, rows_out=rows, money_out=money)


def _add_datasets(transaction: Transaction, landing: Landing, file: LocalFile) -> None:
    for dataset, parquet in landing.files().items():
        table = f"bronze/{file.source}/{dataset}"
        entry = transaction.add_parquet(parquet, f"{table}/file={landing.file_id}")
        transaction.replace_slice(table, SliceEntry(landing.file_id, landing.sha256, {}, (entry,)))


def _add_source_file(transaction: Transaction, landing: Landing, registered: RegisteredFile, fingerprint: str) -> None:
    row = {
        "file_id": landing.file_id,
        "source": registered.source,
        "name": registered.name,
        "sha256": landing.sha256,
        "size_bytes": landing.path.stat().st_size,
    }
    with Landing(landing.path, landing.staging / "register", landing.sha256) as register:
        register.writer("source_file", SOURCE_FILE_SCHEMA).write(pa.RecordBatch.from_pylist([row], SOURCE_FILE_SCHEMA))
    entry = transaction.add_parquet(register.files()["source_file"], f"{SOURCE_FILE}/file={landing.file_id}")
    attributes = registered.as_attributes()
    transaction.replace_slice(SOURCE_FILE, SliceEntry(landing.file_id, fingerprint, attributes, (entry,)))


def _register(transaction: Transaction, registered: RegisteredFile) -> None:
    entry = transaction.base.slices(SOURCE_FILE)[registered.file_id]
    transaction.replace_slice(SOURCE_FILE, replace(entry, attributes=registered.as_attributes()))


def _written_into_rows(attributes: Attributes) -> list[str]:
    """What the name of a file says that stands in its rows: a file that was renamed is read anew."""
    return [f"{name}={attributes[name]}" for name in WRITTEN_INTO_ROWS if name in attributes]


def _given(attributes: Attributes) -> Attributes:
    return {name: value for name, value in attributes.items() if value is not None}


def _ledger_row(file: LocalFile, landing: Landing, extracted: Extracted, seconds: float) -> LedgerRow:
    logger.info(
        "%s: '%s' landed, %s rows in %.1f s%s",
        file.source,
        file.path.name,
        f"{extracted.rows_out:,}",
        seconds,
        "".join(f", {name.replace('_', ' ')} {count:,}" for name, count in extracted.notes.items() if count),
    )
    return LedgerRow(
        step="extract",
        slice=landing.file_id,
        table=f"bronze/{file.source}",
        rows_in=extracted.rows_in,
        rows_out=extracted.rows_out,
        rows_quarantined=extracted.rows_quarantined,
        money_in=extracted.money_in,
        money_out=extracted.money_out,
        seconds=round(seconds, 3),
    )
