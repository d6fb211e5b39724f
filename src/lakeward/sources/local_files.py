"""The files that a run reads: each configured input as files on this disk, fetched, chosen and told apart.

In: inputs, and a private directory for what is fetched. Out: a :class:`LocalFile` for each file to land, in order. A
file of a folder that is of another source is left out and the log says so; a file that is named is meant.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lakeward.sources import census, fetch, geography, medicare, mrf, nppes, synpuf, taxonomy
from lakeward.sources.inputs import Input
from lakeward.sources.landing import file_sha256
from lakeward.sources.registry import Attributes

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LocalFile:
    """One file on disk that a source module reads, and what the configuration says of it."""

    source: str
    path: Path
    attributes: Attributes


def local_files(inputs: Iterable[Input], scratch: Path) -> Iterator[LocalFile]:
    """Yield the files of some inputs, each once; claims come last, as they are chosen among together."""
    seen: set[tuple[str, Path]] = set()
    claims: list[LocalFile] = []
    for item in inputs:
        for file in _files_of(item, scratch):
            if file.source == "synpuf":
                claims.append(file)
            elif (file.source, file.path) not in seen:
                seen.add((file.source, file.path))
                yield file
    yield from _claims_files(claims)


def _claims_files(files: list[LocalFile]) -> Iterator[LocalFile]:
    """Choose among the claims files together: a sample may stand twice in a folder."""
    for file in synpuf.select((file.path, number(file.attributes.get("sample"))) for file in files):
        yield LocalFile("synpuf", file.path, file.attributes)


def number(value: str | int | None) -> int | None:
    """Return an attribute as a number; none stays none."""
    return int(value) if value is not None else None


def _files_of(item: Input, scratch: Path) -> Iterator[LocalFile]:
    if item.source == "census":
        yield from _census_files(item, scratch)
        return
    path = fetch.download(item.location, scratch / "downloads") if item.is_remote else Path(item.location)
    if item.is_contents:
        for location in mrf.contents.in_network_locations(path, item.plans):
            yield from _files_of(Input("mrf", location, item.attributes), scratch)
    elif item.companion is not None:
        pair: Attributes = {"pair_id": file_sha256(path)[:16]}
        yield LocalFile(item.source, path, {**item.attributes, **pair, "role": "rates"})
        yield LocalFile(item.source, Path(item.companion), {**pair, "role": "providers"})
    elif _is_of_source(item.source, path, item.from_folder):
        dated = {"named_date": nppes.date_in_name(path)} if item.source == "nppes" else {}
        yield LocalFile(item.source, path, {**item.attributes, **dated})


def _census_files(item: Input, scratch: Path) -> Iterator[LocalFile]:
    if item.service:
        path = census.ask(item.service, scratch / "downloads")
    else:
        path = fetch.download(item.location, scratch / "downloads") if item.is_remote else Path(item.location)
    if _is_of_source(item.source, path, item.from_folder):
        year, pinned = (number(item.attributes.get(name)) for name in ("year", "pinned"))
        yield LocalFile(item.source, path, census.describe(path, year, pinned))


def _is_of_source(source: str, path: Path, from_folder: bool = True) -> bool:
    recognisers: dict[str, Callable[[Path], str | bool | None]] = {
        "medicare": medicare.recognise,
        "geography": geography.recognise,
    }
    if from_folder:  # a file that is named is meant: what is wrong with it is an error of its reader
        recognisers |= {
            "nppes": nppes.is_of_registry,
            "taxonomy": taxonomy.recognise,
            "census": census.recognise,
        }
    recognise = recognisers.get(source)
    if recognise is None or recognise(path):
        return True
    logger.info("%s: '%s' is no file of this source and is left out", source, path.name)
    return False
