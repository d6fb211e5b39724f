"""A small evaluator of DAX over Parquet files: what the measures' own text gives, without Power BI.

It knows the functions that the measures use, and these rules of the language: filters flow from the one side to the
many along active relationships; a row without its dimension belongs to the blank member; CALCULATE replaces the filters
of a column, and a filter of dates replaces all filters of the calendar; blanks add nothing and divide to blank.
"""

import calendar
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lakeward.publish.powerbi.expressions import DAX_TOKEN, Token, tokens
from lakeward.publish.powerbi.star import DATE_KEY, DATE_TABLE, RELATIONSHIPS, Relationship

Row = dict[str, Any]
Place = tuple[str, str]
Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Filters:
    """A filter context: tests by column, and relationships that USERELATIONSHIP made active."""

    tests: Mapping[Place, tuple[Test, ...]] = field(default_factory=dict)
    used: tuple[Relationship, ...] = ()

    def without(self, table: str, column: str | None = None) -> "Filters":
        kept = {p: t for p, t in self.tests.items() if p[0] != table or (column is not None and p[1] != column)}
        return replace(self, tests=kept)

    def replaced(self, place: Place, tests: tuple[Test, ...]) -> "Filters":
        base = self.without(DATE_TABLE) if place == (DATE_TABLE, DATE_KEY) else self
        return replace(base, tests={**base.tests, place: tests})


