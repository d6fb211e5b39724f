"""The conservation ledger: one row a step and slice, and the rule that says whether it balances.

In: counts, distinct keys and money on both sides of a step. Out: :class:`LedgerRow`, kept with the run's record.
A step balances when every row that came in went out, was quarantined, or was merged with an identical one; when no key
was lost; and when the money agrees to the cent. Money is the control total of the amounts in their published units.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from lakeward.errors import DataCheckFailed

CENT = Decimal("0.01")


@dataclass(frozen=True)
class LedgerRow:
    """What went into one step for one slice, and what came out.

    ``rows_exploded`` is the named multiplicity of a step that explodes a list: rows added, so that
    ``rows_in + rows_exploded = rows_out + rows_quarantined + rows_merged``. ``keys_…`` count distinct keys and
    ``money_…`` are control totals in US dollars (or the published unit); both are ``None`` where a step has none.
    """

    step: str
    slice: str
    table: str
    rows_in: int
    rows_out: int
    rows_quarantined: int = 0
    rows_exploded: int = 0
    rows_merged: int = 0
    keys_in: int | None = None
    keys_out: int | None = None
    money_in: Decimal | None = None
    money_out: Decimal | None = None
    money_quarantined: Decimal | None = None
    peak_rss_bytes: int | None = None
    seconds: float | None = None
    run_id: str = ""

    @property
    def balanced(self) -> bool:
        """Whether rows, keys and money agree on both sides."""
        rows = self.rows_in + self.rows_exploded == self.rows_out + self.rows_quarantined + self.rows_merged
        keys = self.keys_in is None or self.keys_out is None or self.keys_in == self.keys_out
        return rows and keys and self._money_difference < CENT

    @property
    def _money_difference(self) -> Decimal:
        if self.money_in is None or self.money_out is None:
            return Decimal(0)
        return abs(self.money_in - self.money_out - (self.money_quarantined or Decimal(0)))

    def as_record(self) -> dict[str, Any]:
        """Return the row as plain values in the contract's order; money as text, so that no cent is lost."""
        values = asdict(self) | {"balanced": self.balanced}
        return {name: str(value) if isinstance(value := values[name], Decimal) else value for name in LEDGER_COLUMNS}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "LedgerRow":
        """Read a row that :meth:`as_record` wrote."""
        values = {name: value for name, value in record.items() if name in cls.__dataclass_fields__}
        for name in ("money_in", "money_out", "money_quarantined"):
            if values.get(name) is not None:
                values[name] = Decimal(str(values[name]))
        return cls(**values)


LEDGER_COLUMNS = (
    "run_id", "step", "slice", "table", "rows_in", "rows_out", "rows_quarantined", "rows_exploded", "rows_merged",
    "keys_in", "keys_out", "money_in", "money_out", "money_quarantined", "balanced", "peak_rss_bytes", "seconds",
)  # fmt: skip


def require_balance(rows: Iterable[LedgerRow]) -> None:
    """Fail when a step does not balance.

    Raises:
        DataCheckFailed: names each step, slice and table, with the counts on both sides.
    """
    wrong = [row for row in rows if not row.balanced]
    if not wrong:
        return
    lines = "\n".join(
        f"  {row.step} {row.slice} {row.table}: rows {row.rows_in:,} in + {row.rows_exploded:,} exploded, "
        f"{row.rows_out:,} out + {row.rows_quarantined:,} quarantined + {row.rows_merged:,} merged; "
        f"keys {row.keys_in} in, {row.keys_out} out; money {row.money_in} in, {row.money_out} out "
        f"+ {row.money_quarantined or 0} quarantined"
        for row in wrong
    )
    raise DataCheckFailed(
        f"The ledger does not balance: {len(wrong)} step(s) lost or multiplied rows, keys or money.\n{lines}\n"
        "Nothing was published. `lakeward ledger` shows every step of the last good run."
    )
