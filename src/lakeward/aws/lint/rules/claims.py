"""Rules for what documents promise: figures and marks that AWS does not give, or nobody measured."""

import re
from collections.abc import Iterator

from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.snippets import Prose, lines_where


def _lines(prose: Prose, pattern: str) -> Iterator[Problem]:
    wanted = re.compile(pattern, re.IGNORECASE)
    denied = re.compile(r"\b(not?|never|nobody|without|cannot|isn't)\b", re.IGNORECASE)

    def promises(line: str) -> bool:
        # A line that denies a promise makes none; the promise itself may start with "no".
        match = wanted.search(line)
        return match is not None and not denied.search(line[: match.start()] + line[match.end() :])

    return lines_where(prose, promises)


@rule(
    "LW-A04", Prose, "A saving that was not measured", severity="warning",
    why="Files below 128 KB never move to another class, and partitions of 10 to 50 rows take some seventeen times the "
        "bytes a row: such layouts cost more.",
    fix="Measure: `lakeward layout advise`.", source=sources.INTELLIGENT_TIERING,
)  # fmt: skip
def saving(prose: Prose) -> Iterator[Problem]:
    """Yield shares and factors that tiering, partitions or pruning are said to save."""
    return _lines(prose, r"\d+\s*-\s*\d+\s*(%|x)[^.]*\b(reduction|faster|compression|tiering|savings?)\b"
                         r"|(reduce|reduction|savings?|compression)\b[^.]*\b\d+\s*-\s*\d+\s*%")  # fmt: skip


@check("LW-A05", Prose)
def tiny_partitions(prose: Prose) -> Iterator[Problem]:
    """Yield partitions that are meant to have a few rows."""
    return _lines(prose, r"partition size\W+\d{1,3}\s*-\s*\d{1,3} rows")


@rule(
    "LW-A06", Prose, "A key is said to have the highest cardinality", severity="warning",
    why="There are few payers in a lake and thousands of codes; keys are chosen because queries filter on them and "
        "because they have few values.",
    fix="Count the values: `lakeward layout advise`.", source=sources.ATHENA_TUNING,
)  # fmt: skip
def highest(prose: Prose) -> Iterator[Problem]:
    """Yield the claim."""
    return _lines(prose, r"payer\w*`?\W+highest cardinality")


@check("LW-A07", Prose)
def without_limit(prose: Prose) -> Iterator[Problem]:
    """Yield the promise that partitions know no limit."""
    return _lines(prose, r"no partition (count|limit)[^.]*limit|unlimited partitions")


@rule(
    "LW-A36", Prose, "A promise that nothing keeps", severity="warning",
    why="Being fit for HIPAA takes a signed agreement and your own settings, SOC 2 an auditor; result reuse, audit of "
        "objects and private endpoints are off until somebody turns them on, and the first for each query.",
    fix="Say what is set up and tested: `lakeward aws template`.", source=sources.HIPAA,
)  # fmt: skip
def promise(prose: Prose) -> Iterator[Problem]:
    """Yield marks of compliance, and services that are named as if they were on."""
    return _lines(prose, r"HIPAA[ -](ready|compliant|certified)|\bSOC 2\b|\bGDPR\b|result caching|CloudTrail "
                         r"integration|VPC endpoints")  # fmt: skip


@rule(
    "LW-A37", Prose, "Durability is called availability", severity="warning",
    why="Eleven nines are the chance that an object is not lost in a year. That it can be read now is 99.99 % for "
        "Standard by design, 99.9 % for Intelligent-Tiering.",
    fix="Say which of both is meant.", source=sources.S3_DURABILITY,
)  # fmt: skip
def nines(prose: Prose) -> Iterator[Problem]:
    """Yield eleven nines of availability."""
    return _lines(prose, r"availability\W+99\.9{6,}\s*%")


@check("LW-A34", Prose)
def logs_of_another(prose: Prose) -> Iterator[Problem]:
    """Yield log groups of Glue, and access logs in the bucket itself."""
    return _lines(prose, r"/aws/glue/[\w-]*pipeline|access logs\W+s3://[^/]*bucket/")
