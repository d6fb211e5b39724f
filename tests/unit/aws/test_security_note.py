"""The security note claims what is tested: each test that it names is there."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
NOTE = REPOSITORY / "docs" / "explanation" / "security.md"
CLAIMS_NOBODY_CAN_TEST = re.compile(r"hipaa[- ](ready|compliant)|soc ?2|gdpr", re.IGNORECASE)


def _rows() -> list[list[str]]:
    lines = [line for line in NOTE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines][1:]


def test_every_line_names_tests_that_there_are() -> None:
    tests = {
        name
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    rows = _rows()
    assert len(rows) > 10
    for threat, _, named in rows:
        found = re.findall(r"`(test_\w+)`", named)
        assert found, threat
        assert [name for name in found if name not in tests] == [], threat


def test_no_certificate_is_claimed() -> None:
    pages = [NOTE, REPOSITORY / "docs" / "how-to" / "deploy-to-aws.md"]
    assert not [page.name for page in pages if CLAIMS_NOBODY_CAN_TEST.search(page.read_text(encoding="utf-8"))]
