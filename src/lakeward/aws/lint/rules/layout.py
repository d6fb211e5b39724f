"""Rules for paths: what a tree of folders says about its keys and values, and whether a table says the same."""

import re
from collections.abc import Callable, Iterator

from lakeward.aws.lint.material import KeyList, Together, is_under
from lakeward.aws.lint.paths import PartitionPath, parse_path
from lakeward.aws.lint.rule import Place, Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.rules.tables import MOST_KEYS, count_of_keys
from lakeward.aws.lint.tables import AddedPartitions, Table
from lakeward.publish.partition import ESCAPED, NULL_PARTITION, unescape

NOT_NULL = {"null", "none", "nan", "nat", "", "<na>", "undefined"}


def _once(together: Together, look: Callable[[PartitionPath], Iterator[tuple[Place, str]]]) -> Iterator[Problem]:
    """Yield what is found in paths, each text once: a list has one path for every file."""
    found: dict[str, Place] = {}
    for path in together.of(PartitionPath):
        for place, text in look(path):
            found.setdefault(text, place)
    yield from (Problem(place, text) for text, place in found.items())


@rule(
    "LW-A13", Together, "A value breaks the path",
    why="A slash in a value makes another folder, so the partition is not found; a value with a comma cannot be listed "
        "in an enum.",
    fix="Escape values as Hive does (`/` is %2F), or better partition by codes: `lakeward` does the first.",
    source=sources.HIVE_PATHS,
)  # fmt: skip
def broken_values(together: Together) -> Iterator[Problem]:
    """Yield parts between two keys that are no key, and values with a character that Hive escapes."""
    return _once(together, _broken_values)


def _broken_values(path: PartitionPath) -> Iterator[tuple[Place, str]]:
    for stray in path.strays:
        before = next((key for key, value in path.parts if value and f"{key}={value}/{stray}" in path.path), None)
        yield path.place, f"'{stray}' is a folder of its own" + (f", from the value of `{before}`" if before else "")
    for key, value in path.parts:
        raw = sorted(set(value) & (ESCAPED - {"%"}))
        if raw:
            yield path.place, f"`{key}={value}` has {' '.join(raw)}, which Hive escapes"


@check("LW-A38", Together)
def titles_in_paths(together: Together) -> Iterator[Problem]:
    """Yield keys of paths that are titles or descriptions."""
    return _once(together, _titles)


def _titles(path: PartitionPath) -> Iterator[tuple[Place, str]]:
    for key, value in path.parts:
        if re.search(r"_(name|title|description|desc)$", key.lower()) and value:
            yield path.place, f"`{key}` is a title, not a code"


@check("LW-A05", Together)
def too_deep(together: Together) -> Iterator[Problem]:
    """Yield the deepest path below each folder, if it has more keys than are sensible."""
    deepest: dict[tuple[str, str], PartitionPath] = {}
    for path in together.of(PartitionPath):
        table = (path.place.file, path.root)
        if table not in deepest or len(path.keys) > len(deepest[table].keys):
            deepest[table] = path
    for path in deepest.values():
        if count_of_keys(path.keys) > MOST_KEYS:
            yield Problem(path.place, f"{len(path.keys)} keys: {', '.join(path.keys)}")


@rule(
    "LW-A15", Together, "Null, or a value, is written in a way that cannot be read back",
    why="`null` is a text like any other, and Hive's null is `__HIVE_DEFAULT_PARTITION__`; replacing characters by `_` "
        "makes one folder of several values.",
    fix="Escape and unescape with one function, as `lakeward.publish.partition` does.", source=sources.HIVE_PATHS,
)  # fmt: skip
def null_by_name(together: Together) -> Iterator[Problem]:
    """Yield values of paths that are a word for null."""
    return _once(together, _null_by_name)


def _null_by_name(path: PartitionPath) -> Iterator[tuple[Place, str]]:
    for key, value in path.parts:
        if value.lower() in NOT_NULL:
            yield path.place, f"`{key}={value}`"


@rule(
    "LW-A14", Together, "Paths, table and program do not have the same keys",
    why="A reader that looks for `payer_slug=` does not find `payer=`; a writer that asks for a name which is not "
        "there gets null for every row, and one folder for all of them.",
    fix="One partition specification for writer, reader and definition: `lakeward aws ddl` prints from the writer's.",
    source=sources.ATHENA_PARTITIONS,
)  # fmt: skip
def other_keys(together: Together) -> Iterator[Problem]:
    """Yield paths, lists and added partitions with other keys than the table has."""
    tables = [table for table in together.of(Table) if table.keys and not table.is_iceberg]
    for table in tables:
        keys = tuple(key.name for key in table.keys)
        # A tree may stop before its last keys; those it draws must be the first ones.
        paths = {path.keys: path for path in reversed(together.of(PartitionPath)) if is_under(path, table)}
        others = {
            _differ(found, keys[: len(found)]): path for found, path in paths.items() if found != keys[: len(found)]
        }
        for difference, path in others.items():
            yield Problem(path.place, f"{difference} {table.name}")
        for added in together.of(AddedPartitions):
            names = tuple(added.partitions[0][0]) if added.partitions else keys
            if added.table.rpartition(".")[2] == table.name.rpartition(".")[2] and names != keys:
                yield Problem(added.place, f"{_differ(names, keys)} {table.name}")
        for listed in together.of(KeyList):
            if listed.place.file == table.place.file and set(listed.keys) != set(keys):
                yield Problem(listed.place, f"{_differ(listed.keys, keys)} {table.name}")


@check("LW-A14", AddedPartitions)
def folder_of_another_partition(added: AddedPartitions) -> Iterator[Problem]:
    """Yield partitions whose folder names another value or key than the partition has."""
    for values, location, line in added.partitions:
        path = parse_path(location or "", added.place)
        if path is not None and path.keys != tuple(values)[: len(path.keys)]:
            yield Problem(added.place.at(line), f"the folder has {', '.join(path.keys)}: {location}")
        elif path is not None and any((unescape(v) or "") != _known(values[k]) for k, v in path.parts):
            yield Problem(added.place.at(line), f"the folder has other values than the partition: {location}")


def _known(value: str) -> str:
    return "" if value == NULL_PARTITION else value


def _differ(found: tuple[str, ...], keys: tuple[str, ...]) -> str:
    extra, missing = [k for k in found if k not in keys], [k for k in keys if k not in found]
    if extra:
        return (
            f"{', '.join(f'`{key}`' for key in extra)} for {', '.join(f'`{key}`' for key in missing) or 'nothing'} of"
        )
    return f"the order {', '.join(found)} is not that of"
