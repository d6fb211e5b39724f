"""Whatever stands in a name or a text, it stays one name or text in TMDL, M, DAX and the report's queries."""

import pytest

from lakeward.publish.powerbi.expressions import DAX_TOKEN, dax_references, m_texts, tokens
from lakeward.publish.powerbi.grammar import parse_tmdl, unquoted
from lakeward.publish.powerbi.names import (
    hex_name,
    m_text,
    one_line,
    report_literal,
    stable_id,
    tmdl_name,
    tmdl_value,
)

TEXTS = {
    "plain": "drg_code",
    "space": "DRG code",
    "apostrophe": "hospital's",
    "double quote": 'the "best"',
    "brackets": "a]b[c]]",
    "dot, colon, equals": "a.b:c=d",
    "slashes": "/// not a description",
    "backslash": "C:\\data\\",
    "m escape": "#(lf)#(#)",
    "letters": "Zoë 数据",
    "only a quote": "'",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_name_in_tmdl(text: str) -> None:
    nodes, problems = parse_tmdl("tables/t.tmdl", f"table {tmdl_name(text)}\n\tlineageTag: {stable_id(text)}\n")
    assert (nodes[0].name, problems) == (text, [])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_value_in_tmdl(text: str) -> None:
    lines = f"table t\n\tlineageTag: {stable_id('t')}\n\tmeasure m = 1\n\t\tlineageTag: {stable_id('m')}\n"
    nodes, problems = parse_tmdl(
        "tables/t.tmdl", f"{lines}\t\tformatString: 0\n\t\tdisplayFolder: {tmdl_value(text)}\n"
    )
    assert problems == []
    assert next(nodes[0].of("measure")).properties["displayFolder"] == unquoted(text)


@pytest.mark.parametrize(
    "text", [*TEXTS.values(), "two\nlines\tand a tab", "\u2028"], ids=[*TEXTS, "lines", "separator"]
)
def test_a_text_in_m(text: str) -> None:
    assert m_texts(f'Read({m_text(text)}, "next")') == [text, "next"]
    assert "\n" not in m_text(text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_column_in_dax(text: str) -> None:
    table, column = text.replace("'", "''"), text.replace("]", "]]")
    (reference,) = dax_references(f"SUM('{table}'[{column}])")
    assert (reference.table, reference.name) == (text, text)


def test_a_literal_of_the_report() -> None:
    assert report_literal("hospital's") == "'hospital''s'"


@pytest.mark.parametrize("text", ["a\nb", "a\r\n\tb", "a\x00b", "a\u2029b", " a  b "])
def test_line_breaks_become_spaces(text: str) -> None:
    assert one_line(text) == "a b"


@pytest.mark.parametrize("expression", ["SUM(a[b]", "SUM)", "[a", '"a', "a ; b"])
def test_what_is_no_dax(expression: str) -> None:
    with pytest.raises(ValueError, match=r"closed|closes|read"):
        tokens(expression, DAX_TOKEN)


def test_ids_come_from_names_alone() -> None:
    assert stable_id("column", "dim_drg", "drg_code") == "4fb75da1-9ba5-5b13-94a4-81ef15d9ad41"
    assert stable_id("a b", "c") != stable_id("a", "b c")
    assert len(hex_name("page", "x")) == 20
