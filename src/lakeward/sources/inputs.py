"""Which files a run reads: the configured paths, globs, folders and addresses, one :class:`Input` a file.

In: the settings' sources and the directory their relative paths stand in. Out: inputs in a fixed order; nothing is
read but the names in folders. A path that matches no file is an error that names its key.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from lakeward.errors import UsageError
from lakeward.settings import CensusSource, FlatRates, PriceFiles, Sources
from lakeward.sources.nppes import companions

GLOB_CHARACTERS = frozenset("*?[")


@dataclass(frozen=True)
class Input:
    """One file to read, or one address to fetch it from.

    ``attributes`` are what the configuration says of the file beyond its content: ``state``, ``payer_slug``,
    ``year_month``, ``year``. ``companion`` is the providers file of a flat rates pair. What was found ``from_folder``
    may be of another source, where a file that is named is meant. Where ``service`` is set the location is a service
    that is asked, and whose answers become a file: ``location`` then only names it.
    """

    source: str
    location: str
    attributes: dict[str, str | int | None] = field(default_factory=dict)
    companion: str | None = None
    is_contents: bool = False
    plans: tuple[str, ...] = ()
    from_folder: bool = False
    service: CensusSource | None = None

    @property
    def is_remote(self) -> bool:
        """Whether the location is an address and not a path."""
        return is_address(self.location)

    @property
    def name(self) -> str:
        """The file's name for messages, without directories and without the query of a signed address."""
        return Path(urlsplit(self.location).path).name if self.is_remote else Path(self.location).name


def is_address(location: str) -> bool:
    """Whether a location is an http address."""
    return location.startswith(("https://", "http://"))


def find_inputs(sources: Sources, base: Path) -> list[Input]:
    """Return every file that the configured sources name, in configuration order and sorted inside a folder or glob.

    Raises:
        UsageError: a path matches no file; names the key.
    """
    found: list[Input] = []
    for index, price_files in enumerate(sources.mrf):
        found += _price_files(price_files, base, f"sources.mrf[{index}]")
    for index, pair in enumerate(sources.flat_rates):
        found += _flat_pair(pair, base, f"sources.flat_rates[{index}]")
    for index, nppes in enumerate(sources.nppes):
        found += _registry_files(nppes.path, base, f"sources.nppes[{index}].path")
    if sources.census:
        found += _census(sources.census, base)
    if sources.geography:
        found += [Input("geography", path) for path in _matches(sources.geography.path, base, "sources.geography.path")]
    for index, fees in enumerate(sources.medicare):
        key = f"sources.medicare[{index}].path"
        found += [Input("medicare", path, {"year": fees.year}) for path in _matches(fees.path, base, key)]
    if sources.taxonomy:
        found += _named_or_found("taxonomy", sources.taxonomy.path, base, "sources.taxonomy.path")
    for index, claims in enumerate(sources.synpuf):
        key = f"sources.synpuf[{index}].path"
        found += [Input("synpuf", path, {"sample": claims.sample}) for path in _matches(claims.path, base, key)]
    return _distinct(found)


def _named_or_found(source: str, configured: str, base: Path, key: str) -> list[Input]:
    """Return the files of a path; of a folder or glob, files of another source are left out when they are read."""
    paths = _matches(configured, base, key)
    is_named = is_address(configured) or Path(configured).name == Path(paths[0]).name
    return [Input(source, path, from_folder=not is_named) for path in paths]


def _registry_files(configured: str, base: Path, key: str) -> Iterator[Input]:
    """Give the files of the registry, and after each data file what the publisher puts beside it."""
    for item in _named_or_found("nppes", configured, base, key):
        yield item
        if not item.is_remote:
            yield from (Input("nppes", str(path), from_folder=True) for path in companions(Path(item.location)))


def _distinct(inputs: list[Input]) -> list[Input]:
    """Leave out what is named twice; the same folder may be named once for each sample that is wanted of it."""
    seen: dict[tuple[object, ...], Input] = {}
    for item in inputs:
        seen.setdefault((item.source, item.location, item.attributes.get("sample")), item)
    return list(seen.values())


def _price_files(configured: PriceFiles, base: Path, key: str) -> Iterator[Input]:
    attributes: dict[str, str | int | None] = {
        "state": configured.state,
        "payer_slug": configured.payer_slug,
        "year_month": configured.year_month,
    }
    if configured.toc is not None:
        for location in _matches(configured.toc, base, f"{key}.toc", folder=False):
            yield Input("mrf", location, attributes, is_contents=True, plans=configured.plans)
    elif configured.path is not None:
        for location in _matches(configured.path, base, f"{key}.path", folder=False):
            yield Input("mrf", location, attributes)


def _census(census: CensusSource, base: Path) -> Iterator[Input]:
    attributes: dict[str, str | int | None] = {"year": census.year}
    if census.path is not None:
        for item in _named_or_found("census", census.path, base, "sources.census.path"):
            yield replace(item, attributes=attributes)
        return
    recording = base / Path(census.recording).expanduser() if census.recording else None
    if recording is not None and recording.exists():
        yield Input("census", str(recording), {**attributes, "pinned": census.year})
        return
    kept = census.model_copy(update={"recording": str(recording) if recording else None})
    yield Input("census", f"Census API, ACS 5-year {census.year}", attributes, service=kept)


def _flat_pair(pair: FlatRates, base: Path, key: str) -> Iterator[Input]:
    rates, providers = _one(pair.rates, base, f"{key}.rates"), _one(pair.providers, base, f"{key}.providers")
    attributes: dict[str, str | int | None] = {
        "state": pair.state,
        "payer_slug": pair.payer_slug,
        "year_month": pair.year_month,
    }
    yield Input("flat_rates", rates, attributes, companion=providers)


def _one(configured: str, base: Path, key: str) -> str:
    found = _matches(configured, base, key, folder=False)
    if len(found) != 1:
        raise UsageError(f"{key}: '{configured}' must name one file; it matches {len(found)}.")
    return found[0]


def _matches(configured: str, base: Path, key: str, *, folder: bool = True) -> list[str]:
    if is_address(configured):
        return [configured]
    path = Path(configured).expanduser()
    path = path if path.is_absolute() else base / path
    if path.is_dir() and not folder:
        raise UsageError(
            f"{key}: '{configured}' is a folder; price files are named one by one or by a glob.\n"
            f"Nothing was read or written. Try: {Path(configured) / '*.json.gz'}"
        )
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    elif GLOB_CHARACTERS & set(configured) and not path.exists():
        files = sorted(p for p in Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))) if p.is_file())
    else:
        files = [path] if path.exists() else []
    if not files:
        raise UsageError(
            f"{key}: no file matches '{configured}' (looked in '{base.resolve()}').\n"
            "Nothing was read or written. Relative paths are relative to the configuration file."
        )
    return [str(file) for file in files]
