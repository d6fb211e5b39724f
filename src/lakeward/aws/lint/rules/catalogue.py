"""Rules for crawlers and workgroups."""

from collections.abc import Iterator, Mapping
from typing import Any

from lakeward.aws.lint.documents import Crawler, WorkGroup, alternatives, flag, mapping, text_of
from lakeward.aws.lint.rule import Problem, rule
from lakeward.aws.lint.rules import sources


@rule(
    "LW-A40", Crawler, "A crawler is to hide files from queries",
    why="Athena knows nothing of a crawler's exclusions: it reads every object below the folder of a table, results of "
        "queries and logs too.",
    fix="Keep results and logs in another bucket, or beside the table and not in it.", source=sources.CRAWLERS,
)  # fmt: skip
def exclusions(node: Crawler) -> Iterator[Problem]:
    """Yield targets with exclusions."""
    for target in map(mapping, alternatives(node.values["Targets"].get("S3Targets"))):
        excluded = [text_of(each) for each in alternatives(target.get("Exclusions"))]
        if excluded:
            yield Problem(node.place, f"{', '.join(excluded)} in {text_of(target.get('Path'))}")


@rule(
    "LW-G01", Crawler, "A crawler reads everything each time", severity="warning",
    why="Every run lists and samples every partition, at $0.44 a DPU-hour and ten minutes at least.",
    fix="CRAWL_NEW_FOLDERS_ONLY or CRAWL_EVENT_MODE; better none: the lake knows its own schema and partitions "
        "(`lakeward aws ddl --register`).",
    source=sources.INCREMENTAL_CRAWLS,
)  # fmt: skip
def crawls_everything(node: Crawler) -> Iterator[Problem]:
    """Yield crawlers that say so, or say nothing, which means the same."""
    said = text_of(mapping(node.values.get("RecrawlPolicy")).get("RecrawlBehavior"))
    if said in ("", "CRAWL_EVERYTHING"):
        yield Problem(node.place, said or "no RecrawlPolicy")


@rule(
    "LW-G02", WorkGroup, "A query may read as much as it likes", severity="warning",
    why="One `select *` without a partition bills the whole table.",
    fix="BytesScannedCutoffPerQuery.", source=sources.SCAN_LIMITS,
)  # fmt: skip
def no_limit(node: WorkGroup) -> Iterator[Problem]:
    """Yield workgroups without a limit."""
    if not _configuration(node).get("BytesScannedCutoffPerQuery"):
        yield Problem(node.place, node.resource.name)


@rule(
    "LW-G03", WorkGroup, "Who asks may write results elsewhere, or unencrypted",
    why="Without EnforceWorkGroupConfiguration the client's own location and encryption win.",
    fix="EnforceWorkGroupConfiguration: true, with OutputLocation and EncryptionConfiguration.",
    source=sources.WORKGROUPS,
)  # fmt: skip
def results_elsewhere(node: WorkGroup) -> Iterator[Problem]:
    """Yield workgroups that do not enforce where results go, and encrypted how."""
    configuration = _configuration(node)
    encryption = mapping(configuration.get("ResultConfiguration")).get("EncryptionConfiguration")
    # Enforcing is what AWS does when nothing is said.
    if not flag(configuration.get("EnforceWorkGroupConfiguration", True)):
        yield Problem(node.place, f"{node.resource.name} does not enforce its configuration")
    managed = configuration.get("ManagedQueryResultsConfiguration")
    if not encryption and not managed:
        yield Problem(node.place, f"{node.resource.name} does not say how results are encrypted")


def _configuration(node: WorkGroup) -> Mapping[str, Any]:
    return mapping(mapping(node.values.get("Properties")).get("WorkGroupConfiguration"))
