"""The parts of a PBIR report: fields, slicers, charts, cards and tables, each as the JSON of one ``visual.json``.

In: names of columns and measures, a place on the page. Out: plain values that Microsoft's schema of visual containers
takes. Titles and filter values are literals of the report's query language, quoted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakeward.publish.powerbi.names import hex_name, report_literal

Json = dict[str, Any]

SCHEMAS = "https://developer.microsoft.com/json-schemas/fabric/item/report/definition"
AXIS = "Category"
LESS_OR_EQUAL = 4
"""The number of the comparison in the query language of reports."""
VISUAL_SCHEMA = f"{SCHEMAS}/visualContainer/2.9.0/schema.json"


@dataclass(frozen=True)
class Field:
    """A column or a measure, as a visual refers to it."""

    table: str
    name: str
    is_measure: bool = False

    @property
    def expression(self) -> Json:
        """Return the reference by the table's name."""
        return self.of({"Entity": self.table})

    def of(self, source: Json) -> Json:
        """Return the reference through a source, an entity or an alias of a query."""
        kind = "Measure" if self.is_measure else "Column"
        return {kind: {"Expression": {"SourceRef": source}, "Property": self.name}}

    @property
    def projection(self) -> Json:
        """Return the field as it stands in a role of a visual."""
        return {"field": self.expression, "queryRef": f"{self.table}.{self.name}", "nativeQueryRef": self.name}


@dataclass(frozen=True)
class Place:
    """Where a visual is, in pixels from the upper left corner of its page."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Visual:
    """One visual of a page.

    Args:
        kind: Power BI's name of it, such as ``barChart``.
        title: shown above it, and unique on its page.
        place: where it is.
        roles: what it shows, by Power BI's names of the roles, such as ``Category`` and ``Y``.
        sort: what it is sorted by, and whether downwards.
        chosen: for slicers, the value chosen at first.
        at_most: a bound of a column of numbers, for what would be more bars than anyone can read.
    """

    kind: str
    title: str
    place: Place
    roles: Mapping[str, Sequence[Field]]
    sort: tuple[Field, bool] | None = None
    chosen: str | None = None
    at_most: tuple[Field, int] | None = None

    def as_json(self, page: str, order: int) -> Json:
        """Return the content of the visual's file.

        Args:
            page: the page's name, which makes the visual's name unique.
            order: its place in the order of the tabulator key, and above the visuals before it.
        """
        name = hex_name("visual", page, self.title)
        container: Json = {
            "$schema": VISUAL_SCHEMA,
            "name": name,
            "position": {**vars(self.place), "z": order, "tabOrder": order},
            "visual": {
                "visualType": self.kind,
                "query": self._query(),
                "objects": self._objects(),
                "visualContainerObjects": {"title": [_properties(show="true", text=report_literal(self.title))]},
                "drillFilterOtherVisuals": True,
            },
        }
        if self.at_most:
            field, bound = self.at_most
            literal = {"Literal": {"Value": f"{bound}L"}}
            test = {"ComparisonKind": LESS_OR_EQUAL, "Left": field.of({"Source": "t"}), "Right": literal}
            bounded = {"name": hex_name("filter", page, self.title), "field": field.expression, "type": "Advanced"}
            container["filterConfig"] = {"filters": [bounded | {"filter": _query(field, {"Comparison": test})}]}
        return container

    def _query(self) -> Json:
        state = {role: {"projections": _projections(role, fields)} for role, fields in self.roles.items()}
        query: Json = {"queryState": state}
        if self.sort:
            field, downwards = self.sort
            direction = "Descending" if downwards else "Ascending"
            query["sortDefinition"] = {"sort": [{"field": field.expression, "direction": direction}]}
        return query

    def _objects(self) -> Json:
        if self.kind != "slicer":
            return {}
        objects: Json = {"data": [_properties(mode=report_literal("Dropdown"))]}
        if self.chosen is not None:
            field = next(iter(self.roles.values()))[0]
            objects["general"] = [{"properties": {"filter": {"filter": condition(field, self.chosen)}}}]
            # One kind of entity and one period at a time: their sums have no meaning together.
            objects["selection"] = [_properties(strictSingleSelect="true")]
        return objects


def condition(field: Field, value: str) -> Json:
    """Return the query condition that a text column has one value."""
    literal = {"Literal": {"Value": report_literal(value)}}
    return _query(field, {"In": {"Expressions": [field.of({"Source": "t"})], "Values": [[literal]]}})


def _query(field: Field, test: Json) -> Json:
    return {
        "Version": 2,
        "From": [{"Name": "t", "Entity": field.table, "Type": 0}],
        "Where": [{"Condition": test}],
    }


def text_box(title: str, text: str, place: Place, page: str, order: int) -> Json:
    """Return a visual that shows text; the text itself is not interpreted."""
    runs = [{"value": text, "textStyle": {"fontSize": "10pt"}}]
    return {
        "$schema": VISUAL_SCHEMA,
        "name": hex_name("visual", page, title),
        "position": {**vars(place), "z": order, "tabOrder": order},
        "visual": {
            "visualType": "textbox",
            "objects": {"general": [{"properties": {"paragraphs": [{"textRuns": runs}]}}]},
            "drillFilterOtherVisuals": True,
        },
    }


def _projections(role: str, fields: Sequence[Field]) -> list[Json]:
    """Return a role's fields; of several levels of an axis the first is shown until someone drills."""
    shown = [field.projection for field in fields]
    return [p | {"active": index == 0} for index, p in enumerate(shown)] if role == AXIS else shown


def _properties(**literals: str) -> Json:
    return {"properties": {name: {"expr": {"Literal": {"Value": value}}} for name, value in literals.items()}}
