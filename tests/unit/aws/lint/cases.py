"""One case for each rule: a small text with the defect that the case is named for, and the same text without it."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A rule, the defect, the file's name, the text with the defect and the text without; other files beside both."""

    rule: str
    defect: str
    file: str
    wrong: str
    right: str
    beside: tuple[tuple[str, str], ...] = ()


def table(
    columns: str = "fact_uid string, negotiated_rate double",
    keys: str = "payer_slug string, month string",
    properties: dict[str, str] | None = None,
    location: str = "s3://lake/gold/rates/",
    start: str = "CREATE EXTERNAL TABLE",
) -> str:
    """Return a definition that nothing is wrong with, but for what is given."""
    listed = ", ".join(f"'{name}' = '{value}'" for name, value in (properties or {"classification": "parquet"}).items())
    by = f"PARTITIONED BY ({keys})\n" if keys else ""
    return f"{start} rates (\n{columns}\n)\n{by}STORED AS PARQUET\nLOCATION '{location}'\nTBLPROPERTIES ({listed});\n"


def projected(**changes: str) -> str:
    """Return a definition with a projection of both keys; a change to nothing leaves a property out."""
    properties = {
        "projection.enabled": "true",
        "projection.payer_slug.type": "enum",
        "projection.payer_slug.values": "acme,globex",
        "projection.month.type": "integer",
        "projection.month.range": "1,12",
        "projection.month.digits": "2",
    }
    for name, value in changes.items():
        properties[name.replace("__", ".")] = value
    return table(keys="payer_slug string, month int", properties={n: v for n, v in properties.items() if v})


def added(*partitions: str, guard: str = "IF NOT EXISTS ") -> str:
    """Return a statement that adds partitions."""
    return f"ALTER TABLE rates ADD {guard}" + "\n".join(f"PARTITION ({values})" for values in partitions) + ";\n"


def bucket(name: str = "Lake", **changes: Any) -> dict[str, Any]:
    """Return a bucket that nothing is wrong with, but for what is given."""
    properties = {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True, "BlockPublicPolicy": True, "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "LifecycleConfiguration": {
            "Rules": [
                {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}},
                {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}},
            ]
        },
        "VersioningConfiguration": {"Status": "Enabled"},
        **changes,
    }  # fmt: skip
    return {"Type": "AWS::S3::Bucket", "Properties": {k: v for k, v in properties.items() if v is not None}}


TLS = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip


def template(tls: bool = True, **resources: dict[str, Any]) -> str:
    """Return a template of resources, with a policy that holds each bucket to TLS."""
    policies = {
        f"{name}Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {"Bucket": {"Ref": name}, "PolicyDocument": {"Statement": [TLS] if tls else []}},
        }
        for name, resource in resources.items()
        if resource["Type"] == "AWS::S3::Bucket"
    }
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {**resources, **policies}}, indent=1)


