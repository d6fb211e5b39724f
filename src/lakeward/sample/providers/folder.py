"""The registry of the sample: a month, two weeks and a deactivation report, packed and named as CMS does.

In: the sample's directory and scale. Out: ``nppes/…``: dissemination archives with npidata, pl_, othername_ and
endpoint_ files and their headers, and the report as a workbook. The market's own people and organisations are in the
month; scale repeats those, while the other providers of Georgia are as many as its counties have whatever the scale.
"""

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lakeward.sample.compressed import zip_archive, zip_member
from lakeward.sample.identifiers import npi_texts
from lakeward.sample.providers.calendar import FIRST_DAY, day_texts
from lakeward.sample.providers.columns import registry_lines
from lakeward.sample.providers.companions import COMPANIONS
from lakeward.sample.providers.lines import header_line, record_lines
from lakeward.sample.providers.people import MONTH_END, Providers
from lakeward.sample.providers.planted import planted_lines
from lakeward.sample.providers.population import providers_of_georgia
from lakeward.sample.providers.weeks import REPORT_DAY, Week, deactivated_days, weeks_after
from lakeward.sample.registry import Deactivations, market_lines
from lakeward.sample.spreadsheet import write_workbook
from lakeward.sources.nppes import LAYOUT

FOLDER = "nppes"
MONTH_ARCHIVE = f"NPPES_Data_Dissemination_{MONTH_END:%B_%Y}_V2.zip"
REPORT = f"NPPES Deactivated NPI Report {REPORT_DAY:%Y%m%d}.xlsx"
_LINE_END = ord("\n")
Lines = Iterable[bytes | memoryview]


@dataclass
class RegistryCounts:
    """Rows by path, an archive's member after a colon, and planted defects."""

    rows: dict[str, int] = field(default_factory=dict)
    planted: Counter[str] = field(default_factory=Counter)


def write_providers(directory: Path, scale: int) -> RegistryCounts:
    """Write all files and return what is in them."""
    counts = RegistryCounts()
    month = providers_of_georgia()
    market_off: Deactivations = []
    registry = month

    def month_lines() -> Iterator[bytes | memoryview]:
        yield from market_lines(scale, market_off)
        yield from registry_lines(month)
        yield from planted_lines(month, counts.planted)

    _write_archive(directory, MONTH_ARCHIVE, (FIRST_DAY, MONTH_END), month, month_lines(), counts)
    for week in weeks_after(month):
        registry = week.registry
        span = (week.monday, week.sunday)
        _write_archive(directory, week_archive(week), span, week.changed, registry_lines(week.changed), counts)
    counts.rows[f"{FOLDER}/{REPORT}"] = _write_report(directory / FOLDER / REPORT, registry, market_off)
    return counts


def week_archive(week: Week) -> str:
    """Return the publisher's name of a weekly archive."""
    return f"NPPES_Data_Dissemination_{week.monday:%m%d%y}_{week.sunday:%m%d%y}_Weekly_V2.zip"


def _write_archive(
    directory: Path,
    name: str,
    span: tuple[date, date],
    providers: Providers,
    npidata: Lines,
    counts: RegistryCounts,
) -> None:
    days = f"{span[0]:%Y%m%d}-{span[1]:%Y%m%d}"
    with zip_archive(directory / FOLDER / name) as archive:
        _write_member(archive, f"npidata_pfile_{days}", LAYOUT, npidata, name, counts)
        for companion in COMPANIONS:
            columns = companion.columns(providers)
            lines = [record_lines(companion.layout, columns)] if len(columns["NPI"]) else []
            _write_member(archive, f"{companion.prefix}_{days}", companion.layout, lines, name, counts)


def _write_member(
    archive: zipfile.ZipFile, stem: str, layout: tuple[str, ...], lines: Lines, name: str, counts: RegistryCounts
) -> None:
    """Write a file and beside it one of its header alone; no value of the registry has a line break."""
    rows = 0
    with archive.open(zip_member(f"{stem}.csv"), "w") as stream:
        stream.write(header_line(layout))
        for piece in lines:
            rows += int(np.count_nonzero(np.frombuffer(piece, dtype=np.uint8) == _LINE_END))
            stream.write(piece)
    archive.writestr(zip_member(f"{stem}_fileheader.csv"), header_line(layout))
    counts.rows[f"{FOLDER}/{name}:{stem}.csv"] = rows


def _write_report(path: Path, registry: Providers, market_off: Deactivations) -> int:
    """A title, a header, and every number that is off, whenever that happened."""
    serials, days = deactivated_days(registry)
    rows: list[Any] = sorted(
        [*market_off, *zip(npi_texts(serials).to_pylist(), day_texts(days).to_pylist(), strict=True)]
    )
    title = f"NPPES Deactivated Records as of {REPORT_DAY:%b %d %Y}"
    return write_workbook(path, "Sheet1", [(title,), ("NPI", "NPPES Deactivation Date"), *rows]) - 2
