"""Which layout to take, and why: the candidates compared by their bill and by what makes it.

In: advice for each candidate, prices and usage. Out: :class:`Choice`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakeward.aws.bill import Bill, Usage, layout_bill
from lakeward.aws.prices import Prices
from lakeward.publish.layout_advice import LayoutAdvice
from lakeward.sizes import format_size

SMALL_OBJECT_BYTES = 128 * 1024
"""Below this an object is billed as this size in the infrequent classes, and is never moved by tiering."""
NOTICED_USD = 1.0
"""Bills that differ by less in a month are alike: not worth a rewrite."""


@dataclass(frozen=True)
class Choice:
    """The recommended layout with its reasons, and the bill of every candidate in their order."""

    recommended: LayoutAdvice
    reasons: tuple[str, ...]
    bills: tuple[Bill, ...]


def choose_layout(candidates: Sequence[LayoutAdvice], prices: Prices, usage: Usage) -> Choice:
    """Recommend the lowest bill; of bills within a dollar, the layout that stands, or that with the fewest requests."""
    bills = [layout_bill(candidate, prices, usage) for candidate in candidates]
    lowest = min(bill.usd for bill in bills)
    alike = [c for c, bill in zip(candidates, bills, strict=True) if bill.usd < lowest + NOTICED_USD]
    best = min(alike, key=lambda candidate: (not candidate.stands, _requests(candidate), candidate.files))
    bill = bills[list(candidates).index(best)]
    reasons = [f"{best.name} costs ${bill.usd:,.2f} a month"]
    for other, other_bill in zip(candidates, bills, strict=True):
        if other is not best:
            reasons.append(_against(best, other, other_bill.usd - bill.usd))
    small = best.smaller_than(SMALL_OBJECT_BYTES)
    if small:
        reasons.append(f"{small:,} of its {best.files:,} files are still smaller than 128 KB: the table is small")
    if all(query.bytes <= prices.athena.minimum_bytes for query in best.queries):
        minimum = format_size(prices.athena.minimum_bytes)
        reasons.append(
            f"each query reads less than the {minimum} that Athena bills at least: scanning costs the least it can"
        )
    if best.stands:
        reasons.append("the table stands in it already")
    return Choice(best, tuple(reasons), tuple(bills))


def _against(best: LayoutAdvice, other: LayoutAdvice, dearer: float) -> str:
    """Compare two candidates in the figures in which they differ by a tenth or more."""
    figures: list[tuple[str, Callable[[LayoutAdvice], float], Callable[[float], str]]] = [
        ("files", lambda a: a.files, lambda n: f"{n:,.0f}"),
        ("kept", lambda a: a.bytes, format_size),
        ("read by the example queries", lambda a: sum(q.bytes for q in a.queries), format_size),
        ("requests by them", _requests, lambda n: f"{n:,.0f}"),
    ]
    told = [
        f"{shown(of(best))} {name} instead of {shown(of(other))}"
        for name, of, shown in figures
        if abs(of(best) - of(other)) > max(of(best), of(other)) / 10
    ]
    price = f"${abs(dearer):,.2f} a month {'less' if dearer >= 0 else 'more'} than {other.name}"
    if abs(dearer) < NOTICED_USD:
        price += ", which is not worth a rewrite" if best.stands else ", which is alike"
    return f"{price}: {', '.join(told)}" if told else f"{price}, and alike in the rest"


def _requests(advice: LayoutAdvice) -> int:
    return sum(query.requests + query.listings for query in advice.queries)
