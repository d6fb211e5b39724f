"""The Glue database of the tables, and the Athena workgroup that asks them.

The tables themselves are no part of the template: they follow each commit, by ``lakeward aws ddl --register``.
"""

from lakeward.aws.buckets import RESULTS, key_arn
from lakeward.aws.cloudformation import Resource, Values, ref, sub, when

DATABASE_NAME = "lakeward_${Environment}"
WORKGROUP_NAME = "lakeward-${Environment}"


def catalogue_resources() -> dict[str, Resource]:
    """Return the database and the workgroup."""
    return {"Database": _database(), "Workgroup": _workgroup()}


def _database() -> Resource:
    properties = {
        "CatalogId": ref("AWS::AccountId"),
        "DatabaseInput": {
            "Name": sub(DATABASE_NAME),
            "Description": sub("Tables of the lake s3://${LakeBucketName}/${LakePrefix}"),
        },
    }
    return Resource("AWS::Glue::Database", "The tables of the lake, by name.", properties)


def _workgroup() -> Resource:
    encryption: Values = when(
        "UsesKms", {"EncryptionOption": "SSE_KMS", "KmsKey": key_arn()}, {"EncryptionOption": "SSE_S3"}
    )
    properties = {
        "Name": sub(WORKGROUP_NAME),
        # A workgroup cannot switch the reuse of results on: each query asks for it.
        "Description": "Queries of the lake. Results are reused where a query asks: ResultReuseByAgeConfiguration.",
        "State": "ENABLED",
        "WorkGroupConfiguration": {
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "BytesScannedCutoffPerQuery": ref("ScanLimitBytes"),
            "RequesterPaysEnabled": False,
            "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
            "ResultConfiguration": {
                "OutputLocation": sub(f"s3://${{{RESULTS}}}/"),
                "ExpectedBucketOwner": ref("AWS::AccountId"),
                "EncryptionConfiguration": encryption,
            },
        },
    }
    why = "Athena with a limit on what a query reads, and results that are encrypted where no query can say otherwise."
    return Resource("AWS::Athena::WorkGroup", why, properties)
