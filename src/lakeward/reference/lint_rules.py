"""The page of the linter's rules, from the rules themselves."""

from collections.abc import Iterator

from lakeward.aws.lint import Rule, all_rules
from lakeward.reference.markdown import code, joined, table

LETTERS = {
    "A": "Mistakes of the original documents",
    "B": "Buckets",
    "D": "Definitions of tables",
    "G": "Crawlers and workgroups",
    "I": "Access",
    "L": "Lifecycle",
    "M": "Metrics and alarms",
    "P": "Partition projection",
}
TEXT = (
    "`lakeward aws lint FILE…` reads SQL, templates and other YAML or JSON of AWS, policies, lists of paths (as "
    "`aws s3 ls --recursive` prints them, or drawn as a tree), Python and Markdown with any of these in its blocks. "
    "Files are checked together: the paths of one are compared with the table of another. Without a file it checks "
    "what this lake would deploy: the template, the tables with added and with projected partitions, views and saved "
    "queries. Nothing is run and nobody is asked."
)
EXIT = (
    "It exits 1 when a rule of severity `error` finds something: that fails in AWS, gives wrong answers without an "
    "error, or opens data. A `warning` costs money or time, or can be meant."
)
NOT_SEEN = (
    "Of the numbered mistakes of the original documents, the ids that are missing here cannot be seen in such files: "
    "A18 to A29, A32 and A33 are mistakes of the program that makes the rows, A30 is one of a source, not of the table "
    "(`enumeration_type` is `NPI-1` or `NPI-2` here), and A42 is none here, where `MEMORY_LIMIT_MB` is obeyed."
)


def lint_rules_page() -> str:
    """Return the page of the linter's rules."""
    return joined(["# Rules of `lakeward aws lint`", TEXT, EXIT, *_groups(), "## What is not seen", NOT_SEEN])


def _groups() -> Iterator[str]:
    rules = all_rules()
    for letter, title in LETTERS.items():
        own = [rule for rule in rules if rule.rule_id.startswith(f"LW-{letter}")]
        yield f"## {title}"
        yield table(("rule", "severity", "the mistake"), [(_link(r), r.severity, r.title) for r in own])
        yield from (_entry(rule) for rule in own)


def _link(rule: Rule) -> str:
    return f"[{rule.rule_id}](#{rule.rule_id.lower()})"


def _entry(rule: Rule) -> str:
    return (
        f"### {rule.rule_id}\n\n{rule.title} ({code(rule.severity)}).\n\n"
        f"Why: {rule.why}\n\nInstead: {rule.fix}\n\nSource: <{rule.source}>"
    )
