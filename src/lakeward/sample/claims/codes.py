"""The ICD-9 codes of the made-up claims: real codes, drawn for each claim.

In: the serials of claims. Out: columns of codes. Four in five codes of the second and later procedure slots are
diagnoses, as in the real files (five characters here, so that none is by chance a procedure too), and some diagnoses
are not in the code list, because they were split after 2010.
"""

from functools import cache

import numpy as np
import pyarrow as pa

from lakeward.sample.claims.layout import texts
from lakeward.sample.draws import Integers, Mask, Serials, Weighted, below, happens
from lakeward.sample.facts import Row, table

_DIAGNOSIS_FILL = (9996, 9931, 9818, 9595, 9240, 8750, 8156, 7488, 6751, 818)
_PROCEDURE_FILL = (5732, 3408, 2168, 1405, 966, 693)
"""How many of ten thousand first segments have a code in slot 1, 2, …"""

_NO_ADMITTING = 80
_DIAGNOSIS_AS_PROCEDURE = 8000
_BLANK = -1


@cache
def _rows(code_type: str) -> tuple[Row, ...]:
    return tuple(row for row in table("icd9") if row["code_type"] == code_type)


@cache
def _chances(code_type: str) -> Weighted:
    return Weighted.of([int(row["made_up_frequency"]) for row in _rows(code_type)])


@cache
def _codes() -> tuple[str, ...]:
    """Diagnoses, then procedures."""
    return tuple(row["code"] for kind in ("diagnosis", "procedure") for row in _rows(kind))


def _drawn(code_type: str, purpose: str, serials: Serials) -> Integers:
    offset = 0 if code_type == "diagnosis" else len(_rows("diagnosis"))
    return offset + _chances(code_type).draw(purpose, serials)


@cache
def _long_diagnoses() -> Weighted:
    return Weighted.of([int(row["made_up_frequency"]) * (len(row["code"]) == 5) for row in _rows("diagnosis")])


def admitting(serials: Serials, blank: Mask) -> pa.Array:
    """Return the admitting diagnosis of each claim."""
    empty = blank | happens(_NO_ADMITTING, "no admitting", serials)
    return texts(_codes(), np.where(empty, _BLANK, _drawn("diagnosis", "admitting", serials)))


def diagnoses(serials: Serials, blank: Mask) -> list[pa.Array]:
    """Return the ten diagnosis columns, filled from the first on."""
    filled = below(10_000, "diagnoses", serials)
    columns = []
    for slot, share in enumerate(_DIAGNOSIS_FILL):
        code = _drawn("diagnosis", f"diagnosis {slot}", serials)
        columns.append(texts(_codes(), np.where(blank | (filled >= share), _BLANK, code)))
    return columns


def procedures(serials: Serials, blank: Mask) -> list[pa.Array]:
    """Return the six procedure columns, filled from the first on."""
    filled = below(10_000, "procedures", serials)
    columns = []
    for slot, share in enumerate(_PROCEDURE_FILL):
        code = _drawn("procedure", f"procedure {slot}", serials)
        if slot > 0:
            is_diagnosis = happens(_DIAGNOSIS_AS_PROCEDURE, f"diagnosis as procedure {slot}", serials)
            code = np.where(is_diagnosis, _long_diagnoses().draw(f"long diagnosis {slot}", serials), code)
        columns.append(texts(_codes(), np.where(blank | (filled >= share), _BLANK, code)))
    return columns
