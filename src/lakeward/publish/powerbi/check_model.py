"""Checks what refers to what inside a semantic model.

In: the objects of its TMDL. Out: problems: names that are not there or there twice, relationships without columns or of
two types, more than one active way from table to table, DAX that names what the model has not or calls itself.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lakeward.publish.powerbi.expressions import DaxReference, dax_references
from lakeward.publish.powerbi.grammar import Node, Problem, split_reference

REQUIRED = ("database", "model", "table")


def check_model(nodes: Sequence[Node]) -> Iterator[Problem]:
    """Yield what is wrong with a model's references."""
    tables = {node.name: node for node in nodes if node.keyword == "table"}
    for keyword in REQUIRED:
        if not any(node.keyword == keyword for node in nodes):
            yield Problem("definition", 0, f"has no object '{keyword}'")
    yield from _unique(nodes)
    yield from _listed(nodes, tables)
    for table in tables.values():
        yield from _table(table)
    links = [node for node in nodes if node.keyword == "relationship"]
    for link in links:
        yield from _relationship(link, tables)
    yield from _ambiguities(links)
    yield from _measures(tables)


def columns_of(table: Node) -> dict[str, Node]:
    """Return a table's columns by name."""
    return {column.name: column for column in table.of("column")}


def ends(link: Node) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the many and the one end of a relationship, each as table and column."""
    return split_reference(link.properties.get("fromColumn", "")), split_reference(link.properties.get("toColumn", ""))


def _unique(nodes: Sequence[Node]) -> Iterator[Problem]:
    everything = list(_all(nodes))
    measures = [node for node in everything if node.keyword == "measure"]
    yield from _repeated("name of a measure", [(node.name.lower(), node) for node in measures])
    tagged = [(node.properties["lineageTag"], node) for node in everything if "lineageTag" in node.properties]
    yield from _repeated("lineageTag", tagged)
    for keyword in ("table", "expression", "relationship"):
        named = [(node.name.lower(), node) for node in nodes if node.keyword == keyword]
        yield from _repeated(f"name of a {keyword}", named)
    for table in (node for node in nodes if node.keyword == "table"):
        # A measure and a column of one table share their names' space.
        inside = [(node.name.lower(), node) for node in table.children if node.keyword in ("column", "measure")]
        yield from _repeated(f"name in '{table.name}'", inside)


def _repeated(what: str, named: Sequence[tuple[str, Node]]) -> Iterator[Problem]:
    counts = Counter(name for name, _ in named)
    for name, node in named:
        if counts[name] > 1:
            yield Problem(node.file, node.line, f"'{name}' is the {what} {counts[name]} times")


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)


def _listed(nodes: Sequence[Node], tables: dict[str, Node]) -> Iterator[Problem]:
    named = {node.name for node in _all(nodes) if node.keyword == "ref"}
    for name in sorted(named ^ set(tables)):
        what = "is not listed by the model" if name in tables else "is listed by the model and not there"
        yield Problem("model.tmdl", 0, f"table '{name}' {what}")


def _table(table: Node) -> Iterator[Problem]:
    columns = columns_of(table)
    if len(list(table.of("partition"))) != 1:
        yield Problem(table.file, table.line, f"'{table.name}' needs one partition")
    keys = [column for column in columns.values() if "isKey" in column.properties]
    is_calendar = table.properties.get("dataCategory") == "Time"
    if is_calendar and [key.properties.get("dataType") for key in keys] != ["dateTime"]:
        yield Problem(table.file, table.line, f"the date table '{table.name}' needs one key of type dateTime")
    for column in columns.values():
        sorted_by = column.properties.get("sortByColumn")
        if sorted_by and sorted_by not in columns:
            yield Problem(column.file, column.line, f"'{column.name}' is sorted by '{sorted_by}', which is not there")


def _relationship(link: Node, tables: dict[str, Node]) -> Iterator[Problem]:
    types = []
    for table, column in ends(link):
        found = columns_of(tables[table]).get(column) if table in tables else None
        if found is None:
            yield Problem(link.file, link.line, f"names the column '{table}[{column}]', which is not there")
        else:
            types.append(found.properties.get("dataType"))
    if len(set(types)) > 1:
        yield Problem(link.file, link.line, f"relates the type {types[0]} to {types[1]}")


def _ambiguities(links: Sequence[Node]) -> Iterator[Problem]:
    """Find two tables with more than one way for filters to go from the one to the other."""
    steps: dict[str, list[str]] = {}
    for link in links:
        if link.properties.get("isActive") == "false":
            continue
        (many, _), (one, _) = ends(link)
        steps.setdefault(one, []).append(many)
        if link.properties.get("crossFilteringBehavior") == "bothDirections":
            steps.setdefault(many, []).append(one)
    for start in sorted(steps):
        ways = list(_ways(steps, [start]))
        for target, count in sorted(Counter(way[-1] for way in ways).items()):
            if count > 1:
                shown = "; ".join(" > ".join(way) for way in ways if way[-1] == target)
                yield Problem("relationships.tmdl", 0, f"{count} active ways from '{start}' to '{target}': {shown}")


def _ways(steps: dict[str, list[str]], way: list[str]) -> Iterator[list[str]]:
    for following in steps.get(way[-1], []):
        if following not in way:
            yield [*way, following]
            yield from _ways(steps, [*way, following])


def _measures(tables: dict[str, Node]) -> Iterator[Problem]:
    measures = {node.name: node for table in tables.values() for node in table.of("measure")}
    columns = {name: set(columns_of(table)) for name, table in tables.items()}
    called: dict[str, set[str]] = {}
    for name, node in measures.items():
        try:
            references = list(dax_references(node.expression))
        except ValueError as error:
            yield Problem(node.file, node.line, f"measure '{name}': {error}")
            continue
        called[name] = {reference.name for reference in references if not reference.table}
        for reference in references:
            if not _exists(reference, columns, measures):
                shown = f"{reference.table}[{reference.name}]" if reference.name else reference.table
                yield Problem(node.file, node.line, f"measure '{name}' names '{shown}', which is not there")
    for name in sorted(called):
        if name in _reached(called, name):
            yield Problem(measures[name].file, measures[name].line, f"measure '{name}' calls itself")


def _exists(reference: DaxReference, columns: dict[str, set[str]], measures: dict[str, Node]) -> bool:
    if not reference.table:
        return reference.name in measures
    if not reference.name:
        return reference.table in columns
    return reference.name in columns.get(reference.table, set())


def _reached(called: dict[str, set[str]], name: str) -> set[str]:
    found, waiting = set[str](), [name]
    while waiting:
        following = called.get(waiting.pop(), set()) - found
        found |= following
        waiting += following
    return found
