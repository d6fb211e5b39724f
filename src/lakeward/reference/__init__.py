"""The reference pages of the documentation, written from the code they describe, so that they cannot fall behind it.

In: the command line, the dbt project, the settings and the errors. Out: the Markdown of each page, the same for the
same code. ``python -m lakeward.reference docs/reference`` writes them; a test compares them with what is committed.
"""

from lakeward.reference.commands import commands_page
from lakeward.reference.configuration import configuration_page
from lakeward.reference.exit_codes import exit_codes_page
from lakeward.reference.lint_rules import lint_rules_page
from lakeward.reference.tables import tables_page

NOTICE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->"

__all__ = ["NOTICE", "reference_pages"]


def reference_pages() -> dict[str, str]:
    """Return the Markdown of every reference page by its file name."""
    pages = {
        "commands.md": commands_page(),
        "configuration.md": configuration_page(),
        "exit-codes.md": exit_codes_page(),
        "lint-rules.md": lint_rules_page(),
        "tables.md": tables_page(),
    }
    return {name: f"{NOTICE}\n\n{text}" for name, text in pages.items()}
