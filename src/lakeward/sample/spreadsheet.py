"""A minimal Excel workbook: one sheet of texts, the same bytes every time.

In: rows of text. Out: an ``.xlsx`` file (Office Open XML, inline strings, no styles), as some publishers send it.
"""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from lakeward.sample.compressed import output_file, zip_member

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write_workbook(path: Path, sheet: str, rows: Iterable[Sequence[str]]) -> int:
    """Write a workbook of one sheet and return its number of rows; an empty text is an empty cell."""
    xml_rows = [_row(number, row) for number, row in enumerate(rows, start=1)]
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": _relationship("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{escape(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relationship("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(xml_rows)}</sheetData>'
        "</worksheet>",
    }
    with output_file(path) as stream, zipfile.ZipFile(stream, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(zip_member(name), _XML + xml)
    return len(xml_rows)


def _relationship(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _row(number: int, cells: Sequence[str]) -> str:
    filled = (
        f'<c r="{_column(position)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        for position, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{"".join(filled)}</row>'


def _column(position: int) -> str:
    """Return the letter of a column; the sample's sheets have fewer than 26."""
    return chr(ord("A") + position)
