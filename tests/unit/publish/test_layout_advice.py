"""Advice on layouts: what was tried is what a rewrite would make, and the lake is not touched."""

from pathlib import Path

import pytest

from lakeward.errors import UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.engine import Resources
from lakeward.publish.layout import COMPACT, DEEP, Layout
from lakeward.publish.layout_advice import LayoutAdvice, advise, advise_standing
from lakeward.publish.layout_sample import Bounds
from lakeward.publish.partition import PartitionSpec
from lakeward.publish.query import query
from lakeward.publish.writer import ENRICHED, relayout
from lakeward.settings import StorageSettings

from .conftest import Publish

CUSTOM = Layout("custom", PartitionSpec(("state",)), ("code",))
LAYOUTS = pytest.mark.parametrize("layout", [COMPACT, DEEP, CUSTOM], ids=lambda layout: layout.name)
ROWS = 6_000


def advice(snapshot: Snapshot, layout: Layout, resources: Resources, bounds: Bounds | None = None) -> LayoutAdvice:
    (found,) = advise(snapshot, [layout], resources, StorageSettings(), bounds)
    return found


@LAYOUTS
def test_a_small_table_is_tried_whole_and_a_rewrite_makes_the_same_files(
    publish: Publish, lake: Lake, resources: Resources, layout: Layout
) -> None:
    tried = advice(publish(ROWS, layout=DEEP if layout is COMPACT else COMPACT), layout, resources)
    transaction = lake.begin("relayout")
    relayout(transaction, layout, resources)
    files = transaction.commit().files(ENRICHED)
    assert tried.written_share == 1
    assert sorted(tried.file_bytes) == sorted(file.bytes for file in files)
    assert tried.rows == sum(file.rows for file in files) == ROWS
    assert tried.partitions == len({tuple(file.partition.items()) for file in files})


@LAYOUTS
def test_what_was_tried_reads_as_what_stands(
    publish: Publish, lake: Lake, resources: Resources, layout: Layout
) -> None:
    tried = advice(publish(ROWS), layout, resources)
    transaction = lake.begin("relayout")
    relayout(transaction, layout, resources)
    stands = advise_standing(transaction.commit(), resources, StorageSettings())
    assert stands.stands
    assert stands.queries == tried.queries
    assert (stands.name, stands.keys, sorted(stands.file_bytes)) == (tried.name, tried.keys, sorted(tried.file_bytes))


def test_row_groups_are_at_least_those_that_the_engine_reads(publish: Publish, resources: Resources) -> None:
    snapshot = publish(ROWS)
    found = {estimate.query: estimate for estimate in advice(snapshot, COMPACT, resources).queries}["rates_of_a_code"]
    sql = (
        "select negotiated_rate from fact_rate_enriched where state = 'GA' and code = '99200' and negotiated_rate > 100"
    )
    measured = query(snapshot, sql, StorageSettings(), explain=True).cost
    assert measured is not None
    assert found.row_groups == measured.row_groups == 1
    # One of the two files of Georgia has no such code, and both are fetched whole because they are small.
    assert found.bytes >= measured.bytes
    assert (found.partitions, found.requests) == (2, 2)


def test_a_sample_of_folders_tells_the_size_of_the_rest(publish: Publish, resources: Resources) -> None:
    snapshot = publish(ROWS)
    whole = advice(snapshot, DEEP, resources)
    sample = advice(snapshot, DEEP, resources, Bounds(files=whole.files // 3))
    assert 0 < sample.written_share < 0.6
    assert (sample.files, sample.partitions, sample.rows) == (whole.files, whole.partitions, ROWS)
    assert sample.bytes == pytest.approx(whole.bytes, rel=0.05)
    for estimated, exact in zip(sample.queries, whole.queries, strict=True):
        assert (estimated.partitions, estimated.listings) == (exact.partitions, exact.listings)
        assert estimated.bytes == pytest.approx(exact.bytes, rel=0.1)


def test_one_folder_is_written_even_when_it_is_too_large(publish: Publish, resources: Resources) -> None:
    found = advice(publish(ROWS), COMPACT, resources, Bounds(rows=1))
    assert found.files == 4
    assert found.rows == ROWS
    assert 0 < found.written_share < 1


def test_the_layout_that_stands_is_marked(publish: Publish, lake: Lake, resources: Resources) -> None:
    snapshot = publish()
    found = advise(snapshot, [COMPACT, DEEP, CUSTOM], resources, StorageSettings())
    assert [(item.name, item.stands) for item in found] == [
        ("compact", True),
        ("deep", False),
        ("custom:state:code", False),
    ]
    transaction = lake.begin("half")
    relayout(transaction, DEEP, resources)
    transaction.replace_slice(ENRICHED, snapshot.slices(ENRICHED)["acme.ga.2025-06"])
    mixed = advise(transaction.commit(), [COMPACT, DEEP], resources, StorageSettings())
    assert [item.stands for item in mixed] == [False, False]


def test_advice_leaves_lake_and_scratch_as_they_were(publish: Publish, lake: Lake, resources: Resources) -> None:
    snapshot = publish()
    before = sorted(lake.storage.list(""))
    advise(snapshot, [COMPACT, DEEP], resources, StorageSettings())
    assert sorted(lake.storage.list("")) == before
    assert [path for path in resources.scratch.rglob("*") if path.is_file()] == []


def test_sizes_are_told_by_deciles(publish: Publish, resources: Resources) -> None:
    found = advice(publish(ROWS), DEEP, resources)
    tenth, half, nine_tenths = found.deciles
    assert min(found.file_bytes) <= tenth <= half <= nine_tenths <= max(found.file_bytes)
    assert found.smaller_than(min(found.file_bytes)) == 0
    assert found.smaller_than(max(found.file_bytes) + 1) == found.files


def test_a_column_that_is_not_there_is_named(publish: Publish, resources: Resources) -> None:
    with pytest.raises(UsageError, match="has not: city"):
        advice(publish(), Layout("custom", PartitionSpec(("city",))), resources)


def test_an_empty_lake_has_nothing_to_lay_out(tmp_path: Path, resources: Resources) -> None:
    with pytest.raises(UsageError, match="has no rows of fact_rate_enriched to lay out"):
        advice(Lake.open(str(tmp_path / "nothing"), StorageSettings()).snapshot(), COMPACT, resources)
