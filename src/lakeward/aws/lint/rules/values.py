"""Rules for what a value can be: bounds of rates, words of the registry, and numbers of providers."""

import ast
import re
from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.snippets import Program, Prose, calls_in, columns_in, lines_where, text_in

WORDS_OF_THE_API = {
    "sole_proprietor": re.compile(r"YES|NO"),
    "entity_type_code": re.compile(r"NPI-[12]"),
}
"""Columns of the registry's files, and what the registry's API says there and a file never does."""


@rule(
    "LW-A28", Program, "One range for every rate", severity="warning",
    why="0.5 may be a percent of charges, some treatments do cost more than a million, and placeholders of 9999 lie "
        "inside any range.",
    fix="Bounds by unit and code system; what lies outside is kept apart with its reason: `quality.rate_max`.",
    source=sources.TIC_SCHEMA,
)  # fmt: skip
def one_range(program: Program) -> Iterator[Problem]:
    """Yield rates that are held to one range of numbers."""
    for call in calls_in(program.tree, "is_between"):
        names = sorted(name for name in columns_in(call.func) if "rate" in name)
        if names and len(call.args) > 1 and all(isinstance(bound, ast.Constant) for bound in call.args[:2]):
            low, high = (text_in(bound) for bound in call.args[:2])
            yield Problem(program.at(call), f"{', '.join(names)} between {low} and {high}")


@check("LW-A28", Prose)
def one_range_in_words(prose: Prose) -> Iterator[Problem]:
    """Yield lines that give rates one range of dollars."""
    return lines_where(prose, re.compile(r"\brates?\b[^.]*\bbetween \$?[\d.,]+ and \$?[\d.,]+", re.IGNORECASE).search)


@rule(
    "LW-A30", Program, "A column of the file is compared with a word of the API",
    why="The registry's files say Y, N or X and 1 or 2 where its API says YES or NO and NPI-1 or NPI-2: nothing is "
        "ever equal, and everybody is on the other side.",
    fix="One form for both, where the rows are taken in; then compare with that.", source=sources.NPPES_API,
)  # fmt: skip
def word_of_the_api(program: Program) -> Iterator[Problem]:
    """Yield comparisons of the registry's columns with what only its API says."""
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Compare):
            said = [text_in(each) for each in node.comparators if isinstance(each, ast.Constant)]
            for column in sorted(columns_in(node.left) & set(WORDS_OF_THE_API)):
                for word in (word for word in said if WORDS_OF_THE_API[column].fullmatch(word)):
                    yield Problem(program.at(node), f"`{column}` is compared with '{word}'")


@rule(
    "LW-A32", Prose, "Ten digits are taken for an NPI", severity="warning",
    why="The last digit checks the others, and the first is 1 or 2: of fifty numbers of ten digits one can be an NPI.",
    fix="Check the digit as CMS says, and the first one too.", source=sources.NPI_CHECK_DIGIT,
)  # fmt: skip
def ten_digits(prose: Prose) -> Iterator[Problem]:
    """Yield lines that ask no more of an NPI than its length."""
    length = re.compile(r"\bNPIs?\b[^.]*\b(10|ten)[ -]digits?\b", re.IGNORECASE)
    more = re.compile(r"luhn|check digit|checksum", re.IGNORECASE)
    return lines_where(prose, lambda line: length.search(line) and not more.search(line))


@check("LW-A32", Program)
def ten_characters(program: Program) -> Iterator[Problem]:
    """Yield patterns of ten digits that a column of NPIs is held to."""
    for call in calls_in(program.tree, "contains", "match", "fullmatch"):
        pattern = next((text_in(argument) for argument in call.args if isinstance(argument, ast.Constant)), "")
        if re.fullmatch(r"\^?(\\d|\[0-9\])\{10\}\$?", pattern) and re.search(r"\bnpi\b|_npi\b", ast.unparse(call)):
            yield Problem(program.at(call), f"{pattern} is all that is asked")
