"""A strict reader of TMDL, as far as a model of imported tables needs it.

In: the text of one file. Out: its objects as a tree, and every :class:`Problem` with its line. What is not known to be
right is a problem: a keyword, a property or a value that is not in the tables below, an indentation by anything but
tabs, a description that describes nothing. Microsoft's own reader is .NET; this one runs wherever the tests do.

Source: Microsoft Learn, "Tabular Model Definition Language (TMDL)", sections on objects, expressions and indentation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

NAME = r"(?:'(?:[^']|'')+'|[^\s'=:.]+)"
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
TEXT, REFERENCE = r'(?:"(?:[^"]|"")*"|[^"\s].*)', rf"{NAME}\.{NAME}"
FLAG = ""
"""A property without a value: that it stands there is the value."""
EXPRESSION = "="


def _one_of(*values: str) -> str:
    return "|".join(values)


@dataclass(frozen=True)
class Shape:
    """What an object may hold: properties with the pattern of their values, objects, and whether it has a name."""

    properties: dict[str, str] = field(default_factory=dict)
    children: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    is_named: bool = True
    has_expression: bool = False
    is_described: bool = False


DATA_TYPES = ("string", "int64", "double", "decimal", "dateTime", "boolean")
CULTURE = r"[a-z]{2}-[A-Z]{2}"
TAGGED = {"lineageTag": GUID, "isHidden": FLAG}
SHAPES = {
    "database": Shape({"compatibilityLevel": r"1[2-7]\d\d"}, required=("compatibilityLevel",), is_named=False),
    "model": Shape(
        {"culture": CULTURE, "sourceQueryCulture": CULTURE, "discourageImplicitMeasures": FLAG,
         "defaultPowerBIDataSourceVersion": "powerBI_V3"},
        ("dataAccessOptions", "annotation", "ref"), ("culture", "defaultPowerBIDataSourceVersion"), is_described=True,
    ),
    "dataAccessOptions": Shape({"legacyRedirects": FLAG, "returnErrorValuesAsNull": FLAG}, is_named=False),
    "ref": Shape(),
    "annotation": Shape(has_expression=True),
    "expression": Shape(TAGGED, ("annotation",), ("lineageTag",), has_expression=True, is_described=True),
    "relationship": Shape(
        {"isActive": "false", "fromColumn": REFERENCE, "toColumn": REFERENCE, "fromCardinality": _one_of("one", "many"),
         "toCardinality": _one_of("one", "many"), "crossFilteringBehavior": _one_of("oneDirection", "bothDirections")},
        required=("fromColumn", "toColumn"),
    ),
    "table": Shape(
        {**TAGGED, "dataCategory": "Time"}, ("measure", "column", "partition", "annotation"), ("lineageTag",),
        is_described=True,
    ),
    "measure": Shape(
        {**TAGGED, "formatString": TEXT, "displayFolder": TEXT}, ("annotation",), ("lineageTag", "formatString"),
        has_expression=True, is_described=True,
    ),
    "column": Shape(
        {**TAGGED, "isKey": FLAG, "dataType": _one_of(*DATA_TYPES), "formatString": TEXT, "sortByColumn": NAME,
         "summarizeBy": _one_of("none", "sum", "average", "count", "min", "max"), "sourceColumn": TEXT},
        ("annotation",), ("dataType", "lineageTag", "sourceColumn", "summarizeBy"), is_described=True,
    ),
    "partition": Shape(
        {"mode": _one_of("import", "directQuery"), "source": EXPRESSION}, required=("mode", "source"),
        has_expression=True,
    ),
}  # fmt: skip
FILES = {"database.tmdl": "database", "model.tmdl": "model", "expressions.tmdl": "expression",
         "relationships.tmdl": "relationship"}  # fmt: skip
BESIDE_MODEL = ("annotation", "ref")
"""In the file of the model, what belongs to it stands at the margin, as Power BI Desktop writes it."""


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where; line 0 is the file as a whole."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass
class Node:
    """One object: its keyword, name, expression, properties and the objects in it."""

    file: str
    line: int
    keyword: str
    name: str
    expression: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    description: str = ""

    def of(self, keyword: str) -> Iterator["Node"]:
        """Yield the objects of one kind in it."""
        return (child for child in self.children if child.keyword == keyword)


def unquoted(text: str) -> str:
    """Return a name or value without its quotes."""
    for quote in ("'", '"'):
        if len(text) > 1 and text[0] == text[-1] == quote:
            return text[1:-1].replace(quote * 2, quote)
    return text


def split_reference(text: str) -> tuple[str, str]:
    """Return table and column of ``dim_date.'a column'``."""
    found = re.fullmatch(f"({NAME})\\.({NAME})", text)
    return (unquoted(found[1]), unquoted(found[2])) if found else ("", "")


def parse_tmdl(file: str, text: str) -> tuple[list[Node], list[Problem]]:
    """Return the objects of a file and what is wrong with it."""
    return _Reader(file, text).read()


class _Reader:
    """Reads line by line; ``path`` holds the objects that are open, one a level."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.lines = file, text.split("\n")
        self.roots: list[Node] = []
        self.path: list[Node] = []
        self.problems: list[Problem] = []
        self.description: tuple[int, str] | None = None
        if text.startswith("\ufeff"):
            self._wrong(1, "starts with a byte order mark")
        if "\r" in text:
            self._wrong(0, "has carriage returns")

    def read(self) -> tuple[list[Node], list[Problem]]:
        position = 0
        while position < len(self.lines):
            position = self._line(position)
        if self.description:
            self._wrong(self.description[0], "a description that no object follows")
        for node in self.roots:
            self._complete(node)
        expected = FILES.get(self.file.rsplit("/", 1)[-1], "table")
        if expected not in {node.keyword for node in self.roots}:
            self._wrong(0, f"has no object '{expected}'")
        return self.roots, self.problems

    def _line(self, position: int) -> int:
        """Take one line, with the expression that may stand below it; return the position of the next."""
        line, number = self.lines[position], position + 1
        content = line.lstrip("\t")
        level = len(line) - len(content)
        if not content.strip():
            if content:
                self._wrong(number, "white space on an empty line")
            return position + 1
        if content != content.strip():
            where = "indented by something else than tabs" if content[0].isspace() else "white space at the end"
            self._wrong(number, where)
        if content.startswith("///"):
            self._describe(number, level, content)
            return position + 1
        if level > len(self.path):
            self._wrong(number, f"indented by {level} tabs, at most {len(self.path)} have a parent")
            return position + 1
        del self.path[level:]
        return self._declare(position, level, content)

    def _describe(self, number: int, level: int, content: str) -> None:
        if not re.match(r"/// \S", content):
            self._wrong(number, "a description is written '/// text'")
        earlier = self.description[1] + " " if self.description else ""
        self.description = (number, earlier + content[4:])
        if level > len(self.path):
            self._wrong(number, "a description indented deeper than any object here")

    def _declare(self, position: int, level: int, content: str) -> int:
        wrong = partial(self._wrong, position + 1)
        owner = SHAPES[self.path[-1].keyword] if self.path else None
        parsed = re.fullmatch(r"(?P<word>\w+)(?:: ?(?P<value>.*))?(?P<source> =)?", content)
        if parsed and owner and parsed["word"] in owner.properties:
            return self._property(position, level, parsed)
        declared = re.fullmatch(rf"(?P<word>\w+)(?: (?:table )?(?P<name>{NAME}))?(?P<rest> =(?: .*)?)?", content)
        word = declared["word"] if declared else content.split(" ", 1)[0]
        if declared is None or word not in SHAPES:
            wrong(f"'{word}' is no object or property of '{self.path[-1].keyword if self.path else 'a file'}'")
            return position + 1
        allowed = owner.children if owner else (*self._root_words(),)
        if word not in allowed:
            wrong(f"'{word}' cannot stand in '{self.path[-1].keyword if self.path else self.file}'")
        shape = SHAPES[word]
        if shape.is_named != bool(declared["name"]):
            wrong(f"'{word}' {'needs a' if shape.is_named else 'takes no'} name")
        node = Node(self.file, position + 1, word, unquoted(declared["name"] or ""))
        if self.description:
            node.description, self.description = self.description[1], None
            if not shape.is_described:
                wrong(f"'{word}' takes no description")
        (self.path[-1].children if self.path else self.roots).append(node)
        self.path.append(node)
        if shape.has_expression != bool(declared["rest"]):
            wrong(f"'{word}' {'needs an' if shape.has_expression else 'takes no'} expression")
        if not declared["rest"]:
            return position + 1
        node.expression, following = self._expression(position, level, declared["rest"][2:].strip())
        return following

    def _root_words(self) -> Iterator[str]:
        expected = FILES.get(self.file.rsplit("/", 1)[-1], "table")
        yield expected
        if expected == "model":
            yield from BESIDE_MODEL

    def _property(self, position: int, level: int, parsed: "re.Match[str]") -> int:
        node, word = self.path[-1], parsed["word"]
        pattern, value, following = SHAPES[node.keyword].properties[word], parsed["value"], position + 1
        if self.description:
            self._wrong(self.description[0], f"a description of the property '{word}'")
            self.description = None
        if word in node.properties:
            self._wrong(position + 1, f"'{word}' is given twice")
        if (pattern == EXPRESSION) != bool(parsed["source"]):
            self._wrong(position + 1, f"'{word}' is given with '{':' if pattern != EXPRESSION else '='}'")
        elif pattern == EXPRESSION:
            value, following = self._expression(position, level, "")
        elif pattern == FLAG and value is not None:
            self._wrong(position + 1, f"'{word}' takes no value")
        elif pattern != FLAG and not re.fullmatch(pattern, value or ""):
            self._wrong(position + 1, f"'{word}' cannot be '{value or ''}'")
        # The quotes of a reference tell its table from its column; split_reference takes them off.
        node.properties[word] = value or "" if pattern == REFERENCE else unquoted(value or "")
        return following

    def _expression(self, position: int, level: int, first: str) -> tuple[str, int]:
        """Return an expression: what stands behind the equals sign, or the lines two levels deeper below it."""
        if first:
            return first, position + 1
        margin, lines, following = "\t" * (level + 2), [], position + 1
        while following < len(self.lines) and (
            self.lines[following].startswith(margin) or not self.lines[following].strip()
        ):
            lines.append(self.lines[following].removeprefix(margin))
            following += 1
        text = "\n".join(lines).strip("\n")
        if not text:
            self._wrong(position + 1, f"no expression, {level + 2} tabs deep, follows")
        return text, following

    def _complete(self, node: Node) -> None:
        missing = [name for name in SHAPES[node.keyword].required if name not in node.properties]
        if missing:
            self._wrong(node.line, f"'{node.keyword}' lacks {missing}")
        for child in node.children:
            self._complete(child)

    def _wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.file, line, text))
