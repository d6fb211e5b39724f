"""The data quality score keeps the original formula and can only fall when more rules fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.quality.rule import RuleResult, Severity, score


def failed(severity: Severity, failing: int = 1) -> RuleResult:
    return RuleResult("rule", "a rule", severity, "fact_rate", checked=10, failing=failing)


RESULTS = st.lists(
    st.builds(failed, st.sampled_from(["error", "warning"]), st.integers(min_value=0, max_value=10)),
    min_size=1,
)


@pytest.mark.parametrize(
    ("errors", "warnings", "value"),
    [(0, 0, 100), (1, 0, 90), (0, 1, 98), (2, 3, 74), (10, 0, 0), (11, 4, 0)],
)
def test_the_score_is_the_original_formula(errors: int, warnings: int, value: int) -> None:
    results = [failed("error")] * errors + [failed("warning")] * warnings or [failed("error", failing=0)]
    assert score(results).value == value


@given(RESULTS, st.integers(min_value=0))
def test_one_more_failed_rule_never_raises_the_score(results: list[RuleResult], place: int) -> None:
    place %= len(results)
    worse = [failed(result.severity) if at == place else result for at, result in enumerate(results)]
    before, after = score(results).value, score(worse).value
    assert before is not None
    assert after is not None
    assert 0 <= after <= before <= 100


@given(RESULTS, st.integers(min_value=1, max_value=10))
def test_the_number_of_failing_rows_does_not_matter(results: list[RuleResult], failing: int) -> None:
    as_many = [failed(result.severity, failing if result.failing else 0) for result in results]
    assert score(as_many).value == score(results).value


def test_a_rule_that_was_not_checked_costs_nothing() -> None:
    unchecked = RuleResult("rule", "a rule", "error", "fact_rate")
    assert score([unchecked]).value is None
    assert score([unchecked, failed("warning")]).value == 98
