"""Rules for programs that join and group: what multiplies rows, or picks one at random."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lakeward.aws.lint.rule import Problem, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.snippets import Program, calls_in, text_in

WHAT_A_BENCHMARK_IS_FOR = {"modifier", "setting", "effective_from"}


@dataclass(frozen=True)
class _Join:
    call: ast.Call
    right: str
    left_keys: tuple[str, ...]
    right_keys: tuple[str, ...]

    @property
    def to(self) -> str:
        return f"{self.right} on {', '.join(self.right_keys)}"


def _joins(program: Program) -> Iterator[_Join]:
    """Yield joins of frames in the order of their lines; one whose keys are no plain texts is not judged."""
    calls = sorted(calls_in(program.tree, "join"), key=lambda call: (call.end_lineno, call.end_col_offset))
    for call in calls:
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        left, right = (_texts(named.get(side, named.get("on"))) for side in ("left_on", "right_on"))
        if call.args and left and right:
            names = [node.id for node in ast.walk(call.args[0]) if isinstance(node, ast.Name)]
            yield _Join(call, names[0] if names else "", left, right)


def _texts(node: ast.expr | None) -> tuple[str, ...]:
    if isinstance(node, ast.List | ast.Tuple):
        return tuple(text_in(each) for each in node.elts if isinstance(each, ast.Constant))
    return (text_in(node),) if isinstance(node, ast.Constant) else ()


@rule(
    "LW-A22", Program, "One of many is picked at random",
    why="The first of a group is whichever row came first: another run attributes a price to another provider, and a "
        "count of distinct ones is always 1.",
    fix="Keep the bridge (a row for each member), or sort by a stated rule before taking the first.",
    source=sources.POLARS_FIRST,
)  # fmt: skip
def first_of_a_group(program: Program) -> Iterator[Problem]:
    """Yield aggregations that take the first or last of a group which nothing has sorted."""
    for call in calls_in(program.tree, "agg"):
        if not any(calls_in(call, "sort", "sort_by")):
            for picked in calls_in(call, "first", "last"):
                yield Problem(program.at(picked), f"{ast.unparse(picked)} of a group in no order")


@rule(
    "LW-A23", Program, "A join uses a key that an earlier join dropped",
    why="A join keeps the key of the left side only: the name of the right side is gone, and the next join fails.",
    fix="Join on the name that was kept.", source=sources.POLARS_JOIN,
)  # fmt: skip
def key_is_gone(program: Program) -> Iterator[Problem]:
    """Yield joins on a column that is only known as the right key of a join before."""
    gone: set[str] = set()
    for join in _joins(program):
        yield from (
            Problem(program.at(join.call), f"`{key}` went with an earlier join")
            for key in join.left_keys
            if key in gone
        )
        pairs = zip(join.left_keys, join.right_keys, strict=False)
        gone |= {right for left, right in pairs if left != right}
        gone -= set(join.left_keys)


@rule(
    "LW-A24", Program, "A provider is joined to all of its addresses",
    why="A provider has a mailing address, a place of practice and more: each price is multiplied by their number.",
    fix="One address: join on `npi` where `address_purpose` is LOCATION, or on `npi` and `address_hash`.",
    source=sources.NPPES,
)  # fmt: skip
def every_address(program: Program) -> Iterator[Problem]:
    """Yield joins to a table of addresses by the provider alone."""
    for join in _joins(program):
        if "address" in join.right.lower() and join.right_keys == ("npi",):
            yield Problem(program.at(join.call), join.to)


@rule(
    "LW-A25", Program, "A code is joined without its system",
    why="470 is an MS-DRG, a revenue code and more: prices get the category of another code, and may be multiplied.",
    fix="Join on `code_type` and `code`.", source=sources.TIC_SCHEMA,
)  # fmt: skip
def code_alone(program: Program) -> Iterator[Problem]:
    """Yield joins whose only key is a code."""
    for join in _joins(program):
        if join.left_keys == ("code",) or join.right_keys == ("code",):
            yield Problem(program.at(join.call), join.to)


@rule(
    "LW-A26", Program, "A benchmark is joined by less than its key",
    why="Medicare has an amount for each system, locality, modifier, setting and date: the price is multiplied by all.",
    fix="Choose one amount for each price by its modifier, setting and date first, and count rows after the join.",
    source=sources.FEE_SCHEDULE,
)  # fmt: skip
def part_of_a_benchmark(program: Program) -> Iterator[Problem]:
    """Yield joins to a benchmark by its code and place alone."""
    for join in _joins(program):
        named = join.right.lower()
        if ("bench" in named or "medicare" in named) and not WHAT_A_BENCHMARK_IS_FOR & set(join.right_keys):
            yield Problem(program.at(join.call), join.to)
