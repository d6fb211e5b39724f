"""What the linter reads: tokens, statements, documents, paths and snippets; broken ones too."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.aws.lint import lint
from lakeward.aws.lint.documents import text_of
from lakeward.aws.lint.material import things_in
from lakeward.aws.lint.paths import PartitionPath, parse_path, partition_paths
from lakeward.aws.lint.rule import Place
from lakeward.aws.lint.tables import AddedPartitions, Query, Table, definitions
from lakeward.aws.lint.tokens import tokens_of
from lakeward.aws.lint.yaml_text import read_documents
from lakeward.errors import SourceUnreadable

PIECES = st.lists(
    st.sampled_from(
        ["create ", "external ", "table ", "t ", "(", ")", "<", ">", ",", ";", "'", '"', "`", "\\", "--", "/*", "*/",
         "\n", "partitioned by ", "location ", "tblproperties ", "'a'", "=", "alter table ", "add ", "partition ",
         "a string", "comment ", "select ", "avg(negotiated_rate)", "code = ", "{x}", "é"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'it''s'", [("text", "it's")]),
        (r"'it\'s'", [("text", "it's")]),
        ("'two\nlines' x", [("text", "two\nlines"), ("word", "x")]),
        ("`a``b` \"c\"", [("name", "a`b"), ("name", "c")]),
        ("a -- 'b\nc", [("word", "a"), ("comment", "-- 'b"), ("word", "c")]),
        ("/* ; */ 1.5", [("comment", "/* ; */"), ("number", "1.5")]),
        ("{db}.{t}", [("word", "{db}"), ("mark", "."), ("word", "{t}")]),
        ("a != 'b", [("word", "a"), ("mark", "!="), ("unterminated", "'b")]),
    ],
    ids=["doubled", "escaped", "lines", "names", "comment", "block", "placeholder", "unterminated"],
)  # fmt: skip
def test_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.kind, token.value) for token in tokens_of(text)] == expected


def test_tokens_know_their_lines() -> None:
    assert [token.line for token in tokens_of("a\n'b\nc'\nd", 10)] == [10, 11, 13]


def test_definition() -> None:
    text = (
        "-- prices\nCREATE EXTERNAL TABLE IF NOT EXISTS `db`.`t` (\n  `a` array<struct<x: int, y: decimal(9, 2)>> "
        "COMMENT 'one, two',\n  b date\n)\nCOMMENT 'location of (all)'\nPARTITIONED BY (k string COMMENT 'key')\n"
        "ROW FORMAT SERDE 'x'\nSTORED AS PARQUET LOCATION 's3://b/t/'\nTBLPROPERTIES (\n 'p' = 'v'\n)"
    )
    (table,) = [each for each in definitions(text, "t.sql") if isinstance(each, Table)]
    assert (table.name, table.external, table.location, table.problems) == ("db.t", True, "s3://b/t/", [])
    assert [(c.name, c.data_type, c.line) for c in table.columns] == [
        ("a", "array<structx:int,y:decimal(9,2)>>".replace("structx", "struct<x"), 3),
        ("b", "date", 4),
    ]
    assert [(k.name, k.data_type) for k in table.keys] == [("k", "string")]
    assert (table.properties, table.at("p").line, table.at("other").line) == ({"p": "v"}, 11, 2)


def test_added_partitions_and_queries() -> None:
    text = (
        "alter table t add if not exists\n partition (a = 'x', b = 2) location 's3://b/x/'\n partition (a='y', b=3);\n"
        "create or replace view v as select 1 from t; drop table t; with c as (select 1) select * from c"
    )
    found = list(definitions(text, "t.sql"))
    (added,) = [each for each in found if isinstance(each, AddedPartitions)]
    assert added.partitions == (({"a": "x", "b": "2"}, "s3://b/x/", 2), ({"a": "y", "b": "3"}, None, 3))
    assert added.if_not_exists
    assert sum(isinstance(each, Query) for each in found) == 2


@given(PIECES)
def test_any_text_is_read(text: str) -> None:
    lint(
        {
            "a.sql": text,
            "b.txt": f"s3://b/k=1/\n{text}",
            "c.md": f"```sql\n{text}\n```\n```python\n{text}\n```\n```yaml\n{text}\n```\n",
        }
    )


def test_short_functions_and_lines_of_a_template() -> None:
    (document,) = read_documents("a: !Sub '${B}/x'\nb:\n  c: !GetAtt K.Arn\n  d: !If [C, 1, !Ref 'AWS::NoValue']\n", 5)
    assert document == {
        "a": {"Fn::Sub": "${B}/x"},
        "b": {"c": {"Fn::GetAtt": ["K", "Arn"]}, "d": {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]}},
    }
    assert (document.line, document["b"].line) == (5, 7)
    assert text_of({"Fn::Join": ["/", ["s3:/", {"Ref": "B"}]]}) == "s3://${B}"


def test_the_date_of_a_policy_stays_text() -> None:
    assert read_documents("Version: 2012-10-17") == [{"Version": "2012-10-17"}]


@pytest.mark.parametrize(
    ("path", "root", "parts", "strays"),
    [
        ("s3://b/t/k=v/year=2025/f.parquet", "s3://b/t", (("k", "v"), ("year", "2025")), ()),
        ("t/k=a b/c/m=1/f.parquet", "t", (("k", "a b"), ("m", "1")), ("c",)),
        ("k=a/b c/f.parquet", "", (("k", "a"),), ("b c",)),
    ],
    ids=["plain", "slash", "slash-at-the-end"],
)
def test_path(path: str, root: str, parts: tuple[tuple[str, str], ...], strays: tuple[str, ...]) -> None:
    place = Place("p")
    assert parse_path(path, place) == PartitionPath(place, path, root, parts, strays)


def test_listing_of_the_command_line() -> None:
    text = "2025-08-01 10:00:00       1024 gold/t/state=GA/a b.parquet\n2025-08-01 10:00:00  9 gold/t/_manifest\n"
    assert [(p.path, p.place.line) for p in partition_paths(text, "ls.txt")] == [("gold/t/state=GA/a b.parquet", 1)]


def test_tree_gives_its_leaves() -> None:
    text = "s3://b/t/\n├── k=1/\n│   ├── m=1/\n│   │   └── f.parquet\n│   └── m=2/\n└── k=2/\n    └── m=1/\n"
    assert [(p.path, p.place.line) for p in partition_paths(text, "tree.txt")] == [
        ("s3://b/t/k=1/m=1/f.parquet", 4),
        ("s3://b/t/k=1/m=2", 5),
        ("s3://b/t/k=2/m=1", 7),
    ]


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [("broken.json", '{"a": ', "while parsing"), ("broken.py", "def f(:", "it does not parse")],
    ids=["json", "python"],
)
def test_a_file_that_is_not_what_its_name_says(file: str, text: str, found: str) -> None:
    with pytest.raises(SourceUnreadable, match=f"{file} cannot be read") as raised:
        things_in(file, text)
    assert found in str(raised.value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"Status": "Enabled", "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}', "LW-A03"),
        ("-- made by hand\ncreate external table t (a integer) location 's3://b/t/'", "LW-D02"),
        ("s3://b/t/state=null/f.parquet", "LW-A15"),
        ("# Guide\n\n- HIPAA Ready", "LW-A36"),
        ("AWSTemplateFormatVersion: 2010-09-09\nResources: {B: {Type: AWS::S3::Bucket, Properties: {}}}", "LW-B01"),
    ],
    ids=["json", "sql", "paths", "markdown", "template"],
)
def test_a_file_without_a_suffix_is_read_by_what_it_says(text: str, rule: str) -> None:
    assert rule in {finding.rule.rule_id for finding in lint({"unnamed": text})}


def test_nothing_of_the_documentation_is_an_error() -> None:
    pages = sorted((Path(__file__).resolve().parents[4] / "docs").rglob("*.md"))
    found = lint({page.name: page.read_text(encoding="utf-8") for page in pages if page.name != "lint-rules.md"})
    assert [(f.rule.rule_id, str(f.problem.place)) for f in found if f.rule.severity == "error"] == []


NAMES = st.sampled_from(
    ["Resources", "Type", "Properties", "Tierings", "AccessTier", "Days", "Status", "Filter", "And", "Prefix", "Rules",
     "Transitions", "StorageClass", "Expiration", "Effect", "Action", "NotAction", "Resource", "Principal",
     "Condition", "Bool", "Targets", "S3Targets", "Exclusions", "RecrawlPolicy", "MetricName", "Value", "Unit",
     "Namespace", "ComparisonOperator", "_aws", "CloudWatchMetrics", "Metrics", "Dimensions", "Name", "MetricData",
     "StorageDescriptor", "Columns", "PartitionKeys", "Parameters", "Location", "Fn::If", "Fn::Sub", "Fn::Join",
     "Fn::GetAtt", "Ref", "LifecycleConfiguration", "LoggingConfiguration", "DestinationBucketName",
     "BucketEncryption", "ServerSideEncryptionConfiguration", "ServerSideEncryptionByDefault", "KMSMasterKeyID",
     "VersioningConfiguration", "OwnershipControls", "PublicAccessBlockConfiguration", "WorkGroupConfiguration",
     "ResultConfiguration", "PolicyDocument", "Statement", "Bucket", "BucketName", "LogGroupName"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::Athena::WorkGroup", "AWS::Logs::LogGroup", "Enabled", "GLACIER",
     "Allow", "Deny", "*", "s3:*", "arn:aws:s3:::b/*", "", "Lakeward", None, True, 0, -1, 2.5, float("nan")]
)  # fmt: skip
ANYTHING = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=40
)
RESOURCE = st.builds(lambda kind, properties: {"Type": kind, "Properties": properties}, VALUES, ANYTHING)


@given(ANYTHING | st.builds(lambda one, two: {"Resources": {"One": one, "Two": two}}, RESOURCE, RESOURCE))
def test_any_document_is_read(document: object) -> None:
    lint({"a.json": json.dumps(document)})


def test_a_document_that_contains_itself_is_refused() -> None:
    with pytest.raises(SourceUnreadable, match="recursive"):
        lint({"a.yaml": "Rules: &rules\n  - Status: Enabled\n    Transitions: *rules\n"})


def test_a_value_used_many_times_is_read_once() -> None:
    lines = ["a0: &a0 {Status: Enabled, Transitions: [{StorageClass: GLACIER, Days: 1}]}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert [f.rule.rule_id for f in lint({"a.yaml": "\n".join(lines)})] == ["LW-A03"]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE person (id integer primary key, name text);",
        "CREATE TABLE t WITH (format = 'PARQUET', partitioned_by = ARRAY['k']) AS SELECT a, k FROM s",
        "CREATE EXTERNAL TABLE a.b STORED AS PARQUET LOCATION 's3://b/f/' AS (SELECT a FROM s)",
        "CREATE EXTERNAL TABLE IF NOT EXISTS {{db}}.{{t}} (a string) LOCATION '{{location}}'",
        "UPDATE t SET a = 'x'; INSERT INTO t VALUES (1)",
    ],
    ids=["of-a-database", "from-a-query", "external-from-a-query", "place-holders", "other-statements"],
)
def test_what_is_none_of_its_business(text: str) -> None:
    assert lint({"a.sql": text}) == []
