"""The flat pair: a rates and a providers Parquet file, the inputs of the original rates system, become bronze rows.

In: one file of the pair, told apart by its columns. Out: ``flat_rates/rate`` or ``flat_rates/provider``, as published:
ids as text, lists as lists. Columns that a file lacks are null.

Hazards: ids are integers in one file and text in the next; ``service_codes`` is a list, JSON text, the text of a Python
list, or codes with commas between them.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakeward.errors import SourceUnreadable
from lakeward.sources.landing import PROVENANCE_FIELDS, Extracted, Landing

BATCH_ROWS = 50_000
LIST_COLUMNS = ("service_codes", "billing_code_modifier")
RATE_COLUMNS = (
    *("last_updated_on", "reporting_entity_name", "reporting_entity_type", "version", "billing_class"),
    *("billing_code_type", "billing_code", "service_codes", "negotiated_type", "negotiation_arrangement"),
    *("negotiated_rate", "expiration_date", "description", "name", "provider_reference_id", "provider_group_id"),
    "billing_code_modifier",
)
PROVIDER_COLUMNS = (
    *("provider_group_id", "npi", "tin_type", "tin_value", "reporting_entity_name", "reporting_entity_type"),
    *("last_updated_on", "version", "network_id", "location"),
)
_NEEDED = {"rate": {"negotiated_rate", "billing_code"}, "provider": {"provider_group_id", "npi"}}
_OTHER_NAMES = {"service_codes": "service_code", "billing_code_modifier": "billing_code_modifiers"}
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s,'"\[\]()]+)""")
_MISSING_WORDS = frozenset({"", "none", "null", "nan"})


def _kind(name: str) -> pa.DataType:
    if name in LIST_COLUMNS:
        return pa.list_(pa.string())
    return pa.float64() if name == "negotiated_rate" else pa.string()


DATASETS: dict[str, pa.Schema] = {
    dataset: pa.schema(
        [*PROVENANCE_FIELDS, pa.field("pair_id", pa.string()), *(pa.field(name, _kind(name)) for name in columns)]
    )
    for dataset, columns in (("rate", RATE_COLUMNS), ("provider", PROVIDER_COLUMNS))
}


def extract(path: Path, landing: Landing, *, pair_id: str) -> Extracted:
    """Land one file of a flat pair. Reads the file once.

    Args:
        path: Parquet with at least ``negotiated_rate`` and ``billing_code``, or ``provider_group_id`` and ``npi``.
        landing: takes the rows.
        pair_id: what both files of a pair share: the file id of the rates file.

    Returns:
        Rows in and out, the sum of the rates in and out for a rates file, and how many columns were left out.

    Raises:
        SourceUnreadable: no Parquet file, or one with other columns.
    """
    try:
        parquet = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnreadable(path, "a whole Parquet file", f"something else ({error})", "Check the path.") from error
    with parquet:
        dataset = _dataset(path, set(parquet.schema_arrow.names))
        try:
            return _land(parquet, dataset, landing, pair_id)
        except (pa.ArrowInvalid, OSError) as error:
            raise SourceUnreadable(path, "whole Parquet pages", f"damage ({error})", "Fetch the file again.") from error


def _dataset(path: Path, columns: set[str]) -> str:
    for dataset, needed in _NEEDED.items():
        if needed <= columns:
            return dataset
    raise SourceUnreadable(
        path,
        "columns of a rates file (negotiated_rate, billing_code) or a providers file (provider_group_id, npi)",
        ", ".join(sorted(columns)[:12]) or "no columns",
        "Give the rates file as `rates:` and the providers file as `providers:`.",
    )


def _land(parquet: pq.ParquetFile, dataset: str, landing: Landing, pair_id: str) -> Extracted:
    schema = DATASETS[dataset]
    writer = landing.writer(dataset, schema)
    rows, money_in, money_out = 0, Decimal(0), Decimal(0)
    for batch in parquet.iter_batches(BATCH_ROWS):
        columns = [_column(batch, field) for field in list(schema)[3:]]
        records = np.arange(rows + 1, rows + batch.num_rows + 1)
        identity = [pa.repeat(text, batch.num_rows) for text in (landing.file_id, pair_id)]
        landed = pa.RecordBatch.from_arrays([identity[0], pa.array(records), identity[1], *columns], schema=schema)
        writer.write(landed)
        rows += batch.num_rows
        if dataset == "rate":
            money_in += _sum(batch.column("negotiated_rate"))
            money_out += _sum(landed.column("negotiated_rate"))
    has_money = dataset == "rate"
    return Extracted(
        rows_in=parquet.metadata.num_rows,
        rows_out=writer.rows,
        money_in=money_in if has_money else None,
        money_out=money_out if has_money else None,
        notes={
            "columns_left_out": len(set(parquet.schema_arrow.names) - set(schema.names) - set(_OTHER_NAMES.values()))
        },
    )


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    name = field.name if field.name in batch.schema.names else _OTHER_NAMES.get(field.name)
    if name is None or name not in batch.schema.names:
        return pa.nulls(batch.num_rows, field.type)
    values = batch.column(name)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if field.name in LIST_COLUMNS:
        return _each_distinct(values, parsed_list, field.type)
    if field.type == pa.float64():
        return _each_distinct(values, _number, field.type) if _is_text(values.type) else values.cast(pa.float64())
    return values.cast(pa.string()) if _is_text(values.type) else _each_distinct(values, _text, field.type)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _each_distinct(values: pa.Array, convert: Callable[[Any], Any], kind: pa.DataType) -> pa.Array:
    """Convert each distinct value once; lists, which Arrow does not encode, one by one."""
    if pa.types.is_nested(values.type):
        return pa.array([convert(value) for value in values.to_pylist()], kind)
    encoded = values.dictionary_encode()
    distinct = pa.array([convert(value) for value in encoded.dictionary.to_pylist()], kind)
    return distinct.take(encoded.indices)


def parsed_list(value: Any) -> list[str] | None:
    """Return the texts of a list that is published as a list, JSON, Python or comma text; null stays null.

    Example:
        >>> parsed_list("['02', '05']"), parsed_list("11,12"), parsed_list("[]")
        (['02', '05'], ['11', '12'], [])
    """
    if value is None:
        return None
    if not isinstance(value, str):
        found = [_text(element) for element in (value if isinstance(value, list) else [value])]
        return [text for text in found if text is not None]
    stripped = value.strip()
    if stripped.lower() in _MISSING_WORDS:
        return None
    try:
        return parsed_list(msgspec.json.decode(stripped, type=list))
    except msgspec.DecodeError:
        words = ["".join(match) for match in _QUOTED.findall(stripped)]
    return [word for word in words if word.lower() not in _MISSING_WORDS]


def _text(value: Any) -> str | None:
    """Return the text of an id or a date; a whole number in a floating column has no decimals."""
    if value is None or value != value:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def _sum(values: pa.Array) -> Decimal:
    """Return the sum of amounts, each as its shortest text says, counting distinct amounts once."""
    if _is_text(values.type):
        values = _each_distinct(values, _number, pa.float64())
    counts = pc.value_counts(pc.drop_null(values.cast(pa.float64())))
    pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
    return sum((Decimal(repr(amount)) * count for amount, count in pairs if np.isfinite(amount)), Decimal(0))
