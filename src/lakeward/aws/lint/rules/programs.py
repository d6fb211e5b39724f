"""Rules for Python that makes paths and calls AWS: only what is plain to see in the text of the program."""

import ast
import re
from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.snippets import Program, Prose, calls_in, lines_where, text_in

PARTS_OF_DATES = {"year", "month", "day"}


@rule(
    "LW-A01", Program, "S3 Select is used",
    why="S3 Select is closed to new customers: the call is refused.",
    fix="Athena, or a reader that fetches only the row groups and columns it needs (`lakeward query --explain`).",
    source=sources.S3_SELECT,
)  # fmt: skip
def s3_select(program: Program) -> Iterator[Problem]:
    """Yield calls of S3 Select."""
    for call in calls_in(program.tree, "select_object_content"):
        yield Problem(program.at(call), "select_object_content")


@check("LW-A01", Prose)
def s3_select_on_the_command_line(prose: Prose) -> Iterator[Problem]:
    """Yield lines that promise S3 Select."""
    named, denied = re.compile(r"\bS3 Select\b"), re.compile(r"\b(closed|not|no longer|instead|cannot)\b")
    return lines_where(prose, lambda line: named.search(line) and not denied.search(line))


@check("LW-A15", Program)
def lossy_replacement(program: Program) -> Iterator[Problem]:
    """Yield replacements of a slash or a space by an underscore, once for each chain of them."""
    inner: set[int] = set()
    for call in calls_in(program.tree, "replace"):
        function = call.func
        if isinstance(function, ast.Attribute):
            inner.update(id(node) for node in ast.walk(function.value) if isinstance(node, ast.Call))
        arguments = [text_in(argument) for argument in call.args]
        if id(call) not in inner and len(arguments) == 2 and arguments[0] in ("/", " ", "\\") and arguments[1] in "_-":
            yield Problem(program.at(call), f"'{arguments[0]}' becomes '{arguments[1]}', and so do other characters")


@rule(
    "LW-A16", Program, "A partition is named for the clock",
    why="The same file lands in another month when it is loaded in another month, and beside what it should replace.",
    fix="Year and month of the release, from the data (`year_month`).", source=sources.ATHENA_PARTITIONS,
)  # fmt: skip
def named_for_the_clock(program: Program) -> Iterator[Problem]:
    """Yield year, month or day that fall back to now."""
    for call in calls_in(program.tree, "get", "setdefault"):
        if len(call.args) == 2 and text_in(call.args[0]) in PARTS_OF_DATES and _asks_the_clock(call.args[1]):
            yield Problem(program.at(call), f"`{text_in(call.args[0])}` is the current one when the data has none")


def _asks_the_clock(node: ast.expr) -> bool:
    named = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return bool(named & {"now", "today", "utcnow"})


@rule(
    "LW-A17", Program, "Every chunk writes the same file",
    why="The second chunk that has rows of a partition replaces the first: rows are lost, and no count says so.",
    fix="A name of its own for each file (`lakeward` names them for their content), and one commit that lists them.",
    source=sources.CONDITIONAL_WRITES,
)  # fmt: skip
def same_file(program: Program) -> Iterator[Problem]:
    """Yield paths of partitions that end in a constant name of a file."""
    for node in ast.walk(program.tree):
        if isinstance(node, ast.BinOp | ast.JoinedStr):
            text = text_in(node)
            ends = re.search(r"/([\w.-]+\.(?:parquet|csv|json|orc))$", text)
            if ends and "{" in text and re.search(r"s3://|=\{", text) and "{" not in ends[1]:
                yield Problem(program.at(node), f"{ends[1]} in every partition")