class _Tables(dict[str, list[Row]]):
    """The rows of each table, read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __missing__(self, table: str) -> list[Row]:
        self[table] = pq.read_table(self.folder / f"{table}.parquet").to_pylist()
        return self[table]


class Dax:
    """The model's data and measures."""

    def __init__(self, folder: Path, measures: Mapping[str, str]) -> None:
        self.tables = _Tables(folder)
        self.measures = {name: _Parser(text).parse() for name, text in measures.items()}
        self._seen: dict[Any, list[Row]] = {}
        self._by_key: dict[Place, dict[Any, Row]] = {}

    def measure(self, name: str, filters: Filters | None = None) -> Any:
        """Return the value of a measure."""
        return self.evaluate(self.measures[name], filters or Filters(), {}, None)

    def rows(self, table: str, filters: Filters) -> list[Row]:
        """Return the rows of a table that the filters leave."""
        key = (table, frozenset(filters.tests.items()), filters.used)
        if key not in self._seen:
            self._seen[key] = list(self._visible(table, filters))
        return self._seen[key]

    def _visible(self, table: str, filters: Filters) -> Iterable[Row]:
        own = [(column, test) for (t, column), tests in filters.tests.items() if t == table for test in tests]
        parents = []
        for link in self._links(table, filters):
            if self._is_filtered(link.to_table, filters):
                known = {row[link.to_column] for row in self.tables[link.to_table]}
                left = {row[link.to_column] for row in self.rows(link.to_table, filters)}
                parents.append((link.from_column, known, left, self._has_blank(link.to_table, filters)))
        for row in self.tables[table]:
            if all(test(row[column]) for column, test in own) and all(
                row[column] in left or (blank and row[column] not in known) for column, known, left, blank in parents
            ):
                yield row

    def _links(self, table: str, filters: Filters) -> list[Relationship]:
        replaced = {(link.from_table, link.to_table) for link in filters.used}
        found = [link for link in RELATIONSHIPS if link.from_table == table]
        return [
            link for link in found
            if link in filters.used or (link.is_active and (link.from_table, link.to_table) not in replaced)
        ]  # fmt: skip

    def _is_filtered(self, table: str, filters: Filters) -> bool:
        return any(place[0] == table for place in filters.tests) or any(
            self._is_filtered(link.to_table, filters) for link in self._links(table, filters)
        )

    def _has_blank(self, table: str, filters: Filters) -> bool:
        return all(test(None) for place, tests in filters.tests.items() if place[0] == table for test in tests)

    def evaluate(self, node: Any, filters: Filters, variables: Mapping[str, Any], row: Row | None) -> Any:
        """Return the value of an expression."""
        kind, *parts = node
        match kind:
            case "value":
                return parts[0]
            case "name":
                return variables[parts[0]]
            case "measure":
                return self.measure(parts[0], filters)
            case "let":
                names = dict(variables)
                for name, value in parts[0]:
                    names[name] = self.evaluate(value, filters, names, row)
                return self.evaluate(parts[1], filters, names, row)
            case "not":
                return not self.evaluate(parts[0], filters, variables, row)
            case "operator":
                return _combined(parts[0], *(self.evaluate(part, filters, variables, row) for part in parts[1:]))
            case "column":
                assert row is not None, f"{parts} is read without a row"
                return row[parts[1]]
            case "call":
                return self._call(parts[0], parts[1], filters, variables, row)
        raise AssertionError(node)

    def _call(self, name: str, args: list[Any], filters: Filters, variables: Mapping[str, Any], row: Row | None) -> Any:
        def value(index: int) -> Any:
            return self.evaluate(args[index], filters, variables, row)

        def column(index: int = 0) -> list[Any]:
            _, table, field_name = args[index]
            return [r[field_name] for r in self.rows(table, filters) if r[field_name] is not None]

        match name:
            case "SUM":
                return sum(column()) if column() else None
            case "COUNT":
                return len(column()) or None
            case "DISTINCTCOUNT":
                _, table, field_name = args[0]
                return len({r[field_name] for r in self.rows(table, filters)}) or None
            case "COUNTROWS":
                return len(self.rows(args[0][1], filters)) or None
            case "MAX" | "MIN":
                return (max if name == "MAX" else min)(column(), default=None)
            case "HASONEVALUE":
                return len(self._values(args[0], filters)) == 1
            case "SELECTEDVALUE":
                values = self._values(args[0], filters)
                return next(iter(values)) if len(values) == 1 else value(1)
            case "TRUE" | "FALSE":
                return name == "TRUE"
            case "ISBLANK":
                return value(0) is None
            case "DIVIDE":
                over, under = value(0), value(1)
                return None if over is None or not under else float(over) / float(under)
            case "IF":
                return value(1) if value(0) else value(2) if len(args) > 2 else None
            case "EDATE":
                return value(0) and _shifted(value(0), value(1))
            case "EOMONTH":
                start = value(0)
                return start and _month_end(_shifted(start.replace(day=1), value(1)))
            case "SUMX":
                table = args[0][1]
                found = [
                    self.evaluate(args[1], filters, variables, {"@": table, **r}) for r in self.rows(table, filters)
                ]
                return sum(v for v in found if v is not None) if any(v is not None for v in found) else None
            case "RELATED":
                assert row is not None
                return self._related(row, args[0][1], args[0][2], filters)
            case "CALCULATE":
                return self.evaluate(args[0], self._changed(args[1:], filters, variables), variables, None)
        raise AssertionError(f"{name} is not known to the evaluator")

    def _related(self, row: Row, table: str, column: str, filters: Filters) -> Any:
        (link,) = (link for link in self._links(row["@"], filters) if link.to_table == table)
        key = (table, link.to_column)
        if key not in self._by_key:
            self._by_key[key] = {r[link.to_column]: r for r in self.tables[table]}
        found = self._by_key[key].get(row[link.from_column])
        return found[column] if found else None

    def _values(self, node: Any, filters: Filters) -> set[Any]:
        return {row[node[2]] for row in self.rows(node[1], filters)}

    def _changed(self, args: list[Any], filters: Filters, variables: Mapping[str, Any]) -> Filters:
        """Return the context that CALCULATE makes: first what removes and relates, then the new filters."""
        changed, added = filters, []
        for arg in args:
            name = arg[1] if arg[0] == "call" else ""
            if name == "REMOVEFILTERS":
                target = arg[2][0]
                changed = changed.without(target[1], target[2] if target[0] == "column" else None)
            elif name == "USERELATIONSHIP":
                ends = (*arg[2][0][1:], *arg[2][1][1:])
                (link,) = (r for r in RELATIONSHIPS if (r.from_table, r.from_column, r.to_table, r.to_column) == ends)
                changed = replace(changed, used=(*changed.used, link))
            else:
                added.append(self._filter(arg, filters, variables))
        for place, test in added:
            changed = changed.replaced(place, (test,))
        return changed

    def _filter(self, arg: Any, filters: Filters, variables: Mapping[str, Any]) -> tuple[Place, Test]:
        if arg[0] == "call" and arg[1] in ("SAMEPERIODLASTYEAR", "DATESYTD"):
            days = {row[DATE_KEY] for row in self.rows(DATE_TABLE, filters)}
            return (DATE_TABLE, DATE_KEY), _moved(days, arg[1]).__contains__
        if arg[0] == "call" and arg[1] == "SUMMARIZE":
            (_, bridge), (_, table, column) = arg[2]
            (link,) = (r for r in RELATIONSHIPS if (r.from_table, r.to_table, r.to_column) == (bridge, table, column))
            return (table, column), {row[link.from_column] for row in self.rows(bridge, filters)}.__contains__
        (place,) = set(_columns(arg))
        return place, lambda value: bool(self.evaluate(arg, filters, variables, {place[1]: value}))


