"""Each rule finds its defect, and nothing at all is found in the same text without it."""

import pytest

from lakeward.aws.lint import Rule, all_rules, lint
from lakeward.aws.lint.material import Together, things_in
from lakeward.aws.lint.rule import CHECKS, RULES, rule
from lakeward.aws.lint.tables import Table

from .frame_cases import FRAME_CASES
from .original_cases import ORIGINAL_CASES
from .own_cases import OWN_CASES
from .texts import Case

CASES = (*ORIGINAL_CASES, *FRAME_CASES, *OWN_CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.defect}")
def test_defect_is_found(case: Case) -> None:
    found = lint({case.file: case.wrong, **dict(case.beside)})
    assert case.rule in {finding.rule.rule_id for finding in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.defect}")
def test_nothing_is_found_without_the_defect(case: Case) -> None:
    found = lint({case.file: case.right, **dict(case.beside)})
    assert [(finding.rule.rule_id, finding.problem.found) for finding in found] == []


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(RULES)


@pytest.mark.parametrize("each", all_rules(), ids=lambda each: each.rule_id)
def test_rule_says_what_why_and_what_instead(each: Rule) -> None:
    assert not each.title.endswith(".")
    assert each.why.endswith(".")
    assert each.fix.endswith((".", "`"))
    assert each.source.startswith("https://")


def test_every_check_finds_the_defect_of_a_case() -> None:
    idle = set(CHECKS)
    for case in CASES:
        texts = {case.file: case.wrong, **dict(case.beside)}
        things = [thing for file, text in texts.items() for thing in things_in(file, text)]
        things.append(Together(tuple(things)))
        idle -= {c for c in idle for thing in things if isinstance(thing, c.looks_at) and any(c.run(thing))}
    assert sorted((each.rule_id, each.run.__name__) for each in idle) == []


def test_a_rule_is_declared_once() -> None:
    with pytest.raises(ValueError, match="LW-A08 is declared twice"):
        rule("LW-A08", Table, "again", why="", fix="", source="")
