"""The page of exit codes, from the errors that are raised on purpose."""

from collections.abc import Iterator

from lakeward import errors
from lakeward.reference.markdown import code, from_docstring, joined, table

MEANINGS = {
    0: "done",
    1: "the data failed a check; nothing was published",
    2: "wrong usage or configuration",
    3: "a file, service or disk failed, or the run was interrupted",
}
TEXT = (
    "An error of Lakeward's own is one message on stderr: what failed, where, what was expected and found, what is "
    "left behind, and what to type next. A run that ends with another code than 0 leaves the lake as it was after its "
    "last commit. A traceback is a bug."
)


def exit_codes_page() -> str:
    """Return the page of exit codes."""
    codes = table(("exit code", "meaning"), [(str(number), meaning) for number, meaning in MEANINGS.items()])
    kinds = table(
        ("error", "exit code", "when"),
        [(code(kind.__name__), str(kind.exit_code), _first_line(kind)) for kind in _kinds(errors.LakewardError)],
    )
    return joined(["# Exit codes", codes, TEXT, "## Errors", kinds])


def _kinds(base: type[errors.LakewardError]) -> Iterator[type[errors.LakewardError]]:
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield kind
            yield from _kinds(kind)


def _first_line(kind: type) -> str:
    return from_docstring((kind.__doc__ or "").strip().splitlines()[0])
