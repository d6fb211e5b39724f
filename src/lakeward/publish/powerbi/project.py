"""Writes a Power BI project (PBIP): the tables as Parquet, the semantic model as TMDL, the report as PBIR.

In: a snapshot of the lake and a folder. Out: ``lakeward-claims.pbip`` with its two folders, and ``data/``. Everything
is written aside and checked first; the same lake and options give the same bytes.
"""

import json
import logging
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.errors import DataCheckFailed, UsageError
from lakeward.lake.commit import Snapshot
from lakeward.lake.storage import S3Options
from lakeward.publish.powerbi.check import check_project
from lakeward.publish.powerbi.export import export_tables
from lakeward.publish.powerbi.model import Model, semantic_model
from lakeward.publish.powerbi.names import stable_id
from lakeward.publish.powerbi.report import report_files
from lakeward.publish.powerbi.sources import Source
from lakeward.publish.powerbi.tmdl import model_files

logger = logging.getLogger(__name__)

PROJECT = "lakeward-claims"
DISPLAY_NAME = "Lakeward claims"
DATA = "data"
DOMAIN = "claims"
PARTS = (f"{PROJECT}.pbip", f"{PROJECT}.Report", f"{PROJECT}.SemanticModel", DATA)

FABRIC = "https://developer.microsoft.com/json-schemas/fabric"


@dataclass(frozen=True)
class WrittenProject:
    """What was written: the file to open, and the rows of each table."""

    project: Path
    rows: dict[str, int]
    measures: int
    relationships: int


def write_project(
    snapshot: Snapshot,
    folder: Path,
    options: S3Options,
    *,
    data_folder: str | None = None,
    athena_dsn: str | None = None,
    memory_bytes: int | None = None,
    workers: int | None = None,
) -> WrittenProject:
    """Write the project of the claims domain.

    Args:
        snapshot: of the lake.
        folder: where it goes; made when it is not there. A project of Lakeward's that is there is replaced.
        options: how a bucket is reached.
        data_folder: what the model reads, if the Parquet files are moved or served by http; ``folder/data`` otherwise.
        athena_dsn: the ODBC data source of Athena, to read the tables there instead. The Parquet is written all the
            same: the model is checked against it.
        memory_bytes: what the engine may hold.
        workers: threads of the engine.

    Raises:
        UsageError: the lake has no claims, or the folder holds something else.
        DataCheckFailed: what was written does not hold together; the folder is as it was.
    """
    folder = folder.resolve()
    _require_own(folder)
    tables = {table: snapshot.description(table) for table in snapshot.tables() if table.split("/")[1] == DOMAIN}
    model = semantic_model(tables)
    source = Source(data_folder or str(folder / DATA), athena_dsn)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        made = Path(scratch)
        rows = export_tables(snapshot, model, made / DATA, options, memory_bytes, workers)
        for path, content in project_files(model, source).items():
            _write(made / path, content)
        problems = check_project(made)
        if problems:
            listed = "\n".join(f"  {problem}" for problem in problems[:20])
            raise DataCheckFailed(
                f"The Power BI project does not hold together: {len(problems)} problems.\n{listed}\n"
                f"Nothing was written to {folder}."
            )
        _replace(made, folder)
    logger.info("power bi: %s tables, %s rows -> %s", len(rows), f"{sum(rows.values()):,}", folder)
    measures = sum(len(table.measures) for table in model.tables)
    return WrittenProject(folder / f"{PROJECT}.pbip", rows, measures, len(model.relationships))


def project_files(model: Model, source: Source) -> dict[str, str | Any]:
    """Return every file but the data: TMDL as text, the rest as JSON values."""
    semantic, report = f"{PROJECT}.SemanticModel", f"{PROJECT}.Report"
    files: dict[str, str | Any] = {
        f"{PROJECT}.pbip": {
            "$schema": f"{FABRIC}/pbip/pbipProperties/1.0.0/schema.json",
            "version": "1.0",
            "artifacts": [{"report": {"path": report}}],
            "settings": {"enableAutoRecovery": True},
        },
        f"{semantic}/.platform": _platform("SemanticModel"),
        f"{semantic}/definition.pbism": {
            "$schema": f"{FABRIC}/item/semanticModel/definitionProperties/1.0.0/schema.json",
            "version": "4.2",
            "settings": {"qnaEnabled": False},
        },
        f"{report}/.platform": _platform("Report"),
        f"{report}/definition.pbir": {
            "$schema": f"{FABRIC}/item/report/definitionProperties/2.0.0/schema.json",
            "version": "4.0",
            "datasetReference": {"byPath": {"path": f"../{semantic}"}},
        },
    }
    files |= {f"{semantic}/definition/{path}": text for path, text in model_files(model, source).items()}
    return files | {f"{report}/definition/{path}": value for path, value in report_files().items()}


def _platform(kind: str) -> dict[str, Any]:
    return {
        "$schema": f"{FABRIC}/gitIntegration/platformProperties/2.1.0/schema.json",
        "metadata": {"type": kind, "displayName": DISPLAY_NAME},
        "config": {"version": "2.0", "logicalId": stable_id("item", kind)},
    }


def _write(path: Path, content: str | Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _require_own(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / f"{PROJECT}.pbip").exists()):
        raise UsageError(
            f"{folder} holds something else than a Power BI project of Lakeward.\n"
            f"  expected: an empty or new folder, or one with {PROJECT}.pbip\nNothing was written. Name another folder."
        )


def _replace(made: Path, folder: Path) -> None:
    """Put the new parts in place of the old ones; what else is in the folder stays."""
    folder.mkdir(exist_ok=True)
    for part in PARTS:
        old = folder / part
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
        (made / part).replace(old)
