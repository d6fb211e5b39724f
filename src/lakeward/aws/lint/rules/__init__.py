"""The rules; to import this package makes them known."""

from lakeward.aws.lint.rules import (
    access,
    buckets,
    catalogue,
    claims,
    layout,
    metrics,
    programs,
    projection,
    queries,
    storage,
    tables,
)

__all__ = [
    "access", "buckets", "catalogue", "claims", "layout", "metrics", "programs", "projection", "queries", "storage",
    "tables",
]  # fmt: skip
