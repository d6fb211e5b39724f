"""Each rule finds its defect, and nothing at all is found in the same text without it."""

import pytest

from lakeward.aws.lint import Rule, all_rules, lint
from lakeward.aws.lint.rule import CHECKS, RULES

from .cases import CASES, Case


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


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.rule_id)
def test_rule_says_what_why_and_what_instead(rule: Rule) -> None:
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.fix.endswith((".", "`"))
    assert rule.source.startswith("https://")
    assert all(check.run.__doc__ for check in CHECKS)