def lifecycle(prefix: str = "gold/", **actions: Any) -> str:
    """Return a lifecycle of one rule."""
    rule = {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": prefix}, **actions}
    return json.dumps({"Rules": [rule]}, indent=1)


def moves(*steps: tuple[int, str]) -> list[dict[str, Any]]:
    """Return transitions."""
    return [{"Days": days, "StorageClass": name} for days, name in steps]


def policy(action: Any, resource: Any, **more: Any) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


TO_GLACIER = {
    "Rules": [
        {
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            "Transitions": [{"TransitionInDays": 90, "StorageClass": "GLACIER"}],
        }
    ]
}


def workgroup(**changes: Any) -> str:
    """Return a workgroup that nothing is wrong with, but for what is given."""
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10**10,
        "ResultConfiguration": {
            "OutputLocation": "s3://results/", "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
        **changes,
    }  # fmt: skip
    properties = {"Name": "lake", "WorkGroupConfiguration": configuration}
    return template(Analysts={"Type": "AWS::Athena::WorkGroup", "Properties": properties})


def alarm(**changes: Any) -> str:
    """Return an alarm that nothing is wrong with, but for what is given."""
    values = {
        "Namespace": "Lakeward", "MetricName": "ErrorCount", "Unit": "Count", "Threshold": 10,
        "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching", **changes,
    }  # fmt: skip
    return json.dumps({k: v for k, v in values.items() if v is not None})


def datum(**changes: Any) -> str:
    """Return a call that sends one value, but for what is given."""
    return json.dumps({"MetricData": [{"MetricName": "ErrorCount", "Value": 3, "Unit": "Count", **changes}]})


def crawler(exclusions: list[str], behaviour: str = "CRAWL_NEW_FOLDERS_ONLY") -> str:
    """Return a crawler."""
    target = {"Path": "s3://lake/gold/", "Exclusions": exclusions}
    return json.dumps({"Targets": {"S3Targets": [target]}, "RecrawlPolicy": {"RecrawlBehavior": behaviour}})


PAYER, MONTH = "payer_slug = 'acme'", "month = '08'"
LONG = added(*[f"payer_slug = 'payer-{number:060}', month = '08'" for number in range(3_000)])
WORKGROUP = {"Analysts": json.loads(workgroup())["Resources"]["Analysts"]}
READ_GOLD = "arn:aws:s3:::lake/gold/*"
EMBEDDED = {"_aws": {"CloudWatchMetrics": [{"Namespace": "x", "Dimensions": [["Environment"]],
                                            "Metrics": [{"Name": "Rows"}]}]}}  # fmt: skip

CASES = (
    Case("LW-A01", "s3-select-is-called", "read.py",
         "s3.select_object_content(Bucket=bucket)", "s3.get_object(Bucket=bucket)"),
    Case("LW-A01", "s3-select-is-promised", "guide.md",
         "- **S3 Select**: query without downloading", "S3 Select is closed to new customers."),
    Case("LW-A02", "archive-tier-after-no-days", "tiering.json",
         json.dumps({"Filter": {"Prefix": "archive/"}, "Tierings": [{"Days": 0, "AccessTier": "ARCHIVE_ACCESS"}]}),
         json.dumps({"Filter": {"Prefix": "archive/"}, "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]})),
    Case("LW-A02", "deep-archive-tier-after-90-days", "tiering.yaml",
         "{Prefix: raw/, Tierings: [{Days: 90, AccessTier: DEEP_ARCHIVE_ACCESS}]}",
         "{Prefix: raw/, Tierings: [{Days: 180, AccessTier: DEEP_ARCHIVE_ACCESS}]}"),
    Case("LW-A03", "gold-to-glacier", "lifecycle.json",
         lifecycle(Transitions=moves((90, "GLACIER"))), lifecycle(Transitions=moves((90, "GLACIER_IR")))),
    Case("LW-A03", "whole-bucket-to-deep-archive", "lifecycle.json",
         lifecycle("", Transitions=moves((365, "DEEP_ARCHIVE"))),
         lifecycle("landing/2023/", Transitions=moves((365, "DEEP_ARCHIVE")))),
    Case("LW-A03", "template-moves-lake-to-glacier", "template.json",
         template(Lake=bucket(LifecycleConfiguration=TO_GLACIER)), template(Lake=bucket())),
    Case("LW-A03", "lake-and-not-its-logs-to-glacier", "template.json",
         template(Lake=bucket(LifecycleConfiguration=TO_GLACIER)),
         template(Lake=bucket(LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}}),
                  Logs=bucket(LifecycleConfiguration=TO_GLACIER))),
    Case("LW-A03", "lake-and-not-its-results-to-glacier", "template.json",
         template(Results=bucket(BucketName="lake", LifecycleConfiguration=TO_GLACIER), **WORKGROUP),
         template(Results=bucket(BucketName="results", LifecycleConfiguration=TO_GLACIER), **WORKGROUP)),
    Case("LW-A03", "archive-tier-on-gold", "tiering.json",
         json.dumps({"Filter": {"Prefix": "gold/"}, "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
         json.dumps({"Filter": {"Prefix": "archive/"}, "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]})),
    Case("LW-A04", "saving-not-measured", "guide.md",
         "- **Storage cost**: 60-80% reduction with intelligent tiering", "- 5-10 files a partition"),
    Case("LW-A05", "eight-keys", "table.sql",
         table(keys="a string, b string, c string, d string, e string, year string, month string"),
         table(keys="a string, b string, c string, year string, month string")),
    Case("LW-A05", "nine-levels-of-folders", "paths.txt",
         "s3://lake/t/a=1/b=2/c=3/d=4/e=5/year=2025/month=08/part.parquet",
         "s3://lake/t/a=1/b=2/c=3/year=2025/month=08/part.parquet"),
    Case("LW-A05", "partitions-of-fifty-rows", "guide.md",
         "- **Average Partition Size**: 10-50 rows", "- **Average Partition Size**: 128 MB"),
    Case("LW-A06", "payer-of-highest-cardinality", "guide.md",
         "1. **`payer_slug`**: Highest cardinality", "1. **`payer_slug`**: few values, in every filter"),
    Case("LW-A07", "no-limit-of-partitions", "guide.md",
         "- **Unlimited Storage**: No partition count or size limitations", "There is a limit to partitions."),
    Case("LW-A07", "ten-million-combinations", "table.sql",
         projected(projection__payer_slug__type="integer", projection__payer_slug__range="1,900000",
                   projection__payer_slug__values=""),
         projected()),
    Case("LW-A08", "key-is-a-column-too", "table.sql",
         table(columns="fact_uid string, Payer_Slug string"), table()),
    Case("LW-A08", "key-is-a-column-of-glue-too", "table.json",
         json.dumps({"Name": "rates", "PartitionKeys": [{"Name": "state", "Type": "string"}],
                     "StorageDescriptor": {"Columns": [{"Name": "state", "Type": "string"}]}}),
         json.dumps({"Name": "rates", "PartitionKeys": [{"Name": "state", "Type": "string"}],
                     "StorageDescriptor": {"Columns": [{"Name": "code", "Type": "string"}]}})),
    Case("LW-A09", "comma-before-bracket", "table.sql",
         table(columns="fact_uid string,\ncode string, -- others"), table(columns="fact_uid string, code string")),
    Case("LW-A09", "comma-after-the-last-property", "table.sql",
         table().replace("'parquet')", "'parquet',)"), table()),
    Case("LW-A09", "apostrophe-in-comment", "table.sql",
         table(columns="fact_uid string COMMENT 'the payer's id'"),
         table(columns=r"fact_uid string COMMENT 'the payer\'s id'")),
    Case("LW-A09", "bracket-never-closed", "table.sql",
         "CREATE EXTERNAL TABLE rates (fact_uid string", table()),
    Case("LW-A09", "partitioned-misspelt", "table.sql", table().replace("PARTITIONED BY", "PARTITIOND BY"), table()),
    Case("LW-A09", "stored-misspelt", "table.sql", table().replace("STORED AS", "STORD AS"),
         table().replace("STORED AS", "ROW FORMAT SERDE 'a' WITH SERDEPROPERTIES ('b' = 'c') STORED AS")),
    Case("LW-A09", "properties-misspelt", "table.sql", table().replace("TBLPROPERTIES", "TBLPROPERTYS"), table()),
    Case("LW-A10", "month-not-projected", "table.sql",
         projected(projection__month__type="", projection__month__range="", projection__month__digits=""), projected()),
    Case("LW-A10", "enum-without-values", "table.sql", projected(projection__payer_slug__values=""), projected()),
    Case("LW-A11", "month-without-digits", "table.sql", projected(projection__month__digits=""), projected()),
    Case("LW-A11", "padded-paths-and-no-padding", "table.sql",
         projected(projection__month__digits="1"), projected(),
         (("paths.txt", "s3://lake/gold/rates/payer_slug=acme/month=08/a.parquet"),)),
    Case("LW-A12", "five-states-by-hand", "table.sql",
         projected(projection__payer_slug__values="GA,FL,CA,TX,NY"), projected()),
    Case("LW-A12", "payer-in-paths-and-not-in-enum", "table.sql",
         projected(projection__payer_slug__values="acme"), projected(),
         (("paths.txt", "s3://lake/gold/rates/payer_slug=globex/month=08/a.parquet"),)),
    Case("LW-A12", "year-outside-of-range", "table.sql",
         projected(projection__month__range="1,6"), projected(),
         (("paths.txt", "s3://lake/gold/rates/payer_slug=acme/month=08/a.parquet"),)),
    Case("LW-A13", "slash-in-a-value", "paths.txt",
         "s3://lake/t/class=Office/outpatient services/state=GA/a.parquet",
         "s3://lake/t/class=Office%2Foutpatient services/state=GA/a.parquet"),
    Case("LW-A13", "comma-in-an-enum", "table.sql",
         projected() + added("payer_slug = 'Acme, Inc', month = '08'"), projected() + added(f"{PAYER}, {MONTH}")),
    Case("LW-A14", "payer-for-payer-slug", "table.sql", table(), table(keys="payer string, month string"),
         (("paths.txt", "s3://lake/gold/rates/payer=acme/month=08/a.parquet"),)),
    Case("LW-A14", "folders-in-another-order", "table.sql", table(keys="month string, payer string"),
         table(keys="payer string, month string"),
         (("paths.txt", "s3://lake/gold/rates/payer=acme/month=08/a.parquet"),)),
    Case("LW-A14", "partition-of-other-keys", "table.sql",
         table() + added("payer = 'acme', month = '08'"),
         table() + added("payer = 'acme', month = '08'").replace("rates", "other")),
    Case("LW-A14", "program-partitions-by-another-name", "write.py",
         f'partition_cols = ["payer", "month"]\nsql = """{table()}"""',
         f'partition_cols = ["payer_slug", "month"]\nsql = """{table()}"""'),
    Case("LW-A14", "partition-in-the-folder-of-another", "table.sql",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/t/payer_slug=globex/';",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/t/payer_slug=acme/';"),
    Case("LW-A15", "null-as-a-word", "paths.txt",
         "s3://lake/t/taxonomy=null/a.parquet", "s3://lake/t/taxonomy=__HIVE_DEFAULT_PARTITION__/a.parquet"),
    Case("LW-A15", "characters-replaced", "write.py",
         'value = value.replace("/", "_").replace(" ", "_")', 'value = value.replace(",", "")'),
    Case("LW-A16", "month-of-the-clock", "write.py",
         'month = values.get("month", datetime.now().month)', 'month = values.get("month")'),
    Case("LW-A17", "one-name-for-every-chunk", "write.py",
         'path = f"s3://{bucket}/t/" + folder + "/rates.parquet"',
         'path = f"s3://{bucket}/t/" + folder + f"/{digest}.parquet"'),
    Case("LW-A31", "unknown-for-null", "query.sql",
         "SELECT county_name FROM rates WHERE stat_area_name != 'Unknown'",
         "SELECT county_name FROM rates WHERE stat_area_name IS NOT NULL"),
    Case("LW-A34", "bucket-logs-into-itself", "template.json",
         template(Lake=bucket(LoggingConfiguration={"DestinationBucketName": {"Ref": "Lake"}})),
         template(Lake=bucket(LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}}), Logs=bucket())),
    Case("LW-A34", "log-group-of-glue", "template.json",
         template(Group={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/glue/pipeline"}}),
         template(Group={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/lake/production"}})),
    Case("LW-A34", "access-logs-in-the-bucket", "guide.md",
         "- **S3 Access Logs**: `s3://your-bucket/logs/`", "- **S3 Access Logs**: in the log bucket"),
    Case("LW-A35", "zero-to-create-a-metric", "metrics.json", datum(Value=0), datum(Value=3)),
    Case("LW-A35", "every-metric-of-a-list-in-count", "metrics.py",
         'put(MetricData=[{"MetricName": metric["MetricName"], "Value": value, "Unit": "Count"}])',
         'put(MetricData=[{"MetricName": metric["MetricName"], "Value": value, "Unit": metric["Unit"]}])'),
    Case("LW-A35", "bytes-in-pieces", "metrics.json",
         datum(MetricName="DataSize", Unit="Count"), datum(MetricName="DataSize", Unit="Bytes")),
    Case("LW-A35", "alarm-on-what-nobody-sends", "alarm.json",
         alarm(MetricName="MemoryUsage", Unit="Percent"), alarm(MetricName="MemoryUsedPercent", Unit="Percent")),
    Case("LW-A35", "alarm-waits-for-another-unit", "alarm.json", alarm(Unit="Percent"), alarm()),
    Case("LW-A36", "hipaa-ready", "guide.md",
         "- **HIPAA Ready**: healthcare data protection", "This is not HIPAA ready, and nobody has audited it."),
    Case("LW-A37", "eleven-nines-of-availability", "guide.md",
         "- **Availability**: 99.999999999% durability", "Durability: 99.999999999%"),
    Case("LW-A38", "title-of-an-area-as-key", "table.sql",
         table(keys="stat_area_name string"), table(keys="cbsa_code string")),
    Case("LW-A38", "title-of-an-area-as-folder", "paths.txt",
         "s3://lake/t/stat_area_name=Atlanta, GA/a.parquet", "s3://lake/t/cbsa_code=12060/a.parquet"),
    Case("LW-A39", "mean-of-dollars-and-percents", "query.sql",
         "SELECT AVG(negotiated_rate) FROM rates WHERE state = 'GA'",
         "SELECT AVG(negotiated_rate) FROM rates WHERE rate_unit = 'usd'"),
    Case("LW-A39", "code-of-no-system", "query.sql",
         "SELECT fact_uid FROM rates WHERE code = '99213'",
         "SELECT fact_uid FROM rates WHERE code_type = 'CPT' AND code = '99213'"),
    Case("LW-A40", "crawler-hides-results", "crawler.json", crawler(["**/athena-results/**"]), crawler([])),
    Case("LW-A41", "spectrum-reads-a-projection", "guide.md",
         f"Query it from Redshift Spectrum.\n\n```sql\n{projected()}```\n",
         f"Query it from Redshift Spectrum.\n\n```sql\n{table()}```\n"),
    Case("LW-B01", "one-setting-of-four-is-off", "template.json",
         template(Lake=bucket(PublicAccessBlockConfiguration={
             "BlockPublicAcls": True, "BlockPublicPolicy": False, "IgnorePublicAcls": True,
             "RestrictPublicBuckets": True})),
         template(Lake=bucket())),
    Case("LW-B02", "acls-hold", "template.json", template(Lake=bucket(OwnershipControls=None)),
         template(Lake=bucket())),
    Case("LW-B02", "who-wrote-an-object-owns-it", "template.json",
         template(Lake=bucket(OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})),
         template(Lake=bucket())),
    Case("LW-B03", "encryption-not-said", "template.json", template(Lake=bucket(BucketEncryption=None)),
         template(Lake=bucket())),
    Case("LW-B04", "a-key-and-no-bucket-key", "template.json",
         template(Lake=bucket(BucketEncryption={"ServerSideEncryptionConfiguration": [
             {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}]})),
         template(Lake=bucket(BucketEncryption={"ServerSideEncryptionConfiguration": [
             {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
              "BucketKeyEnabled": True}]}))),
    Case("LW-B05", "uploads-never-end", "template.json",
         template(Lake=bucket(LifecycleConfiguration={"Rules": [
             {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}]})),
         template(Lake=bucket())),
    Case("LW-B06", "versions-never-end", "template.json",
         template(Lake=bucket(LifecycleConfiguration={"Rules": [
             {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}]})),
         template(Lake=bucket())),
    Case("LW-D01", "column-in-two-cases", "table.sql",
         table(columns="code string, Code string"), table(columns="code string, code_type string")),
    Case("LW-D02", "integer-and-text", "table.sql",
         table(columns="a integer, b text"), table(columns="a int, b array<struct<c: string, d: decimal(18,2)>>")),
    Case("LW-D02", "varchar-without-length", "table.sql",
         table(columns="a varchar"), table(columns="a varchar(10)")),
    Case("LW-D03", "location-is-a-file", "table.sql",
         table(location="s3://lake/gold/rates.parquet"), table(location="s3://lake/gold/rates/")),
    Case("LW-D03", "partition-is-a-pattern", "table.sql",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/a/*';",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/a/';"),
    Case("LW-D09", "no-location", "table.sql",
         "CREATE EXTERNAL TABLE rates (a int) STORED AS PARQUET;",
         "CREATE EXTERNAL TABLE rates (a int) STORED AS PARQUET LOCATION 's3://lake/gold/';"),
    Case("LW-D10", "decimal-of-50-digits", "table.sql",
         table(columns="a array<decimal(50,2)>"), table(columns="a array<decimal(38, 2)>, b decimal(5)")),
    Case("LW-D10", "more-digits-behind-the-point-than-in-all", "table.sql",
         table(columns="a decimal(4,5)"), table(columns="a decimal(5,5)")),
    Case("LW-D08", "partition-without-slash", "table.sql",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/a';",
         f"ALTER TABLE rates ADD IF NOT EXISTS PARTITION ({PAYER}) LOCATION 's3://lake/a/';"),
    Case("LW-D04", "partition-added-twice-fails", "table.sql", added(PAYER, guard=""), added(PAYER)),
    Case("LW-D05", "statement-too-long", "table.sql", LONG, added(PAYER)),
    Case("LW-D06", "external-iceberg", "table.sql",
         table(keys="", properties={"table_type": "ICEBERG"}),
         table(keys="", properties={"table_type": "ICEBERG"}, start="CREATE TABLE")),
    Case("LW-D06", "hive-table-not-external", "table.sql", table(start="CREATE TABLE"), table()),
    Case("LW-D07", "second-partition-lacks-a-key", "table.sql",
         added(f"{PAYER}, {MONTH}", PAYER), added(f"{PAYER}, {MONTH}", f"{PAYER}, month = '09'")),
    Case("LW-D08", "location-without-slash", "table.sql",
         table(location="s3://lake/gold/rates"), table(location="{{location}}")),
    Case("LW-G01", "crawls-everything", "crawler.json", crawler([], "CRAWL_EVERYTHING"), crawler([])),
    Case("LW-G02", "no-limit-of-scans", "template.json", workgroup(BytesScannedCutoffPerQuery=None), workgroup()),
    Case("LW-G03", "configuration-not-enforced", "template.json", workgroup(EnforceWorkGroupConfiguration=False),
         workgroup()),
    Case("LW-G03", "results-not-encrypted", "template.json",
         workgroup(ResultConfiguration={"OutputLocation": "s3://results/"}), workgroup()),
    Case("LW-I01", "s3-star", "policy.json", policy("s3:*", READ_GOLD), policy("s3:GetObject", READ_GOLD)),
    Case("LW-I01", "all-but-some", "policy.yaml",
         "{Effect: Allow, NotAction: 's3:DeleteBucket', Resource: 'arn:aws:s3:::lake/gold/*'}",
         "{Effect: Deny, NotAction: 's3:GetObject', Resource: 'arn:aws:s3:::lake/gold/*'}"),
    Case("LW-I02", "every-object", "policy.json", policy(["s3:GetObject"], "*"), policy(["s3:GetObject"], READ_GOLD)),
    Case("LW-I02", "every-workgroup", "policy.json",
         policy("athena:StartQueryExecution", "arn:aws:athena:us-east-1:111122223333:workgroup/*"),
         policy("athena:StartQueryExecution", "arn:aws:athena:us-east-1:111122223333:workgroup/lake")),
    Case("LW-I03", "open-to-everybody", "policy.json",
         policy("s3:GetObject", READ_GOLD, Principal="*"),
         policy("s3:GetObject", READ_GOLD, Principal={"AWS": "arn:aws:iam::111122223333:root"})),
    Case("LW-I04", "list-on-objects", "policy.json",
         policy("s3:ListBucket", READ_GOLD), policy("s3:ListBucket", "arn:aws:s3:::lake")),
    Case("LW-I04", "get-on-a-bucket", "policy.json",
         policy("s3:GetObject", "arn:aws:s3:::lake"), policy("s3:GetObject", READ_GOLD)),
    Case("LW-I05", "no-policy-asks-for-tls", "template.json", template(tls=False, Lake=bucket()),
         template(Lake=bucket())),
    Case("LW-I05", "policy-denies-something-else", "template.json",
         template(tls=False, Lake=bucket(), Other={"Type": "AWS::S3::BucketPolicy", "Properties": {
             "Bucket": {"Ref": "Lake"}, "PolicyDocument": {"Statement": [{**TLS, "Condition": {}}]}}}),
         template(tls=False, Lake=bucket(), Other={"Type": "AWS::S3::BucketPolicy", "Properties": {
             "Bucket": {"Ref": "Lake"}, "PolicyDocument": {"Statement": [TLS]}}})),
    Case("LW-I05", "plain-is-allowed-and-not-denied", "template.json",
         template(tls=False, Lake=bucket(), Other={"Type": "AWS::S3::BucketPolicy", "Properties": {
             "Bucket": {"Ref": "Lake"}, "PolicyDocument": {"Statement": [{**TLS, "Effect": "Allow"}]}}}),
         template(Lake=bucket())),
    Case("LW-I06", "metrics-of-any-name", "policy.json",
         policy("cloudwatch:PutMetricData", "*"),
         policy("cloudwatch:PutMetricData", "*", Condition={"StringEquals": {"cloudwatch:namespace": "Lakeward"}})),
    Case("LW-L01", "cold-after-a-week", "lifecycle.json",
         lifecycle(Transitions=moves((7, "STANDARD_IA"))), lifecycle(Transitions=moves((30, "STANDARD_IA")))),
    Case("LW-L02", "gold-expires", "lifecycle.json",
         lifecycle(Expiration={"Days": 365}), lifecycle("athena-results/", Expiration={"Days": 7})),
    Case("LW-L03", "deep-archive-before-glacier", "lifecycle.json",
         lifecycle("raw/", Transitions=moves((60, "DEEP_ARCHIVE"), (90, "GLACIER"))),
         lifecycle("raw/", Transitions=moves((60, "GLACIER"), (180, "DEEP_ARCHIVE")))),
    Case("LW-M01", "missing-data-not-said", "alarm.json", alarm(TreatMissingData=None), alarm()),
    Case("LW-M02", "1001-metrics-a-call", "metrics.json",
         json.dumps({"MetricData": [{"MetricName": "Rows", "Value": 1}] * 1001}),
         json.dumps({"MetricData": [{"MetricName": "Rows", "Value": 1}] * 1000})),
    Case("LW-M02", "101-partitions-a-call", "partitions.json",
         json.dumps({"PartitionInputList": [{"Values": ["a"]}] * 101}),
         json.dumps({"PartitionInputList": [{"Values": ["a"]}] * 100})),
    Case("LW-M03", "not-a-number", "metrics.json", datum(Value="NaN"), datum()),
    Case("LW-M03", "31-dimensions", "metrics.json", datum(Dimensions=[{"Name": "a"}] * 31),
         datum(Dimensions=[{"Name": "a"}] * 30)),
    Case("LW-M04", "metric-not-in-its-line", "line.json",
         json.dumps({**EMBEDDED, "Environment": "test"}), json.dumps({**EMBEDDED, "Environment": "test", "Rows": 3})),
    Case("LW-P01", "space-after-a-comma", "table.sql",
         projected(projection__payer_slug__values="acme, globex"), projected()),
    Case("LW-P02", "template-without-a-key", "table.sql",
         projected(storage__location__template="s3://lake/payer_slug=${payer_slug}/"),
         projected(storage__location__template="s3://lake/payer_slug=${payer_slug}/month=${month}/")),
    Case("LW-P03", "number-injected", "table.sql",
         projected(projection__month__type="injected", projection__month__range="", projection__month__digits=""),
         projected(projection__payer_slug__type="injected", projection__payer_slug__values="")),
    Case("LW-P04", "misspelt-key", "table.sql", projected(projection__mnth__interval="1"), projected()),
    Case("LW-P05", "range-with-a-hyphen", "table.sql", projected(projection__month__range="1-12"), projected()),
    Case("LW-P06", "null-partition-projected", "table.sql",
         projected(projection__payer_slug__values="acme,globex,__HIVE_DEFAULT_PARTITION__")
         + added(f"payer_slug = '__HIVE_DEFAULT_PARTITION__', {MONTH}"),
         projected() + added(f"{PAYER}, {MONTH}")),
)  # fmt: skip
