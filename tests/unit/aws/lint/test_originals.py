"""The original documents are the corpus: every mistake that can be seen in them is found, block by block."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeward.aws.lint import lint
from lakeward.aws.lint.snippets import blocks_of, prose_of

# Block by the first line that tells it apart: what must be found in it alone, and nothing else.
BLOCKS = {
    ("001", "├── payer="): {"LW-A05", "LW-A13", "LW-A38"},
    ("001", "AND code = '99213'"): {"LW-A39"},
    ("001", "AND stat_area_name != 'Unknown'"): {"LW-A31", "LW-A39"},
    ("001", "AND rate_to_medicare_ratio > 2.0"): set(),
    ("001", "COUNT(DISTINCT npi) as provider_count"): {"LW-A39"},
    ("002", "├── partitioned-data/"): {"LW-A05", "LW-A13", "LW-A38"},
    ("002", "def create_s3_path"): {"LW-A15", "LW-A16", "LW-A17"},
    ("002", "def upload_partition_to_s3"): set(),
    ("002", "def create_s3_partitions"): {"LW-A18"},
    ("002", "def query_s3_partition"): {"LW-A01"},
    ("002", "def create_athena_table"): {
        "LW-A05", "LW-A08", "LW-A09", "LW-A10", "LW-A11", "LW-A12", "LW-A38",
    },
    ("002", "def create_glue_crawler"): {"LW-A40", "LW-G01"},
    ("002", "def setup_intelligent_tiering"): {"LW-A02", "LW-A03"},
    ("002", "def setup_lifecycle_policy"): {"LW-A03"},
    ("002", "def setup_cloudwatch_metrics"): {"LW-A35"},
    ("002", "def monitor_partition_health"): set(),
    ("002", "def setup_s3_security"): set(),
    ("004", "def create_partition_path"): {"LW-A15"},
    ("004", "def create_enriched_fact_table"): {
        "LW-A19", "LW-A22", "LW-A23", "LW-A24", "LW-A25", "LW-A26", "LW-A27", "LW-A29", "LW-A30",
    },
    ("004", "for chunk in pl.read_parquet"): {"LW-A18"},
    ("004", "def select_essential_columns"): {"LW-A33"},
    ("004", "fill_null(0.0)"): {"LW-A31"},
    ("004", "ProcessPoolExecutor"): {"LW-A20"},
    ("004", "def update_partitions_incremental"): {"LW-A21"},
}  # fmt: skip
PROSE = {
    "001": {"LW-A04", "LW-A28", "LW-A32", "LW-A34", "LW-A36"},
    "002": {"LW-A01", "LW-A04", "LW-A07", "LW-A37"},
    "004": {"LW-A04", "LW-A05", "LW-A06"},
}
TOGETHER = {
    "001": {"LW-A04", "LW-A05", "LW-A13", "LW-A28", "LW-A31", "LW-A32", "LW-A34", "LW-A36", "LW-A38", "LW-A39"},
    "002": {*(f"LW-A{number:02}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)),
            "LW-A18", "LW-A35", "LW-A37", "LW-A38", "LW-A40", "LW-A41", "LW-G01"},
    "004": {*(f"LW-A{number:02}" for number in (4, 5, 6, 15, 18, 19, *range(20, 28), 29, 30, 31, 33))},
}  # fmt: skip
SUFFIXES = {"python": ".py", "sql": ".sql", "": ".txt"}


@pytest.fixture(scope="module")
def originals(real_data: Path) -> dict[str, str]:
    """The texts of the original documents by their numbers."""
    texts = {path.name[:3]: path.read_text(encoding="utf-8") for path in (real_data.parent / "seeds").glob("*.txt")}
    if not {"001", "002", "004"} <= set(texts):
        # As tests/conftest.py does for the publishers' files: a skip is a failure where skips are not allowed.
        stop = pytest.fail if os.environ.get("LAKEWARD_NO_SKIP") == "1" else pytest.skip
        stop(f"the original documents are not in {real_data.parent / 'seeds'}")
    return texts


@pytest.mark.parametrize(("document", "marker"), BLOCKS, ids=lambda value: value)
def test_block(originals: dict[str, str], document: str, marker: str) -> None:
    (block,) = [b for b in blocks_of(originals[document]) if marker in b.text and b.language in SUFFIXES]
    name = f"block{SUFFIXES[block.language]}"
    assert _rules({name: block.text}) == BLOCKS[document, marker]


@pytest.mark.parametrize("document", PROSE)
def test_prose(originals: dict[str, str], document: str) -> None:
    assert _rules({"prose.md": prose_of(originals[document])}) == PROSE[document]


@pytest.mark.parametrize("document", TOGETHER)
def test_document(originals: dict[str, str], document: str) -> None:
    assert _rules({"document.md": originals[document]}) == TOGETHER[document]


def test_findings_point_at_the_lines(originals: dict[str, str]) -> None:
    lines = originals["002"].splitlines()
    shown = {
        (finding.rule.rule_id, lines[finding.problem.place.line - 1].strip())
        for finding in lint({"document.md": originals["002"]})
    }
    assert {
        ("LW-A08", "state string,"),
        ("LW-A10", "'projection.enabled' = 'true',"),
        ("LW-A11", "'projection.month.range' = '1,12',"),
        ("LW-A12", "'projection.state.values' = 'GA,FL,CA,TX,NY',"),
        ("LW-A01", "response = self.s3_client.select_object_content("),
        ("LW-A16", "year = partition_values.get('year', datetime.now().year)"),
    } <= shown


def test_keys_of_the_tree_the_list_and_the_table_differ(originals: dict[str, str]) -> None:
    found = list(_found(originals["002"], "LW-A14"))
    assert [text.split(" of ")[0] for text in found] == [
        "`payer` for `payer_slug`",
        "`primary_taxonomy_code` for `taxonomy`",
    ]


def _found(text: str, rule: str) -> Iterator[str]:
    return (f.problem.found for f in lint({"document.md": text}) if f.rule.rule_id == rule)


def _rules(texts: dict[str, str]) -> set[str]:
    return {finding.rule.rule_id for finding in lint(texts)}
