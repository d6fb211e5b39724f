"""Many plain values at a time give what one at a time gives."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.sources.mrf.text import list_texts, scalar_texts, text_of, texts_of

scalars = st.one_of(
    st.just(b""),
    st.just(b"null"),
    st.just(b"690.64470"),
    st.integers().map(lambda number: b"%d" % number),
    st.one_of(st.text(max_size=4), st.sampled_from(["11", "0012", "1e5", "a,b", "]", "\n"])).map(
        lambda text: json.dumps(text, ensure_ascii=False).encode()
    ),
    st.text(max_size=4).map(lambda text: json.dumps(text).encode()),
)
spaces = st.sampled_from([b"", b" ", b"\r\n\t"])


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    """A list of plain values, spaced in any way, or nothing."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([b"", b"null", b"7", b'"x"']))
    values = draw(st.lists(scalars.filter(bool), max_size=4))
    space = draw(spaces)
    return b"[" + space + (space + b"," + space).join(values) + space + b"]"


@given(st.lists(scalars, max_size=6))
def test_scalars(raws: list[bytes]) -> None:
    assert scalar_texts(raws).to_pylist() == [text_of(raw) for raw in raws]


@given(st.lists(lists(), max_size=5))
def test_lists(raws: list[bytes]) -> None:
    assert list_texts(raws).to_pylist() == [texts_of(raw) for raw in raws]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(b"[1234567893,1003000126]", ["1234567893", "1003000126"], id="numbers"),
        pytest.param(b'["1234567893"]', ["1234567893"], id="digits-as-text"),
        pytest.param(b'["12,3","1234567893"]', ["12,3", "1234567893"], id="comma-inside-text"),
        pytest.param(b'["12",3]', ["12", "3"], id="text-and-numbers"),
        pytest.param(b"[]", [], id="empty"),
        pytest.param(b'[ "12 3", "" ]', ["12 3", ""], id="spaces-inside-text"),
        pytest.param(b"[[1],null]", ["[1]", None], id="no-plain-values"),
        pytest.param(b"12", ["12"], id="lone-value"),
        pytest.param(b"null", None, id="null"),
    ],
)
def test_one_list(raw: bytes, expected: list[str | None] | None) -> None:
    assert list_texts([raw]).to_pylist() == [expected]
