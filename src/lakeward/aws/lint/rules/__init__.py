"""The rules; to import this package makes them known."""

import lakeward.aws.lint.rules.access
import lakeward.aws.lint.rules.buckets
import lakeward.aws.lint.rules.catalogue
import lakeward.aws.lint.rules.claims
import lakeward.aws.lint.rules.frames
import lakeward.aws.lint.rules.joins
import lakeward.aws.lint.rules.layout
import lakeward.aws.lint.rules.metrics
import lakeward.aws.lint.rules.programs
import lakeward.aws.lint.rules.projected_values
import lakeward.aws.lint.rules.projection
import lakeward.aws.lint.rules.queries
import lakeward.aws.lint.rules.storage
import lakeward.aws.lint.rules.tables
import lakeward.aws.lint.rules.values  # noqa: F401 - each makes its rules known
