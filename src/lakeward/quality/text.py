"""The quality report as plain text for a terminal or a log: aligned tables, no colour unless asked.

In: a report. Out: text. Everything the page shows is here too, except its charts.
"""

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from lakeward.quality.figures import Figure, written
from lakeward.quality.report import QualityReport
from lakeward.quality.rule import FORMULA, RuleResult

COLOURS = {"fail": "\033[31m", "pass": "\033[32m", "not checked": "\033[2m"}
RESET = "\033[0m"
LONGEST_CELL = 48


def render_text(report: QualityReport, *, colour: bool = False, width: int | None = None) -> str:
    """Write the report for a terminal.

    Args:
        report: what :func:`lakeward.quality.report.quality_report` returned.
        colour: mark passed and failed rules with terminal colours.
        width: columns that sentences are wrapped at; the terminal's own when not given, at most 120.
    """
    width = min(width or shutil.get_terminal_size((100, 24)).columns, 120)
    blocks = [_heading(report, width), _rules(report, colour)]
    blocks += [_figure(figure, width) for figure in report.figures]
    return "\n\n".join(block for block in blocks if block) + "\n"


def aligned(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool]) -> str:
    """Align cells in columns, two blanks apart; ``right`` says which columns are flush right."""
    table = [header, *([*(_shortened(cell) for cell in row[:-1]), _printable(row[-1])] for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    lines = [
        "  ".join(
            cell.rjust(size) if flush else cell.ljust(size)
            for cell, size, flush in zip(row, widths, right, strict=True)
        )
        for row in table
    ]
    rule = "  ".join("-" * size for size in widths)
    return "\n".join("  " + line.rstrip() for line in (lines[0], rule, *lines[1:]))


def _printable(cell: str) -> str:
    # A published name may hold anything; a terminal must not be steered by it.
    return "".join(letter if letter.isprintable() else "�" for letter in cell)


def _shortened(cell: str) -> str:
    cell = _printable(cell)
    return cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…"


def _heading(report: QualityReport, width: int) -> str:
    score = report.score
    value = "not scored: nothing to check" if score.value is None else f"{score.value} of 100"
    snapshot = "" if report.snapshot is None else f", snapshot {report.snapshot}"
    lines = [
        f"Data quality report{snapshot}",
        f"Score: {value}",
        f"  {FORMULA}",
        f"  failed: {_counted(score.errors, 'error rule')}, {_counted(score.warnings, 'warning rule')}",
        *(textwrap.fill(note, width) for note in report.notes),
    ]
    return "\n".join(lines)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _rules(report: QualityReport, colour: bool) -> str:
    passed = [rule for rule in report.rules if rule.status == "pass"]
    unchecked = [rule for rule in report.rules if rule.status == "not checked"]
    table = aligned(
        ("Status", "Rule", "Severity", "Checked", "Failing", "Share", "Costs", "What"),
        [_rule_cells(rule) for rule in (*report.failed, *passed, *unchecked)],
        (False, False, False, True, True, True, True, False),
    )
    return "Rules\n" + (_coloured(table) if colour else table)


def _rule_cells(rule: RuleResult) -> tuple[str, ...]:
    record = rule.as_dict()
    return (
        rule.status,
        rule.rule_id,
        rule.severity,
        written(rule.checked, "count"),
        written(rule.failing, "count") if rule.checked is not None else "–",
        written(record["failing_share"], "share"),
        str(rule.cost) if rule.cost else "",
        rule.what,
    )


def _coloured(table: str) -> str:
    lines = []
    for line in table.splitlines():
        mark = next((code for status, code in COLOURS.items() if line.startswith(f"  {status} ")), None)
        lines.append(f"{mark}{line}{RESET}" if mark else line)
    return "\n".join(lines)


def _figure(figure: Figure, width: int) -> str:
    rows = [[written(row.get(column.name), column.kind) for column in figure.columns] for row in figure.rows]
    right = [column.kind not in ("text", "status") for column in figure.columns]
    table = aligned([column.label for column in figure.columns], rows, right) if rows else "  none"
    origin = "; ".join(
        f"{source.table} ({source.grain}; {source.publisher}; {source.releases})" for source in figure.sources
    )
    return "\n".join(
        (
            f"{figure.section}: {figure.title}",
            textwrap.fill(figure.explanation, width, initial_indent="  ", subsequent_indent="  "),
            table,
            textwrap.fill(f"From {origin}.", width, initial_indent="  ", subsequent_indent="  "),
        )
    )
