"""Columns become rows of the bronze datasets of one price file, with where they came from."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from lakeward.sources.landing import Landing
from lakeward.sources.mrf.columns import Numbers, number_array, repeated_text
from lakeward.sources.mrf.schemas import DATASETS, HARDLY_REPEATED


class BronzeTables:
    """Writes columns to the datasets of one file; every dataset has a file, if only an empty one."""

    def __init__(self, landing: Landing) -> None:
        self._file_id = landing.file_id
        self._writers = {name: landing.writer(name, schema, HARDLY_REPEATED) for name, schema in DATASETS.items()}

    def write(self, dataset: str, columns: Mapping[str, Any], records: Numbers) -> None:
        """Append rows.

        Args:
            dataset: a name of ``DATASETS``.
            columns: Arrow or NumPy arrays, one a column but for the two of provenance.
            records: the 1-based ordinals of the records in the file.
        """
        if not len(records):
            return
        schema = DATASETS[dataset]
        values = [columns[name] for name in schema.names[2:]]
        arrays = [value if isinstance(value, pa.Array) else number_array(value) for value in values]
        provenance = [repeated_text(self._file_id, len(records)), number_array(records)]
        self._writers[dataset].write(pa.RecordBatch.from_arrays([*provenance, *arrays], schema=schema))

    def rows(self, dataset: str) -> int:
        """Return how many rows were written to a dataset so far."""
        return self._writers[dataset].rows
