"""Paths: which folders a table is laid out in, from a list of keys or from a drawing of a tree.

In: one path a line, such as ``aws s3 ls --recursive`` prints, or a tree drawn with ``├──``. Out: the partitions that
the paths name. A path has partitions when one of its parts is ``key=value``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lakeward.aws.lint.rule import Place

_BRANCH = re.compile(r"^(?P<indent>[\s│|]*)(?:├──|└──|\+--|`--)\s*(?P<name>.+?)\s*$")
_LISTED = re.compile(r"^\s*(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+\d+\s+)?(?P<path>\S.*?)\s*$")
_PART = re.compile(r"^[A-Za-z_]\w*=")
INDENT_OF_A_LEVEL = 4


@dataclass(frozen=True)
class PartitionPath:
    """One path of a partitioned table.

    Args:
        place: where it is listed; in a tree the line of its last part.
        path: the whole path.
        root: the folder above the first key, without a slash at the end.
        parts: key and value of each level, as written.
        strays: parts between two keys that are none themselves.
    """

    place: Place
    path: str
    root: str
    parts: tuple[tuple[str, str], ...]
    strays: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in their order."""
        return tuple(key for key, _ in self.parts)


def partition_paths(text: str, file: str, first_line: int = 1) -> Iterator[PartitionPath]:
    """Yield the partitioned paths of a list or of a tree; of a tree only the deepest ones."""
    tree = any(_BRANCH.match(line) for line in text.splitlines())
    for number, path in _drawn(text) if tree else _listed(text):
        parsed = parse_path(path, Place(file, first_line + number))
        if parsed is not None:
            yield parsed


def parse_path(path: str, place: Place) -> PartitionPath | None:
    """Return the partitions that a path names; None when it names none."""
    parts = [part for part in path.replace("s3://", "s3:%%", 1).split("/") if part]
    at = [index for index, part in enumerate(parts) if _PART.match(part)]
    if not at:
        return None
    strays = [parts[i] for before, after in pairwise(at) for i in range(before + 1, after)]
    # What follows the last key is a file, or again a piece of a value that had a slash.
    strays += [part for part in parts[at[-1] + 1 : -1] if "." not in part]
    root = "/".join(parts[: at[0]]).replace("s3:%%", "s3://", 1)
    named = tuple((key, value) for key, _, value in (parts[i].partition("=") for i in at))
    return PartitionPath(place, path, root, named, tuple(strays))


def _listed(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines()):
        match = _LISTED.match(line)
        if match and "=" in line and "/" in line:
            yield number, match["path"]


def _drawn(text: str) -> Iterator[tuple[int, str]]:
    """Yield the path of every part of a tree that has nothing below it."""
    above: list[str] = []
    last: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines()):
        match = _BRANCH.match(line)
        if not match:
            if line.strip():
                above, last = [line.strip().rstrip("/")], None
            continue
        level = 1 + len(match["indent"]) // INDENT_OF_A_LEVEL
        if last and level < len(last[1].split("\0")):
            yield last[0], last[1].replace("\0", "/")
        above = [*above[:level], match["name"].strip("/")]
        last = (number, "\0".join(above))
    if last:
        yield last[0], last[1].replace("\0", "/")
