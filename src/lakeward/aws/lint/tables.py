"""Definitions of tables: what a CREATE TABLE, an ALTER TABLE … ADD PARTITION, or a table of Glue says.

In: tokens of a statement, or the ``TableInput`` of Glue. Out: a :class:`Table`, :class:`AddedPartitions` or
:class:`Query` that rules look at. A statement that does not parse keeps what was understood, and the reasons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lakeward.aws.lint.rule import Place, Problem
from lakeward.aws.lint.tokens import Token, statements_of

OPENING, CLOSING = ("(", "<"), (")", ">")
CLAUSES = {
    "by": ("partitioned", "clustered", "sorted", "skewed", "terminated", "escaped"),
    "as": ("stored", "defined"),
    "(": ("tblproperties", "serdeproperties", "with", "by", "on", "as"),
}
"""Which words stand before these in the definition of a table: others are misspelt."""


@dataclass(frozen=True)
class ColumnDefinition:
    """A column as it is written: its name, its type with no spaces in it, and its line."""

    name: str
    data_type: str
    line: int


@dataclass
class Table:
    """A table that somebody defines.

    Args:
        place: where.
        name: as written, with or without its database.
        columns: those in the files.
        keys: partition columns; empty names and types where Iceberg has a transform there.
        location: the folder, if there is one.
        properties: of the table, such as ``projection.enabled``.
        property_lines: the line of each property.
        external: whether it says EXTERNAL.
        problems: what could not be parsed.
        in_glue: whether it comes from Glue and not from a statement.
        from_query: whether a query gives its columns.
    """

    place: Place
    name: str = ""
    columns: list[ColumnDefinition] = field(default_factory=list)
    keys: list[ColumnDefinition] = field(default_factory=list)
    location: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    property_lines: dict[str, int] = field(default_factory=dict)
    external: bool = False
    problems: list[Problem] = field(default_factory=list)
    in_glue: bool = False
    from_query: bool = False

    @property
    def is_hive(self) -> bool:
        """Whether this is a table of Hive or Iceberg at all, and not one of a database."""
        return bool(self.external or self.in_glue or self.from_query or self.location or self.keys or self.properties)

    @property
    def is_iceberg(self) -> bool:
        """Whether the table is one of Iceberg, where other rules hold."""
        return self.properties.get("table_type", "").lower() == "iceberg"

    @property
    def is_projected(self) -> bool:
        """Whether Athena computes the partitions instead of looking them up."""
        return self.properties.get("projection.enabled", "").strip().lower() == "true"

    def at(self, name: str) -> Place:
        """Return the place of a property, or of the table if it has not that property."""
        return self.place.at(self.property_lines.get(name, self.place.line))


@dataclass(frozen=True)
class AddedPartitions:
    """One ALTER TABLE … ADD PARTITION: the table, and values and folder of each partition."""

    place: Place
    table: str
    partitions: tuple[tuple[dict[str, str], str | None, int], ...]
    if_not_exists: bool


@dataclass(frozen=True)
class Query:
    """A statement that reads: its tokens."""

    place: Place
    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class Statement:
    """The text of a statement of any kind, for limits of size and broken quotes."""

    place: Place
    size: int
    unterminated: Token | None


Defined = Table | AddedPartitions | Query | Statement


def definitions(text: str, file: str, first_line: int = 1) -> Iterator[Defined]:
    """Yield what the statements of a text define and ask."""
    for tokens in statements_of(text, first_line):
        if tokens:
            place = Place(file, tokens[0].line)
            broken = next((token for token in tokens if token.kind == "unterminated"), None)
            size = sum(len(token.value.encode()) + 1 for token in tokens)
            yield Statement(place, size, broken)
            words = [token.value.lower() for token in tokens[:4]]
            if words[0] == "create" and "table" in words[1:3]:
                table = _Reader(tokens, file).table()
                if table.is_hive:
                    yield table
            elif words[:2] == ["alter", "table"]:
                yield _Reader(tokens, file).added_partitions()
            elif words[0] in ("select", "with") or (words[0] == "create" and "view" in words):
                yield Query(place, tuple(tokens))


class _Reader:
    """Reads one statement from its first token to its last; never raises."""

    def __init__(self, tokens: Sequence[Token], file: str) -> None:
        self._tokens, self._file, self._next = tokens, file, 0

    def table(self) -> Table:
        table = Table(Place(self._file, self._tokens[0].line))
        while not self._end and not self._peek.is_word("table"):
            table.external |= self._take().is_word("external")
        self._take()
        self._skip_words("if", "not", "exists")
        table.name = self._name()
        if not self._end and self._peek.is_mark("("):
            table.columns = self._columns(table)
        while not self._end:
            self._clause(table)
        return table

    def added_partitions(self) -> AddedPartitions:
        place = Place(self._file, self._tokens[0].line)
        self._skip_words("alter", "table")
        name = self._name()
        guarded, partitions = False, []
        while not self._end:
            token = self._take()
            guarded |= token.is_word("exists")
            if token.is_word("partition") and not self._end and self._peek.is_mark("("):
                values = dict(self._pairs(Table(place)))
                folder = None
                if not self._end and self._peek.is_word("location"):
                    self._take()
                    folder = self._take().value if not self._end else None
                partitions.append((values, folder, token.line))
        return AddedPartitions(place, name, tuple(partitions), guarded)

    @property
    def _end(self) -> bool:
        return self._next >= len(self._tokens)

    @property
    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        if self._end:
            return Token("mark", "", self._tokens[-1].line)
        self._next += 1
        return self._tokens[self._next - 1]

    def _skip_words(self, *words: str) -> None:
        while not self._end and self._peek.is_word(*words):
            self._take()

    def _name(self) -> str:
        parts = [self._take().value]
        while not self._end and self._peek.is_mark("."):
            self._take()
            parts.append(self._take().value)
        return ".".join(parts)

    def _clause(self, table: Table) -> None:
        token = self._take()
        if token.is_word("partitioned"):
            self._skip_words("by")
            if not self._end and self._peek.is_mark("("):
                table.keys = self._columns(table)
        elif token.is_word("location") and not self._end:
            table.location = self._take().value
        elif token.is_word("tblproperties") and not self._end and self._peek.is_mark("("):
            for name, value in self._pairs(table):
                table.properties[name] = value
        elif (
            token.is_word("as") and not self._end and (self._peek.is_word("select", "with") or self._peek.is_mark("("))
        ):
            table.from_query = True
            self._next = len(self._tokens)
        elif token.kind == "word" and not self._end and self._is_misspelt(token):
            table.problems.append(Problem(table.place.at(token.line), f"no clause starts with {token.value}"))

    def _is_misspelt(self, token: Token) -> bool:
        following = "(" if self._peek.is_mark("(") else self._peek.value.lower()
        return following in CLAUSES and not token.is_word(*CLAUSES[following])

    def _columns(self, table: Table) -> list[ColumnDefinition]:
        columns = []
        for item, line in self._items(table):
            if not item:
                table.problems.append(Problem(table.place.at(line), "a comma with no column after it"))
            elif item[0].names:
                after = [i for i, token in enumerate(item) if i and token.is_word("comment")]
                end = after[0] if after else len(item)
                data_type = "".join(token.value for token in item[1:end]).lower()
                columns.append(ColumnDefinition(item[0].value, data_type, item[0].line))
            else:
                table.problems.append(Problem(table.place.at(line), f"'{item[0].value}' is no name of a column"))
        return columns

    def _items(self, table: Table) -> Iterator[tuple[list[Token], int]]:
        """Yield the parts of a list in round brackets, split at its own commas, with the line each ends on."""
        self._take()
        depth, item = 1, list[Token]()
        while not self._end:
            token = self._take()
            depth += token.is_mark(*OPENING) - token.is_mark(*CLOSING)
            if depth == 0 or (depth == 1 and token.is_mark(",")):
                yield item, token.line
                item = []
            else:
                item.append(token)
            if depth == 0:
                return
        table.problems.append(Problem(table.place, "a bracket that is never closed"))
        if item:
            yield item, item[-1].line

    def _pairs(self, table: Table) -> Iterator[tuple[str, str]]:
        """Yield ``name = value`` of a list in round brackets; a value has no quotes any more."""
        for item, line in self._items(table):
            if not item:
                table.problems.append(Problem(table.place.at(line), "a comma with nothing after it"))
            elif len(item) >= 3 and item[1].is_mark("="):
                table.property_lines[item[0].value] = item[0].line
                yield item[0].value, "".join(token.value for token in item[2:])
