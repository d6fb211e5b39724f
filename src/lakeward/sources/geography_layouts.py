"""The columns of each kind of geography file, as their publishers write them over the years.

What tells one kind from another, which headers mean the same column, and which codes must have how many digits.
"""

from dataclasses import dataclass

import pyarrow as pa

from lakeward.sources.landing import PROVENANCE_FIELDS
from lakeward.sources.table_rows import Row, column_name

_OTHER_COLUMNS = pa.list_(pa.struct([pa.field("name", pa.string()), pa.field("value", pa.string())]))


@dataclass(frozen=True)
class Column:
    """One bronze column: the headers it is published under, and the digits of its code where it holds one."""

    name: str
    headers: tuple[str, ...] = ()
    required: bool = False
    digits: int = 0

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names, as ``column_name`` gives them, that the publisher's files use for this column."""
        return (self.name, *self.headers)


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of file, and what tells it from its relatives.

    ``forbidden`` are columns that a file of another kind has. Where ``open_ended``, the columns that are not named
    here change with every vintage and are kept as a list of name and value in ``other_columns``.
    """

    dataset: str
    columns: tuple[Column, ...]
    forbidden: frozenset[str] = frozenset()
    open_ended: bool = False

    def fits(self, header: Row) -> bool:
        """Tell whether a row of cells is the header of this layout; unknown columns are refused later, by name."""
        names = {column_name(cell) for cell in header if cell}
        needed = (column for column in self.columns if column.required)
        return not names & self.forbidden and all(names.intersection(column.spellings) for column in needed)

    def schema(self) -> pa.Schema:
        """Return the bronze schema: provenance, the columns, the rest of an open-ended layout, the vintage."""
        fields = [pa.field(column.name, pa.string()) for column in self.columns]
        fields += [pa.field("other_columns", _OTHER_COLUMNS)] if self.open_ended else []
        return pa.schema([*PROVENANCE_FIELDS, *fields, pa.field("vintage", pa.string())])


def _optional(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


_AREA = _optional("aland", "awater", "aland_sqmi", "awater_sqmi")
_POINT = (Column("intptlat", required=True), Column("intptlong", required=True))
_SHARES = _optional("res_ratio", "bus_ratio", "oth_ratio")
_POSTAL_CITY = _optional("usps_zip_pref_city", "usps_zip_pref_state")

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "gazetteer_county",
        (
            Column("usps", required=True),
            Column("geoid", required=True, digits=5),
            *_optional("geoidfq", "ansicode"),
            Column("name", required=True),
            *_AREA,
            *_POINT,
        ),
        forbidden=frozenset({"lsad", "funcstat"}),
    ),
    Layout(
        "zcta_centroid",
        (Column("geoid", required=True, digits=5), *_optional("geoidfq"), *_AREA, *_POINT),
        forbidden=frozenset({"usps", "name"}),
    ),
    Layout(
        "cbsa_delineation",
        (
            Column("cbsa_code", required=True, digits=5),
            *_optional("metropolitan_division_code", "csa_code"),
            Column("cbsa_title", required=True),
            *_optional("metropolitan_micropolitan_statistical_area", "metropolitan_division_title", "csa_title"),
            *_optional("county_county_equivalent", "state_name"),
            Column("fips_state_code", required=True, digits=2),
            Column("fips_county_code", required=True, digits=3),
            *_optional("central_outlying_county"),
        ),
    ),
    Layout(
        "zip_county",
        (
            Column("zip", required=True, digits=5),
            Column("county", ("stcountyfp",), required=True, digits=5),
            *_optional("countyname", "state", "classfp"),
            *_POSTAL_CITY,
            *_SHARES,
            Column("tot_ratio"),
        ),
    ),
    Layout(
        "zip_cbsa",
        (
            Column("zip", required=True, digits=5),
            Column("cbsa", required=True, digits=5),
            *_POSTAL_CITY,
            *_SHARES,
            Column("tot_ratio", required=True),
        ),
    ),
    Layout(
        "zip_zcta",
        (
            Column("zipcode", ("zip_code",), required=True, digits=5),
            Column("zcta", required=True, digits=5),
            *_optional("lng", "lat", "po_name", "state", "zip_type", "zip_join_type"),
        ),
    ),
    Layout(
        "ssa_county",
        (
            Column("ssa_county_code", ("ssacd", "ssacounty"), required=True, digits=5),
            Column("county_fips", ("fips", "fipscounty"), required=True, digits=5),
        ),
    ),
    Layout(
        "county_population",
        (
            Column("sumlev", required=True, digits=3),
            Column("state", required=True, digits=2),
            Column("county", required=True, digits=3),
            Column("stname", required=True),
            Column("ctyname", required=True),
        ),
        open_ended=True,
    ),
)
