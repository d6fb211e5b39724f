"""Partition projection: partitions that Athena computes from table properties instead of looking them up.

In: the keys of a table and the values that its partitions have. Out: the table properties, or why there can be none.

Athena then asks for every combination of the values, ignores what the catalogue has, and answers nothing at all,
without an error, for a value that the properties lack. So they are made from the data, for all keys or for none.

Source: Athena User Guide, "Partition projection" and "Supported types for partition projection":
https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

import math
import re
from collections.abc import Sequence

PartitionValues = Sequence[tuple[str | None, ...]]

LARGEST_PROJECTION_BYTES = 1_000_000
"""Athena reads at most about this much of a table's properties."""
LARGEST_PROPERTY_BYTES = 512_000
"""Of one value of a table's properties in Glue."""
NUMBERS = {"year": 4, "month": 2}
"""Keys that are projected as whole numbers, with their digits: without those, August would be sought as ``month=8``."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def projection_obstacle(keys: Sequence[str], partitions: PartitionValues) -> str:
    """Return why partitions cannot be projected, in words; nothing when they can.

    Args:
        keys: the partition columns.
        partitions: the values of each partition, in the order of the keys.
    """
    if not partitions:
        return "the table has no partitions"
    for key, values in zip(keys, zip(*partitions, strict=True), strict=True):
        if None in values:
            return f"'{key}' is null in some partitions, and a projection has no null"
        odd = sorted({value for value in values if value is not None and not _PLAIN.fullmatch(value)})
        if odd:
            return f"'{key}' has values that a list of values or a path would change, such as '{odd[0]}'"
    properties = projection_properties(keys, partitions, "")
    if max(len(value.encode()) for value in properties.values()) > LARGEST_PROPERTY_BYTES:
        return f"the values of one key take more than {LARGEST_PROPERTY_BYTES:,} bytes"
    if sum(len(name.encode()) + len(value.encode()) for name, value in properties.items()) > LARGEST_PROJECTION_BYTES:
        return f"the values of the keys take more than {LARGEST_PROJECTION_BYTES:,} bytes"
    combinations = math.prod(_width(key, _values(partitions, position)) for position, key in enumerate(keys))
    if combinations > 2 * len(partitions):
        return (
            f"{len(partitions):,} of {combinations:,} combinations have data; with less than half, look-ups are faster"
        )
    return ""


def projection_properties(keys: Sequence[str], partitions: PartitionValues, location: str) -> dict[str, str]:
    """Return the table properties of a projection.

    Args:
        keys: the partition columns; every one gets a definition.
        partitions: the values of each partition, none of them null.
        location: the folder above those of the keys; ends with ``/``.
    """
    properties = {"projection.enabled": "true"}
    for position, key in enumerate(keys):
        values = _values(partitions, position)
        if _is_number(key, values):
            properties |= {
                f"projection.{key}.type": "integer",
                f"projection.{key}.range": f"{int(values[0])},{int(values[-1])}",
                f"projection.{key}.digits": str(NUMBERS[key]),
            }
        else:
            properties |= {f"projection.{key}.type": "enum", f"projection.{key}.values": ",".join(values)}
    folders = "/".join(f"{key}=${{{key}}}" for key in keys)
    return properties | {"storage.location.template": f"{location}{folders}/"}


def _values(partitions: PartitionValues, position: int) -> list[str]:
    return sorted({values[position] or "" for values in partitions})


def _is_number(key: str, values: Sequence[str]) -> bool:
    digits = NUMBERS.get(key)
    return digits is not None and all(re.fullmatch(f"[0-9]{{{digits}}}", value) for value in values)


def _width(key: str, values: Sequence[str]) -> int:
    return int(values[-1]) - int(values[0]) + 1 if _is_number(key, values) else len(values)
