"""The bill of what stands: every object of the lake, what reading it costs, and what the template adds.

In: a lake, prices and usage. Out: :class:`StandingCost`. Sizes are those that the storage lists; queries are estimated
from the footers of the files that stand; how often they are asked is an assumption. AWS is not asked for anything.
"""

from collections import Counter
from dataclasses import dataclass

from lakeward.aws.bill import Bill, Line, Usage, compare_classes, glue_line, query_lines, storage_lines, writing_lines
from lakeward.aws.parameters import parameters
from lakeward.aws.prices import Prices, UnitPrice
from lakeward.aws.template import resources as template_resources
from lakeward.lake.commit import Lake, Snapshot
from lakeward.monitoring.metrics import METRICS
from lakeward.publish.engine import Resources
from lakeward.publish.layout_advice import LayoutAdvice, advise_standing
from lakeward.publish.writer import ENRICHED
from lakeward.settings import Settings

NOT_IN_COMMITS = ("_lakeward", "hive")
"""What a lake holds beside the data: its commits and records, and the manifests that readers of Hive tables follow."""
LEFT = "no longer named by the newest commit"


@dataclass(frozen=True)
class StandingCost:
    """The bill of a lake, what keeping its published objects costs in each storage class, and what was assumed."""

    lake: str
    bill: Bill
    classes: tuple[Line, ...]
    assumptions: tuple[str, ...]


def usage_of(settings: Settings, queries: int, rewrites: float, storage_class: str) -> Usage:
    """Return how a lake is used, where the template of its environment decides whether requests are logged."""
    audited = parameters(settings)["AuditDataEvents"]["Default"] == "true"
    return Usage(queries, rewrites, storage_class, audited)


def standing_cost(settings: Settings, resources: Resources, prices: Prices, usage: Usage) -> StandingCost:
    """Return what the lake costs in a month; lists its files and reads footers, writes nothing.

    Raises:
        StorageFailed: the lake cannot be listed.
    """
    lake = Lake.open(settings.lake, settings.storage)
    snapshot = lake.snapshot()
    sizes = object_sizes(lake, snapshot)
    advice = _queries_of(snapshot, settings, resources)
    published = [
        size for zone, found in sizes.items() if zone not in ("bronze", *NOT_IN_COMMITS, LEFT) for size in found
    ]
    lines = [line for zone, found in sizes.items() for line in storage_lines(f"storage: {zone}", found, prices, usage)]
    objects = _catalogue_objects(snapshot)
    lines += writing_lines(len(published) + objects, prices, usage)
    lines += query_lines(advice.queries if advice else (), prices, usage)
    lines.append(glue_line(objects, prices))
    lines += _template_lines(settings, prices)
    assumptions = usage.assumptions(prices)
    if advice is None:
        assumptions.append("no queries: the lake has no rows of fact_rate_enriched")
    if not settings.lake.startswith("s3://"):
        assumptions.append(f"{settings.lake} is a folder: the bill is that of the same files in a bucket")
    assumptions.append("older versions that the bucket's versioning keeps are not counted; their lifecycle ends them")
    if prices.unchecked():
        assumptions.append(f"prices not compared with a dated document: {', '.join(prices.unchecked())}")
    return StandingCost(lake.url, Bill(tuple(lines)), tuple(compare_classes(published, prices)), tuple(assumptions))


def object_sizes(lake: Lake, snapshot: Snapshot) -> dict[str, list[int]]:
    """Return the size of every object by the zone it is in; what the newest commit does not name stands apart."""
    named = snapshot.paths()
    found: dict[str, list[int]] = {}
    for file in lake.storage.files(""):
        zone = file.path.partition("/")[0]
        is_left = zone not in NOT_IN_COMMITS and file.path not in named
        found.setdefault(LEFT if is_left else zone, []).append(file.bytes)
    return {zone: found[zone] for zone in sorted(found, key=lambda zone: (zone == LEFT, zone))}


def _queries_of(snapshot: Snapshot, settings: Settings, resources: Resources) -> LayoutAdvice | None:
    if not any(file.rows for file in snapshot.files(ENRICHED)):
        return None
    return advise_standing(snapshot, resources, settings.storage)


def _catalogue_objects(snapshot: Snapshot) -> int:
    """Return how many objects the catalogue holds: a table each, and the folders of the partitioned ones."""
    published = [table for table in snapshot.tables() if not table.startswith("bronze/")]
    folders = {(t, tuple(f.partition.items())) for t in published for f in snapshot.files(t) if f.partition}
    return len(published) + len(folders)


def _template_lines(settings: Settings, prices: Prices) -> list[Line]:
    """Return what the monitoring of the template costs, counted in the template."""
    kinds = Counter(resource.type for resource in template_resources().values())
    others = prices.others
    counted: list[tuple[str, int, UnitPrice]] = [
        ("custom metrics", len(METRICS), others.cloudwatch_metric_month),
        ("alarms", kinds["AWS::CloudWatch::Alarm"], others.cloudwatch_alarm_month),
        ("dashboards", kinds["AWS::CloudWatch::Dashboard"], others.cloudwatch_dashboard_month),
    ]
    lines = [Line(f"monitoring: {name}", f"{count:,}", price.of(count)) for name, count, price in counted]
    if settings.storage.encryption == "aws:kms":
        lines.append(Line("encryption: KMS key", "1", others.kms_key_month.of(1)))
    return lines
