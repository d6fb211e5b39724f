"""Equal content, equal id; bounded memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.sources.mrf.interning import ContentIndex, Remembered, hashed_sequences, hashed_texts, mixed


@given(batches=st.lists(st.lists(st.binary(max_size=2), unique=True), max_size=8))
def test_ids_count_contents_in_order_of_first_occurrence(batches: list[list[bytes]]) -> None:
    index, known = ContentIndex(), {}
    for batch in batches:
        ids, is_new = index.intern(*hashed_texts(batch))
        assert is_new.tolist() == [content not in known for content in batch]
        for content in batch:
            known.setdefault(content, len(known))
        assert ids.tolist() == [known[content] for content in batch]


def test_contents_with_one_hash_are_told_apart_by_their_check() -> None:
    index = ContentIndex()
    ids, _ = index.intern(np.array([7, 7, 7], np.uint64), np.array([1, 2, 3], np.uint32))
    assert ids.tolist() == [0, 1, 2]
    assert index.find(np.array([7, 7], np.uint64), np.array([2, 9], np.uint32)).tolist() == [1, -1]


@pytest.mark.parametrize("count", [10, 100_000])
def test_many_contents(count: int) -> None:
    index = ContentIndex()
    texts = [b"%d" % number for number in range(count)]
    assert index.intern(*hashed_texts(texts))[0].tolist() == list(range(count))
    ids, is_new = index.intern(*hashed_texts(texts[::-1]))
    assert ids.tolist() == list(range(count))[::-1]
    assert not is_new.any()


def test_a_full_index_forgets_and_gives_new_ids() -> None:
    index = ContentIndex(largest_count=5)
    numbers = Remembered(index, 1)
    for start in (0, 4, 8, 0):
        texts = [b"%d" % number for number in range(start, start + 4)]
        ids, is_new = index.intern(*hashed_texts(texts))
        numbers.put(ids[is_new], np.flatnonzero(is_new) + start)
        assert is_new.all()
        assert numbers.get(ids)[:, 0].tolist() == list(range(start, start + 4))
    assert index.next_id == 16


def test_sequences_differ_by_order_length_and_place() -> None:
    runs = [[1, 2], [2, 1], [1], [2], [1, 1], [1, 1, 1], [1, 2]]
    numbers = np.array([number for run in runs for number in run])
    hashes, checks = hashed_sequences(numbers, np.array([len(run) for run in runs]))
    assert len(set(hashes.tolist())) == len(set(checks.tolist())) == len(runs) - 1
    assert (hashes[0], checks[0]) == (hashes[-1], checks[-1])


def test_mixing_is_one_to_one() -> None:
    assert len(np.unique(mixed(np.arange(50_000)))) == 50_000
