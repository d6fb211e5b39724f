"""A month's bill, line by line, and what it follows from.

In: a layout's files and queries, prices, and how the table is used. Out: :class:`Bill`. What is not known, such as how
often somebody asks, is an assumption in :class:`Usage` and is printed with the bill.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakeward.aws.prices import GB, STANDARD, Prices
from lakeward.publish.layout_advice import LayoutAdvice
from lakeward.publish.scan_estimate import ScanEstimate
from lakeward.sizes import format_size

REQUESTS = 1_000


@dataclass(frozen=True)
class Usage:
    """How the lake is used in a month.

    ``queries`` are asked in all, as many of each example query. ``rewrites`` is how often every published file is
    written anew: once, when each month brings a release of everything. ``audited`` is whether CloudTrail logs the
    requests for objects, which the template leaves to its environment.
    """

    queries: int = 1_000
    rewrites: float = 1
    storage_class: str = STANDARD
    audited: bool = True

    def assumptions(self, prices: Prices) -> list[str]:
        """Say what the bill takes for granted."""
        return [
            f"{self.queries:,} queries a month, each example query as often as the others; no result is reused",
            f"every published file is written {self.rewrites:g} times a month",
            f"objects in {self.storage_class}; list prices of {prices.region}, table of {prices.as_of}",
            "GETs and bytes as Trino reads by default: a file of up to 3 MiB whole, otherwise footer and column ranges",
            "one listing and one manifest for each folder that a query cannot rule out, as `lakeward aws ddl` has it",
            "CloudTrail logs each request for an object" if self.audited else "requests for objects are not logged",
            "no free tier but Glue's, no discount, no transfer out of the region, no tax",
        ]


@dataclass(frozen=True)
class Line:
    """One line: what, how much of it, and what it costs in US dollars."""

    item: str
    quantity: str
    usd: float


@dataclass(frozen=True)
class Bill:
    """The lines of a month."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """What the month costs."""
        return sum(line.usd for line in self.lines)


def layout_bill(advice: LayoutAdvice, prices: Prices, usage: Usage) -> Bill:
    """Return what ``fact_rate_enriched`` costs in a layout."""
    lines = [
        *storage_lines("storage", advice.file_bytes, prices, usage),
        *writing_lines(advice.files + advice.partitions, prices, usage),
        *query_lines(advice.queries, prices, usage),
        glue_line(advice.partitions, prices),
    ]
    return Bill(tuple(line for line in lines if line.usd > 0 or line.item == "storage"))


def storage_lines(item: str, sizes: Sequence[int], prices: Prices, usage: Usage) -> list[Line]:
    """Return what objects of these sizes cost to keep."""
    price = prices.storage_class(usage.storage_class)
    billed = sum(price.billed_bytes(size) for size in sizes)
    monitored = sum(price.is_monitored(size) for size in sizes)
    text = f"{format_size(billed)} in {len(sizes):,} objects"
    if billed != sum(sizes):
        text += f", billed instead of {format_size(sum(sizes))}"
    lines = [Line(item, text, billed / GB * price.gb_month)]
    if monitored:
        lines.append(Line(f"{item}: monitoring", f"{monitored:,} objects", monitored * price.monitoring / REQUESTS))
    return lines


def writing_lines(objects: int, prices: Prices, usage: Usage) -> list[Line]:
    """Return what writing every file, and the manifest of every folder, costs."""
    puts = objects * usage.rewrites
    price = prices.storage_class(usage.storage_class)
    lines = [Line("writing: PUT requests", f"{puts:,.0f}", puts * price.put / REQUESTS)]
    return [*lines, *_audit_lines("writing", puts, prices, usage)]


def query_lines(queries: Sequence[ScanEstimate], prices: Prices, usage: Usage) -> list[Line]:
    """Return what asking the example queries costs."""
    if not queries:
        return []
    times = usage.queries / len(queries)
    price = prices.storage_class(usage.storage_class)
    scanned = sum(prices.athena.billed_bytes(query.bytes) for query in queries) * times
    usd = sum(prices.athena.usd(query.bytes) for query in queries) * times
    # A folder of the catalogue holds a manifest, which names the files of the commit.
    gets = sum(query.requests + query.partitions for query in queries) * times
    listings = sum(query.listings for query in queries) * times
    read = sum(query.bytes for query in queries) * times
    lines = [
        Line("queries: Athena", f"{format_size(scanned)} billed for {format_size(read)} read", usd),
        Line("queries: GET requests", f"{gets:,.0f}", gets * price.get / REQUESTS),
        Line("queries: LIST requests", f"{listings:,.0f}", listings * price.put / REQUESTS),
    ]
    if price.retrieval:
        lines.append(Line("queries: retrieval", format_size(read), read / GB * price.retrieval))
    return [*lines, *_audit_lines("queries", gets + listings, prices, usage)]


def glue_line(partitions: int, prices: Prices) -> Line:
    """Return what the catalogue costs."""
    price = prices.others.glue_object_month
    return Line("catalogue: Glue partitions", f"{partitions:,}, first {price.free:,} free", price.of(partitions))


def compare_classes(sizes: Iterable[int], prices: Prices) -> list[Line]:
    """Return what keeping objects of these sizes costs in each storage class, reading them not counted."""
    objects = list(sizes)
    found = []
    for name, price in prices.storage.items():
        billed = sum(price.billed_bytes(size) for size in objects)
        monitored = sum(price.is_monitored(size) for size in objects)
        usd = billed / GB * price.gb_month + monitored * price.monitoring / REQUESTS
        notes = [f"{format_size(billed)} billed"]
        if monitored < len(objects) and price.monitoring:
            notes.append(f"{len(objects) - monitored:,} objects below 128 KB never move to a cheaper tier")
        if price.retrieval:
            notes.append(f"and ${price.retrieval:g} a GB read")
        if price.minimum_days:
            notes.append(f"at least {price.minimum_days} days")
        if not price.readable:
            notes.append("Athena skips it without a word: not for what is queried")
        found.append(Line(name, ", ".join(notes), usd))
    return found


def _audit_lines(item: str, requests: float, prices: Prices, usage: Usage) -> list[Line]:
    if not usage.audited:
        return []
    return [
        Line(f"{item}: CloudTrail", f"{requests:,.0f} data events", prices.others.cloudtrail_data_event.of(requests))
    ]
