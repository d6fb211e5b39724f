"""Rules for programs over frames: how rows are read, written, compared and filled in."""

import ast
from collections import Counter
from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.snippets import Program, calls_in, columns_in, text_in

READERS = ("read_parquet", "read_csv", "scan_parquet", "scan_csv")
FEWEST_COLUMNS = 3
"""Of a list of texts that may be one of columns."""


@rule(
    "LW-A18", Program, "A loop over a frame is taken for one over its rows",
    why="A frame gives its columns one by one, and `batch_size` is no argument of the reader: the call fails.",
    fix="`scan_parquet(…).sink_parquet(…)`, or a reader of batches.", source=sources.POLARS_READ,
)  # fmt: skip
def loop_over_a_frame(program: Program) -> Iterator[Problem]:
    """Yield loops over what a reader of frames returns."""
    for node in ast.walk(program.tree):
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
            function = node.iter.func
            if isinstance(function, ast.Attribute) and function.attr in READERS:
                yield Problem(program.at(node), f"for {ast.unparse(node.target)} in {function.attr}(…)")


@rule(
    "LW-A19", Program, "A lazy plan is carried out in memory", severity="warning",
    why="`lazy()` starts from a frame that is in memory already, and `collect()` puts the whole result beside it: the "
        "plan saves columns and nothing else.",
    fix="`scan_parquet(…)` and `sink_parquet(…)`, or `collect(engine='streaming')` of a small result.",
    source=sources.POLARS_STREAMING,
)  # fmt: skip
def collected_in_memory(program: Program) -> Iterator[Problem]:
    """Yield results that a function makes of frames in memory, lazily, and then collects without streaming."""
    for function in ast.walk(program.tree):
        if isinstance(function, ast.FunctionDef) and any(calls_in(function, "lazy")):
            for call in calls_in(function, "collect"):
                if not any(keyword.arg == "engine" for keyword in call.keywords):
                    yield Problem(program.at(call), f"{function.name} collects what it planned over frames in memory")


@rule(
    "LW-A20", Program, "A pool of processes gets a function that cannot be sent there",
    why="A function inside a function cannot be pickled: the pool fails at the first task. Forks of a program with "
        "threads, which frames have, can wait for ever.",
    fix="Let the library use threads, or send paths to a function of the module.", source=sources.PROCESS_POOL,
)  # fmt: skip
def nested_function_in_a_pool(program: Program) -> Iterator[Problem]:
    """Yield tasks of a pool of processes that are functions inside functions."""
    for outer in ast.walk(program.tree):
        if isinstance(outer, ast.FunctionDef) and "ProcessPoolExecutor" in ast.unparse(outer):
            nested = {node.name for node in ast.walk(outer) if isinstance(node, ast.FunctionDef) and node is not outer}
            for call in calls_in(outer, "map", "submit"):
                if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id in nested:
                    yield Problem(program.at(call), f"{call.args[0].id} is inside {outer.name}")


@rule(
    "LW-A21", Program, "New rows are put behind old ones in place",
    why="The same input a second time doubles its rows, and two runs at once lose what one of them wrote.",
    fix="Replace what came from the same release as a whole, in one commit: `lakeward run`.",
    source=sources.CONDITIONAL_WRITES,
)  # fmt: skip
def appended_in_place(program: Program) -> Iterator[Problem]:
    """Yield writes to a path that the same function has read and put together with more."""
    for function in ast.walk(program.tree):
        if isinstance(function, ast.FunctionDef) and any(calls_in(function, "concat", "vstack", "extend")):
            read = {ast.unparse(call.args[0]) for call in calls_in(function, *READERS) if call.args}
            for call in calls_in(function, "write_parquet", "sink_parquet", "write_csv"):
                if call.args and ast.unparse(call.args[0]) in read:
                    yield Problem(program.at(call), f"{ast.unparse(call.args[0])} is read, added to and written")


@rule(
    "LW-A27", Program, "Everything is divided by the Medicare amount",
    why="A rate can be a percent of charges or dollars a day, and the amount can be nothing: such ratios mean nothing, "
        "or are infinite.",
    fix="A ratio where unit, setting, modifier and system are the same, else null with the reason.",
    source=sources.TIC_SCHEMA,
)  # fmt: skip
def ratio_of_everything(program: Program) -> Iterator[Problem]:
    """Yield divisions of a rate by a Medicare amount that no condition guards."""
    guarded = {id(node) for call in calls_in(program.tree, "then") for node in ast.walk(call)}
    for node in ast.walk(program.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and id(node) not in guarded:
            over, under = columns_in(node.left), columns_in(node.right)
            if any("rate" in name for name in over) and any("medicare" in name for name in under):
                yield Problem(program.at(node), f"{', '.join(over)} / {', '.join(under)}")


@rule(
    "LW-A29", Program, "What is not known becomes an organization", severity="warning",
    why="`otherwise` takes null too: a provider without an entity type is counted as an organization.",
    fix="A `when` for each type, and nothing else: the rest is null then.", source=sources.POLARS_WHEN,
)  # fmt: skip
def unknown_is_an_organization(program: Program) -> Iterator[Problem]:
    """Yield the other branch of a comparison of the entity type, when it is a text."""
    for call in calls_in(program.tree, "otherwise"):
        compared = {name for when in calls_in(call.func, "when") for name in columns_in(when)}
        texts = [text_in(lit.args[0]) for lit in calls_in(ast.Tuple(call.args), "lit") if lit.args]
        if texts and compared & {"enumeration_type", "entity_type", "entity_type_code"}:
            yield Problem(program.at(call), f"null becomes '{texts[0]}'")


@check("LW-A31", Program)
def null_is_filled_in(program: Program) -> Iterator[Problem]:
    """Yield nulls of places and names that become a word or a number."""
    for call in calls_in(program.tree, "fill_null"):
        if call.args and isinstance(call.args[0], ast.Constant):
            value, columns = call.args[0].value, columns_in(call.func)
            if isinstance(value, str) or columns & {"latitude", "longitude"}:
                yield Problem(program.at(call), f"null of {', '.join(sorted(columns)) or 'a column'} becomes {value!r}")


@rule(
    "LW-A33", Program, "A column is selected twice",
    why="A frame cannot have two columns of one name: the call fails.",
    fix="Leave one of them out.", source=sources.POLARS_SELECT,
)  # fmt: skip
def selected_twice(program: Program) -> Iterator[Problem]:
    """Yield texts that stand twice in a list which is selected, where it is written or by its name."""
    lists = [call.args[0] for call in calls_in(program.tree, "select") if call.args]
    selected = {text_in(listed) for listed in lists}
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Assign) and {text_in(target) for target in node.targets} & selected:
            lists.append(node.value)
    for each in lists:
        if isinstance(each, ast.List) and len(each.elts) >= FEWEST_COLUMNS:
            names = Counter(text_in(part) for part in each.elts if isinstance(part, ast.Constant))
            for name in (name for name, count in names.items() if count > 1):
                yield Problem(program.at(each), f"`{name}` stands {names[name]} times")