def _columns(node: Any) -> Iterable[Place]:
    if isinstance(node, tuple) and node and node[0] == "column":
        yield node[1], node[2]
    elif isinstance(node, tuple | list):
        for part in node:
            yield from _columns(part)


def _combined(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "+" | "-":
            if left is None and right is None:
                return None
            return (left or 0) + (right or 0) * (1 if operator == "+" else -1)
        case "*":
            return None if left is None or right is None else left * right
        case "&&":
            return bool(left) and bool(right)
        case "=":
            # In DAX a blank equals zero, false and the empty text.
            return (left or 0) == (right or 0) if left is None or right is None else left == right
    if left is None or right is None:
        return operator == "<" if left is None and right is not None else False
    return {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[operator]


def _shifted(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _moved(days: set[date], how: str) -> set[date]:
    if not days:
        return set()
    first, last = min(days), max(days)
    if how == "DATESYTD":
        first = last.replace(month=1, day=1)
    else:
        whole = last == _month_end(last)
        first, last = _shifted(first, -12), _shifted(last, -12)
        last = _month_end(last) if whole else last
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


class _Parser:
    """Reads an expression into nested tuples."""

    LEVELS = (("&&",), ("=", ">", ">=", "<", "<="), ("+", "-"), ("*",))

    def __init__(self, text: str) -> None:
        self.tokens = [*tokens(text, DAX_TOKEN), Token("end", "")]
        self.position = 0

    def parse(self) -> Any:
        found = self._expression()
        assert self._next().kind == "end", f"'{self.tokens[self.position - 1].text}' is left over"
        return found

    def _expression(self) -> Any:
        if self._peek() != "VAR":
            return self._binary(0)
        names = []
        while self._peek() == "VAR":
            self._next()
            name = self._next().text
            self._take("=")
            names.append((name, self._expression()))
        self._take("RETURN")
        return "let", names, self._expression()

    def _binary(self, level: int) -> Any:
        if level == len(self.LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in self.LEVELS[level]:
            left = ("operator", self._next().text, left, self._binary(level + 1))
        return left

    def _unary(self) -> Any:
        if self._peek() == "NOT":
            self._next()
            return "not", self._unary()
        if self._peek() == "-":
            self._next()
            return "value", -self._unary()[1]
        return self._primary()

    def _primary(self) -> Any:
        token = self._next()
        if token.kind == "text":
            return "value", token.text[1:-1].replace('""', '"')
        if token.kind == "number":
            return "value", int(token.text)
        if token.kind == "field":
            return "measure", token.text[1:-1]
        if token.kind == "open":
            found = self._expression()
            self._take(")")
            return found
        assert token.kind == "word", token
        following = self.tokens[self.position]
        if following.kind == "open":
            return "call", token.text, self._arguments()
        if following.kind == "field":
            return "column", token.text, self._next().text[1:-1]
        return "name" if token.text[0].isupper() else "table", token.text

    def _arguments(self) -> list[Any]:
        self._take("(")
        found = []
        while self._peek() != ")":
            found.append(self._expression())
            if self._peek() == ",":
                self._next()
        self._take(")")
        return found

    def _peek(self) -> str:
        return self.tokens[self.position].text

    def _next(self) -> Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def _take(self, text: str) -> None:
        found = self._next().text
        assert found == text, f"'{found}' where '{text}' was expected"
