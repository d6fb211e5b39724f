"""Partitions: the one specification of keys, folder names and file names.

In: values of the partition columns. Out: a folder such as ``payer_slug=evry-health/state=TX``, and back. Writer,
reader, table definitions and documentation ask a :class:`PartitionSpec`; nothing else builds such a path.

Names are escaped as Hive, Spark and Trino escape them: control characters and ``"#%'*/:=?\\{[]^`` and DEL become
``%XX`` with upper-case hex; space, comma, ``&``, ``+`` and ``}`` stay. Null and the empty text are one partition,
``__HIVE_DEFAULT_PARTITION__``, which is read as null.

Source: Hive ``FileUtils.escapePathName``, Spark ``ExternalCatalogUtils``, Trino ``Partitions``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lakeward.errors import DataCheckFailed

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
ESCAPED = frozenset("\"#%'*/:=?\\{[]^\x7f") | {chr(code) for code in range(0x20)}
DERIVED_COLUMNS = {"year": "substr(year_month, 1, 4)", "month": "substr(year_month, 6, 2)"}
"""Partition columns that a table need not have: how they are made from ``year_month``."""

_TO_ESCAPE = re.compile("[" + "".join(re.escape(character) for character in sorted(ESCAPED)) + "]")
_ESCAPE_SEQUENCE = re.compile("%([0-9A-Fa-f]{2})")


def escape(value: str | None) -> str:
    """Return a partition value as it stands in a path.

    Raises:
        DataCheckFailed: the value is the very name that stands for null.
    """
    if value is None or value == "":
        return NULL_PARTITION
    if value == NULL_PARTITION:
        raise DataCheckFailed(
            f"A partition value is '{NULL_PARTITION}', which means null in a path. Nothing was written."
        )
    return _TO_ESCAPE.sub(lambda match: f"%{ord(match[0]):02X}", value)


def unescape(name: str) -> str | None:
    """Return the partition value that a path says; any ``%XX`` is decoded, whoever wrote it."""
    if name == NULL_PARTITION:
        return None
    return _ESCAPE_SEQUENCE.sub(lambda match: chr(int(match[1], 16)), name)


@dataclass(frozen=True)
class PartitionSpec:
    """How a table's files are spread over folders.

    Args:
        keys: the partition columns, outermost first. They are in the path, not in the files, and are text.
        file_name: the name of the one file of each folder; when not given, files are named by their content.
    """

    keys: tuple[str, ...] = ()
    file_name: str | None = None

    def folder(self, values: Mapping[str, str | None]) -> str:
        """Return the folder of a partition, relative to the table; empty when there are no keys.

        Args:
            values: the value of each key; others are ignored.
        """
        return "/".join(f"{key}={escape(values[key])}" for key in self.keys)

    def values(self, path: str) -> dict[str, str | None]:
        """Return the partition values that a path says.

        Raises:
            ValueError: the path lacks a key, or has the keys in another order.
        """
        parts = [part.partition("=") for part in path.split("/") if "=" in part]
        found = {key: unescape(value) for key, _, value in parts if key in self.keys}
        if tuple(found) != self.keys:
            raise ValueError(f"'{path}' is not partitioned by {', '.join(self.keys) or 'nothing'}")
        return found

    def expressions(self, columns: set[str]) -> dict[str, str]:
        """Return the SQL that gives each key as text, from a table with these columns."""
        return {key: self._expression(key, columns) for key in self.keys}

    def _expression(self, key: str, columns: set[str]) -> str:
        source = f'"{key}"' if key in columns else DERIVED_COLUMNS[key]
        return f"nullif(cast({source} as varchar), '')"

    def missing(self, columns: set[str]) -> list[str]:
        """Return the keys that a table with these columns has not, and that cannot be made from them."""
        can_derive = "year_month" in columns
        return [key for key in self.keys if key not in columns and not (can_derive and key in DERIVED_COLUMNS)]
