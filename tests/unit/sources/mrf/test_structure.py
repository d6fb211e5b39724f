"""Where arrays end, against a scanner that looks at one character after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.sources.mrf import structure
from lakeward.sources.mrf.structure import ArrayEnds, find_array_ends


def slow_ends(text: bytes, start: int) -> ArrayEnds:
    """Find the same by the definition."""
    comma, depth, in_string, position = -1, 0, False, start
    while position < len(text):
        character = text[position : position + 1]
        if character == b"\\":
            position += 1  # what is escaped means nothing; outside of strings the parser refuses it
        elif in_string:
            in_string = character != b'"'
        elif character == b'"':
            in_string = True
        elif character in b"[{":
            depth += 1
        elif character in b"]}":
            depth -= 1
            if depth < 0:
                return ArrayEnds(comma, position)
        elif character == b"," and depth == 0:
            comma = position
        position += 1
    return ArrayEnds(comma, -1)


@given(text=st.text('[]{},"\\a ', max_size=60).map(str.encode), block=st.integers(1, 9))
def test_any_text_in_any_blocks(text: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "BLOCK_BYTES", block)
        assert find_array_ends(text, 0) == slow_ends(text, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b'{"a":[1,2]},{"b":"],"}],"c":1', ArrayEnds(11, 22), id="string-with-separators"),
        pytest.param(b'"a\\"],",2]', ArrayEnds(7, 9), id="escaped-quote"),
        pytest.param(b'"\\\\",2]', ArrayEnds(4, 6), id="escaped-backslash"),
        pytest.param(b"1", ArrayEnds(-1, -1), id="neither"),
    ],
)
def test_ends(text: bytes, expected: ArrayEnds) -> None:
    assert find_array_ends(text, 0) == expected
