"""Tables of Census figures, one column a variable, become bronze rows: one a geography and variable.

In: a header and rows of text, from an answer of the API or an export. Out: record batches of ``census/acs5``. Which
columns say where a row is, and which hold figures, is told by their names; a column that is neither is refused.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from lakeward.errors import SourceSchemaChanged, SourceUnreadable
from lakeward.sources.census.answers import Cell
from lakeward.sources.census.variables import NAME
from lakeward.sources.landing import PROVENANCE_FIELDS

ACS5 = "acs5"
SCHEMA = pa.schema(
    [
        *PROVENANCE_FIELDS,
        pa.field("acs_year", pa.int64()),
        pa.field("geography_level", pa.string()),
        pa.field("geography_id", pa.string()),
        pa.field("geography_name", pa.string()),
        pa.field("variable", pa.string()),
        pa.field("value", pa.string()),
    ]
)
BATCH_GEOGRAPHIES = 500
GEO_ID = "GEO_ID"
PLACE_COLUMNS = ("us", "state", "county")
_VARIABLE = re.compile(r"[A-Z]{1,3}\d{2,5}[A-Z]{0,3}_(C\d{2}_)?\d{3,4}P?[EM]A?")
_GEO_ID = re.compile(r"(?P<level>\d{3})[0-9A-Z]{4}US(?P<code>\d*)")
_LEVELS = {"010": "nation", "040": "state", "050": "county"}
_DIGITS = {"nation": (0, 1), "state": (2,), "county": (5,)}
_HINT = "Give a table of states or counties, as the API answers or data.census.gov exports it."


def is_variable(name: str) -> bool:
    """Tell whether a column's name is that of a variable, such as ``B01003_001E`` or ``S1901_C01_012M``."""
    return _VARIABLE.fullmatch(name) is not None


class Columns:
    """Which columns of a table say where a row is, and which are variables.

    Raises:
        SourceSchemaChanged: no code of a geography, no variable, or a column that is neither.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._path, self._places = path, {name: place for place, name in enumerate(header) if name}
        self.variables = [(place, name) for name, place in self._places.items() if is_variable(name)]
        others = [name for name in self._places if not is_variable(name)]
        unexpected = [name for name in others if name not in (GEO_ID, NAME, *PLACE_COLUMNS)]
        missing = [] if {GEO_ID, *PLACE_COLUMNS} & set(others) else [f"{GEO_ID} or state"]
        missing += [] if self.variables else ["a variable such as B01003_001E"]
        if unexpected or missing or len(self._places) < sum(1 for name in header if name):
            repeated = sorted({name for name in header if name and list(header).count(name) > 1})
            raise SourceSchemaChanged("census", path, missing, unexpected or repeated)

    def place_of(self, row: Sequence[Cell], number: int) -> tuple[str, str, Cell]:
        """Return level, code and name of a row's geography.

        Raises:
            SourceUnreadable: another level than nation, state or county, or a code of the wrong length.
        """
        name = row[self._places[NAME]] if NAME in self._places else None
        cells = {column: row[self._places[column]] or "" for column in PLACE_COLUMNS if column in self._places}
        if cells:
            level, code = list(cells)[-1].replace("us", "nation"), cells.get("state", "") + cells.get("county", "")
        else:
            found = _GEO_ID.fullmatch(row[self._places[GEO_ID]] or "")
            level, code = (_LEVELS.get(found["level"], ""), found["code"]) if found else ("", "")
        if len(code) not in _DIGITS.get(level, ()) or (code and not code.isdecimal()):
            raise SourceUnreadable(self._path, "states or counties", f"another geography in row {number}", _HINT)
        return level, code or "US", name


def batches(
    path: Path, file_id: str, year: int, header: Sequence[str], rows: Iterator[Sequence[Cell]], first_record: int = 1
) -> Iterator[pa.RecordBatch]:
    """Give the bronze rows of one table: of each row every variable, in the order of the header; ``''`` as null.

    Args:
        path: the file, for messages.
        file_id: of the file.
        year: of the release.
        header: names of the columns; one without a name, such as the export's last, is left out.
        rows: as long as the header.
        first_record: the number of the first row in its file.

    Raises:
        SourceSchemaChanged, SourceUnreadable: as :class:`Columns` says.
    """
    columns = Columns(path, header)
    names = [name for _, name in columns.variables]
    number = first_record
    while block := list(islice(rows, BATCH_GEOGRAPHIES)):
        places = [columns.place_of(row, number + offset) for offset, row in enumerate(block)]
        width = len(names)
        arrays = [
            pa.array([file_id] * (len(block) * width), pa.string()),
            pa.array([number + offset for offset in range(len(block)) for _ in range(width)], pa.int64()),
            pa.array([year] * (len(block) * width), pa.int64()),
            *(pa.array([place[part] for place in places for _ in range(width)], pa.string()) for part in range(3)),
            pa.array(names * len(block), pa.string()),
            pa.array([row[place] or None for row in block for place, _ in columns.variables], pa.string()),
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
        number += len(block)
