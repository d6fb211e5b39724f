"""Material: everything that one run of the linter looks at, and what is known about it.

In: texts by the name of their file. Out: the things that rules look at, and :class:`Together`, the one thing for rules
that compare several of them. A text is read as what its name and content say: SQL, YAML or JSON, Python, Markdown, or a
list of paths.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lakeward.aws.lint.documents import things_of
from lakeward.aws.lint.paths import PartitionPath, partition_paths
from lakeward.aws.lint.rule import Place
from lakeward.aws.lint.snippets import (
    Program,
    Prose,
    blocks_of,
    mappings_in,
    parse_python,
    prose_of,
    statements_in,
)
from lakeward.aws.lint.tables import AddedPartitions, Table, definitions
from lakeward.aws.lint.yaml_text import read_documents
from lakeward.errors import SourceUnreadable, UsageError

SQL, DOCUMENT, PYTHON, MARKDOWN, PATHS = "SQL", "YAML or JSON", "Python", "Markdown", "a list of paths"
SUFFIXES = {
    ".sql": SQL, ".ddl": SQL, ".hql": SQL, ".json": DOCUMENT, ".yaml": DOCUMENT, ".yml": DOCUMENT,
    ".template": DOCUMENT, ".py": PYTHON, ".md": MARKDOWN, ".markdown": MARKDOWN,
}  # fmt: skip
LANGUAGES = {
    "sql": SQL, "hql": SQL, "json": DOCUMENT, "yaml": DOCUMENT, "yml": DOCUMENT, "python": PYTHON, "py": PYTHON,
    "": PATHS,
}  # fmt: skip
NAMES_OF_KEYS = ("partition_cols", "partition_columns", "partition_keys", "partition_by", "partitioned_by")


@dataclass(frozen=True)
class KeyList:
    """The partition keys as a program lists them."""

    place: Place
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Mention:
    """A line that names an engine which computes no partitions."""

    place: Place
    engine: str


@dataclass(frozen=True)
class Together:
    """All things at once, and the partition values that the lake really has, by table and key."""

    things: tuple[Any, ...]
    values: Mapping[str, Mapping[str, frozenset[str | None]]] = field(default_factory=dict)

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the things of one kind."""
        return [thing for thing in self.things if isinstance(thing, kind)]

    def seen_values(self, table: Table) -> Iterator[tuple[str, str, Place]]:
        """Yield key, value and place of every partition that is known of a table."""
        short = table.name.rpartition(".")[2]
        for key, values in self.values.get(short, {}).items():
            yield from ((key, value, table.place) for value in sorted(v for v in values if v is not None))
        for added in self.of(AddedPartitions):
            if added.table.rpartition(".")[2] == short:
                for values, _, line in added.partitions:
                    yield from ((key, value, added.place.at(line)) for key, value in values.items())
        for path in self.of(PartitionPath):
            if is_under(path, table):
                yield from ((key, value, path.place) for key, value in path.parts)

    def knows_values(self, table: Table) -> bool:
        """Whether any partition of a table is known."""
        return any(True for _ in self.seen_values(table))


def is_under(path: PartitionPath, table: Table) -> bool:
    """Whether a path lies in the folder of a table; buckets are often place holders, so folders are compared."""
    folder = _below_bucket(table.location or "")
    return bool(folder) and _below_bucket(path.root + "/") == folder


def _below_bucket(location: str) -> str:
    return location.partition("://")[2].partition("/")[2].strip("/") if "://" in location else location.strip("/")


def read_files(files: Sequence[Path]) -> dict[str, str]:
    """Return the texts of files by their names.

    Raises:
        UsageError: a file is not there.
        SourceUnreadable: a file is no text.
    """
    texts = {}
    for file in files:
        if not file.is_file():
            raise UsageError(
                f"{file} is no file. Nothing was checked.\n  expected: DDL, a template, a policy, a list of paths, "
                "Python or Markdown\nWithout a file, `lakeward aws lint` checks what this lake would deploy."
            )
        try:
            texts[str(file)] = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            hint = "The linter reads SQL, YAML, JSON, Python, Markdown and lists of paths."
            raise SourceUnreadable(file, "text in UTF-8", f"byte {error.start} is none", hint) from error
    return texts


def things_in(file: str, text: str) -> list[Any]:
    """Return the things that a text holds.

    Raises:
        SourceUnreadable: the text is not what its name says.
    """
    kind = SUFFIXES.get(Path(file).suffix.lower()) or _guess(text)
    things = list(_things(kind, text, file, 1, strict=True))
    return [*things, *_mentions(text, file)]


def _guess(text: str) -> str:
    """Say what a text is that has no suffix which says it."""
    start = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--")).lstrip()
    if start.startswith(("{", "[")) or "AWSTemplateFormatVersion" in start:
        return DOCUMENT
    if re.match(r"(create|alter|drop|select|with|msck|insert)\b", start, re.IGNORECASE):
        return SQL
    return MARKDOWN if "```" in text or start.startswith("#") else PATHS


def _things(kind: str, text: str, file: str, line: int, *, strict: bool = False) -> Iterator[Any]:
    if kind == SQL:
        yield from definitions(text, file, line)
    elif kind == DOCUMENT:
        yield from _in_document(text, file, line, strict)
    elif kind == PYTHON:
        yield from _in_python(text, file, line, strict)
    elif kind == MARKDOWN:
        yield Prose(Place(file), prose_of(text))
        for block in blocks_of(text):
            if block.language in LANGUAGES:
                yield from _things(LANGUAGES[block.language], block.text, file, block.line)
    else:
        yield from partition_paths(text, file, line)


def _in_document(text: str, file: str, line: int, strict: bool) -> Iterator[Any]:
    try:
        documents = read_documents(text, line)
    except yaml.YAMLError as error:
        if strict:
            found = " ".join(str(error).split())
            raise SourceUnreadable(file, DOCUMENT, found, "Mend it and run the same command again.") from error
        return
    for document in documents:
        yield from things_of(document, file)


def _in_python(text: str, file: str, line: int, strict: bool) -> Iterator[Any]:
    tree = parse_python(text)
    if tree is None:
        if strict:
            raise SourceUnreadable(file, PYTHON, "it does not parse", "Mend it and run the same command again.")
        return
    yield Program(Place(file, line), tree)
    for statement, at in statements_in(tree, line):
        yield from definitions(statement, file, at)
    for mapping in mappings_in(tree, line):
        yield from things_of(mapping, file)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            keys = tuple(each.value for each in node.value.elts if isinstance(each, ast.Constant))
            if names & set(NAMES_OF_KEYS):
                yield KeyList(Place(file, line + node.lineno - 1), tuple(map(str, keys)))


def _mentions(text: str, file: str) -> Iterator[Mention]:
    for number, line in enumerate(text.splitlines(), 1):
        if "Redshift" in line:
            yield Mention(Place(file, number), "Redshift Spectrum")
