"""What the documents print of the demo is what the demo prints: each question in them is asked again."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import REPOSITORY
from .command_line import done

DOCUMENTS = ("README.md", "docs/tutorials/first-lake.md")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
LEFT_OUT = "[…"


def asked(document: str) -> Iterator[tuple[str, str]]:
    """Yield the queries of a document with the answers that it prints, where it prints them whole."""
    for block in BLOCK.findall((REPOSITORY / document).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition('"\n')
            if command.startswith("lakeward query ") and answer.strip() and LEFT_OUT not in answer:
                yield shlex.split(f'{command}"')[2], answer.strip()


CASES = [(document, sql, answer) for document in DOCUMENTS for sql, answer in asked(document)]


@pytest.mark.parametrize(
    ("document", "sql", "answer"), CASES, ids=[f"{document}-{number}" for number, (document, *_) in enumerate(CASES)]
)
def test_a_document_prints_what_is_answered(sample_lake: Path, document: str, sql: str, answer: str) -> None:
    printed = done("query", sql, "--lake", sample_lake).out.strip()
    assert [line.rstrip() for line in printed.splitlines()] == [line.rstrip() for line in answer.splitlines()], document


def test_there_are_questions_in_every_document() -> None:
    assert {document for document, *_ in CASES} == set(DOCUMENTS)
