"""Checks a Power BI project as it stands in a folder: its TMDL, what refers to what, and the data it imports.

In: the folder. Out: every :class:`Problem`; none means that the files follow the grammar, that each relationship,
column and measure that is named anywhere exists, that filters have one way from table to table, and that the Parquet
has the columns, types and unique keys the model says. It does not show that Power BI Desktop opens the project.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from lakeward.publish.powerbi.check_data import check_data
from lakeward.publish.powerbi.check_model import check_model
from lakeward.publish.powerbi.check_report import check_report
from lakeward.publish.powerbi.grammar import Node, Problem, parse_tmdl


def check_project(folder: Path) -> list[Problem]:
    """Return what is wrong with a project; reads the keys of its Parquet files.

    Args:
        folder: with the ``.pbip``, the two item folders and ``data``.
    """
    shortcuts = sorted(folder.glob("*.pbip"))
    if len(shortcuts) != 1:
        return [Problem(folder.name, 0, f"holds {len(shortcuts)} .pbip files, not one")]
    problems: list[Problem] = []
    report = _followed(shortcuts[0], problems, "artifacts", 0, "report", "path")
    semantic = report and _followed(report / "definition.pbir", problems, "datasetReference", "byPath", "path")
    if not report or not semantic:
        return problems
    nodes = list(_parsed(semantic / "definition", problems))
    problems += check_model(nodes)
    problems += check_data(nodes, folder / "data")
    problems += check_report(nodes, report / "definition")
    return problems


def _followed(file: Path, problems: list[Problem], *keys: str | int) -> Path | None:
    """Return the folder that a file names, relative to its own."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        for key in keys:
            value = value[key]
    except (OSError, ValueError, LookupError, TypeError) as error:
        problems.append(Problem(file.name, 0, f"names no folder: {error}"))
        return None
    target = (file.parent / str(value)).resolve()
    if not target.is_dir():
        problems.append(Problem(file.name, 0, f"names '{value}', which is not there"))
        return None
    return target


def _parsed(definition: Path, problems: list[Problem]) -> Iterator[Node]:
    for path in sorted(definition.rglob("*.tmdl")):
        name = path.relative_to(definition).as_posix()
        try:
            nodes, found = parse_tmdl(name, path.read_bytes().decode("utf-8"))
        except UnicodeDecodeError as error:
            problems.append(Problem(name, 0, f"is not UTF-8: {error}"))
            continue
        problems += found
        yield from nodes
