"""Rules for queries of prices."""

from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.tables import Query
from lakeward.aws.lint.tokens import Token

TOLD_APART = {"rate_unit", "negotiated_type"}


def _words(query: Query) -> set[str]:
    return {token.value.lower() for token in query.tokens if token.names}


@rule(
    "LW-A39", Query, "A mean over prices that are not of one kind", severity="warning",
    why="`negotiated_rate` is dollars, dollars a day or a percentage, and differs by modifier, setting and class: "
        "their mean is of nothing. A code alone is not a service either, 0470 is one in several code systems.",
    fix="Median or percentiles by (`code_type`, `code`) with `rate_unit = 'usd'`, and group by modifier and setting.",
    source=sources.TIC_SCHEMA,
)  # fmt: skip
def mean_of_everything(query: Query) -> Iterator[Problem]:
    """Yield means of rates without their unit, and codes without their system."""
    words = _words(query)
    for at, token in enumerate(query.tokens):
        if token.is_word("avg", "sum") and _argument(query, at) == "negotiated_rate" and not words & TOLD_APART:
            place = query.place.at(token.line)
            yield Problem(place, f"{token.value.lower()}(negotiated_rate) with neither rate_unit nor negotiated_type")
        if token.is_word("code") and _is_compared(query.tokens, at) and "code_type" not in words:
            yield Problem(query.place.at(token.line), "code without code_type")


def _argument(query: Query, at: int) -> str:
    after = query.tokens[at + 1 : at + 4]
    if len(after) == 3 and after[0].is_mark("(") and after[2].is_mark(")"):
        return after[1].value.lower()
    return ""


def _is_compared(tokens: tuple[Token, ...], at: int) -> bool:
    return at + 1 < len(tokens) and (tokens[at + 1].is_mark("=") or tokens[at + 1].is_word("in"))


@rule(
    "LW-A31", Query, "A query looks for a word or number that stands for null", severity="warning",
    why="What is not known is null here, with its reason beside it (`geocode_status`). A test for 'Unknown' or 0 lets "
        "nulls through or keeps all of them out.",
    fix="`is not null`.", source=sources.ATHENA_TYPES,
)  # fmt: skip
def stands_for_null(query: Query) -> Iterator[Problem]:
    """Yield comparisons with 'Unknown', '00000' or a coordinate of 0."""
    for name, mark, value in zip(query.tokens, query.tokens[1:], query.tokens[2:], strict=False):
        if name.names and mark.is_mark("=", "!=", "<>"):
            word = value.kind == "text" and value.value.lower() in ("unknown", "00000", "n/a", "null")
            coordinate = name.value.lower() in ("latitude", "longitude") and value.value in ("0", "0.0")
            if word or coordinate:
                yield Problem(query.place.at(value.line), f"{name.value} {mark.value} {value.value}")
