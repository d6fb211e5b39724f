"""Registration in Glue, on an emulator: the catalogue says what the commit says, and a second time changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lakeward.aws.calls import aws_client
from lakeward.aws.glue import register_table
from lakeward.aws.hive_tables import HiveColumn, HivePartition, HiveTable, hive_tables
from lakeward.aws.register import Registration, register_lake
from lakeward.aws.saved_queries import QUERIES
from lakeward.aws.views import glue_views
from lakeward.aws.workgroup import save_queries
from lakeward.errors import ResourceError, UsageError
from lakeward.lake.commit import Lake, Snapshot
from lakeward.publish.layout import DEEP
from lakeward.settings import StorageSettings

from .hive_lake import LOCATION, publish

DATABASE, WORKGROUP = "lakeward_test", "lakeward-test"
FACT = "fact_rate_enriched"


@dataclass
class Account:
    """An emulated account with a lake in a bucket."""

    lake: Lake
    glue: Any
    athena: Any
    calls: list[tuple[str, int]] = field(default_factory=list)

    def register(self, snapshot: Snapshot, names: tuple[str, ...] = (), *, projection: bool = False) -> Registration:
        tables = hive_tables(snapshot, LOCATION, names, projection=projection)
        views = glue_views(snapshot, LOCATION)
        return register_lake(snapshot, tables, views, DATABASE, WORKGROUP, self.glue, self.athena, whole=not names)

    def table(self, name: str = FACT) -> dict[str, Any]:
        return dict(self.glue.get_table(DatabaseName=DATABASE, Name=name)["Table"])

    def partitions(self, name: str = FACT) -> dict[tuple[str, ...], str]:
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=DATABASE, TableName=name)
        found = [partition for page in pages for partition in page["Partitions"]]
        return {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in found}

    def files(self, location: str) -> list[str]:
        """Return the files that the manifests of a location list."""
        path = location.removeprefix(f"{LOCATION}/")
        texts = [self.lake.storage.read(found).decode() for found in self.lake.storage.list(path)]
        return sorted(line for text in texts for line in text.splitlines())


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of the emulator, and nothing of this machine's own."""
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="health-lake")
        athena = aws_client("athena", "us-east-1")
        athena.create_work_group(Name=WORKGROUP)
        found = Account(Lake.open(LOCATION, StorageSettings()), aws_client("glue", "us-east-1"), athena)
        for call, member in {
            "BatchCreatePartition": "PartitionInputList",
            "BatchUpdatePartition": "Entries",
            "BatchDeletePartition": "PartitionsToDelete",
        }.items():
            found.glue.meta.events.register(
                f"provide-client-params.glue.{call}",
                lambda params, call=call, member=member, **_: found.calls.append((call, len(params[member]))),
            )
        yield found


def of(registration: Registration, name: str = FACT) -> tuple[str, int, int, int]:
    """Return what was done to one table."""
    found = next(table for table in registration.tables if table.table == name)
    return found.change, found.added, found.moved, found.removed


def test_the_catalogue_says_what_the_commit_says(account: Account, tmp_path: Path) -> None:
    publish(account.lake, tmp_path / "a", seed="old")
    snapshot = publish(account.lake, tmp_path / "b", seed="new", rows=30)
    done = account.register(snapshot)
    assert done.database_created
    assert {table.table: table.change for table in done.tables} == dict.fromkeys(
        ("dim_nothing", FACT, "mart_code"), "created"
    )
    found = account.table()
    assert [key["Name"] for key in found["PartitionKeys"]] == ["payer_slug", "state", "billing_class", "year", "month"]
    assert found["TableType"] == "EXTERNAL_TABLE"
    assert not {c["Name"] for c in found["StorageDescriptor"]["Columns"]} & {k["Name"] for k in found["PartitionKeys"]}
    by_values: dict[tuple[str, ...], list[str]] = {}
    for file in snapshot.files(f"gold/rates/{FACT}"):
        values = tuple(value or "__HIVE_DEFAULT_PARTITION__" for value in file.partition.values())
        by_values.setdefault(values, []).append(f"{LOCATION}/{file.path}")
    assert {values: account.files(place) for values, place in account.partitions().items()} == by_values
    assert any("__HIVE_DEFAULT_PARTITION__" in values for values in by_values)
    (whole,) = snapshot.files("gold/rates/mart_code")
    assert account.files(account.table("mart_code")["StorageDescriptor"]["Location"]) == [f"{LOCATION}/{whole.path}"]


@pytest.mark.parametrize("projection", [False, True])
def test_a_second_time_changes_nothing(account: Account, tmp_path: Path, projection: bool) -> None:
    snapshot = publish(account.lake, tmp_path / "a", no_state=False)
    account.register(snapshot, projection=projection)
    before = account.table(), account.partitions()
    account.calls.clear()
    again = account.register(snapshot, projection=projection)
    assert (again.database_created, again.manifests_written, again.manifests_deleted) == (False, 0, 0)
    assert {table.change for table in again.tables} == {"unchanged"}
    assert {query.change for query in again.queries} == {"unchanged"}
    assert (account.table(), account.partitions()) == before
    assert account.calls == []


def test_a_new_commit_moves_adds_and_removes(account: Account, tmp_path: Path) -> None:
    account.register(publish(account.lake, tmp_path / "a", seed="old", no_state=False))
    places = account.partitions()
    transaction = account.lake.begin("less")
    transaction.remove_slice(f"gold/rates/{FACT}", "acme.ga.2025-08")
    done = account.register(transaction.commit())
    assert of(done) == ("updated", 0, 0, 2)
    done = account.register(publish(account.lake, tmp_path / "b", seed="new"))
    # Six stay and hold other files, two come back, and the four professional ones get a part whose state is null.
    assert of(done) == ("updated", 2 + 4, 6, 0)
    assert set(places) < set(account.partitions())
    assert not set(places.values()) & set(account.partitions().values())
    assert done.manifests_deleted == 0


def test_a_moment_before_the_new_files_no_old_one_is_lost(account: Account, tmp_path: Path) -> None:
    """What was just given up stays readable, and goes when it is given up for a day and registered again."""
    from lakeward.aws.manifests import sweep_manifests

    first = publish(account.lake, tmp_path / "a", seed="old", no_state=False)
    account.register(first)
    old = set(account.partitions().values())
    snapshot = publish(account.lake, tmp_path / "b", seed="new", no_state=False)
    done = account.register(snapshot)
    replaced = {place for table in done.tables for place in table.replaced}
    assert old <= replaced
    tables = hive_tables(snapshot, LOCATION)
    tomorrow = datetime.now(UTC) + timedelta(hours=25)
    assert sweep_manifests(account.lake, tables, ()) == 0
    assert sweep_manifests(account.lake, tables, replaced, tomorrow) == 0
    assert all(account.files(place) for place in old)
    assert sweep_manifests(account.lake, tables, (), tomorrow) == len(replaced)
    assert not any(account.files(place) for place in old)
    assert all(account.files(place) for place in account.partitions().values())


def test_projection_comes_and_goes(account: Account, tmp_path: Path) -> None:
    snapshot = publish(account.lake, tmp_path / "a", no_state=False)
    account.register(snapshot)
    registered = account.partitions()
    assert of(account.register(snapshot, projection=True)) == ("updated", 0, 0, len(registered))
    assert account.table()["Parameters"]["projection.month.digits"] == "2"
    assert account.partitions() == {}
    assert of(account.register(snapshot)) == ("updated", len(registered), 0, 0)
    assert not [name for name in account.table()["Parameters"] if name.startswith(("projection", "storage"))]
    assert account.partitions() == registered


def test_a_projection_that_somebody_set_by_hand_is_taken_back(account: Account, tmp_path: Path) -> None:
    snapshot = publish(account.lake, tmp_path / "a")
    account.register(snapshot)
    found = account.table()
    ours = ("Name", "Description", "TableType", "PartitionKeys", "StorageDescriptor")
    parameters = found["Parameters"] | {"projection.enabled": "true"}
    account.glue.update_table(
        DatabaseName=DATABASE, TableInput={name: found[name] for name in ours} | {"Parameters": parameters}
    )
    assert of(account.register(snapshot)) == ("updated", 0, 0, 0)
    assert account.table()["Parameters"] == found["Parameters"]


def test_a_projected_table_moves_on_in_one_update(account: Account, tmp_path: Path) -> None:
    account.register(publish(account.lake, tmp_path / "a", seed="old", no_state=False), projection=True)
    before = account.table()["StorageDescriptor"]["Location"]
    snapshot = publish(account.lake, tmp_path / "b", seed="new", no_state=False)
    account.calls.clear()
    assert of(account.register(snapshot, projection=True)) == ("updated", 0, 0, 0)
    assert account.calls == []
    found = account.table()
    assert found["StorageDescriptor"]["Location"] != before
    assert found["Parameters"]["storage.location.template"].startswith(found["StorageDescriptor"]["Location"])
    assert account.files(before)


def test_another_layout_makes_the_table_anew(account: Account, tmp_path: Path) -> None:
    account.register(publish(account.lake, tmp_path / "a"))
    before = set(account.partitions().values())
    snapshot = publish(account.lake, tmp_path / "b", layout=DEEP)
    done = account.register(snapshot)
    change, added, moved, removed = of(done)
    assert before <= {place for table in done.tables for place in table.replaced}
    assert (change, moved, removed) == ("updated", 0, 0)
    assert added == len(account.partitions()) > 0
    assert [key["Name"] for key in account.table()["PartitionKeys"]] == list(DEEP.spec.keys)


def test_partitions_go_in_calls_that_glue_takes(account: Account) -> None:
    columns, keys = (HiveColumn("code", "string", ""),), (HiveColumn("year", "string", ""),)
    place = f"{LOCATION}/hive/t/"
    partitions = tuple(HivePartition((str(n),), f"{place}{n}/") for n in range(230))
    table = HiveTable("gold/rates/t", "t", "", columns, keys, place, LOCATION, partitions)
    account.glue.create_database(DatabaseInput={"Name": DATABASE})
    register_table(account.glue, DATABASE, table)
    moved = tuple(replace(p, location=f"{place}new-{p.values[0]}/") for p in partitions[:130])
    register_table(account.glue, DATABASE, replace(table, partitions=moved))
    assert account.calls == [
        *[("BatchCreatePartition", 100), ("BatchCreatePartition", 100), ("BatchCreatePartition", 30)],
        *[("BatchUpdatePartition", 100), ("BatchUpdatePartition", 30)],
        *[("BatchDeletePartition", 25)] * 4,
    ]
    assert set(account.partitions("t").values()) == {partition.location for partition in moved}


def test_a_column_that_changes_reaches_every_partition(account: Account) -> None:
    columns, keys = (HiveColumn("code", "string", ""),), (HiveColumn("year", "string", ""),)
    place = f"{LOCATION}/hive/t/"
    table = HiveTable(
        "gold/rates/t", "t", "", columns, keys, place, LOCATION, (HivePartition(("2025",), f"{place}1/"),)
    )
    account.glue.create_database(DatabaseInput={"Name": DATABASE})
    register_table(account.glue, DATABASE, table)
    wider = replace(table, columns=(*columns, HiveColumn("rate", "double", "")))
    done = register_table(account.glue, DATABASE, wider)
    assert (done.change, done.moved) == ("updated", 1)
    answer = account.glue.get_partition(DatabaseName=DATABASE, TableName="t", PartitionValues=["2025"])
    names = [column["Name"] for column in answer["Partition"]["StorageDescriptor"]["Columns"]]
    assert names == ["code", "rate"]


def test_tables_that_the_lake_has_no_more_go_and_others_stay(account: Account, tmp_path: Path) -> None:
    account.register(publish(account.lake, tmp_path / "a"))
    account.glue.create_table(DatabaseName=DATABASE, TableInput={"Name": "somebody_elses"})
    transaction = account.lake.begin("less")
    transaction.remove_slice("gold/rates/mart_code", "whole")
    snapshot = transaction.commit()
    account.register(snapshot, (FACT,))
    assert account.table("mart_code")
    done = account.register(snapshot)
    assert of(done, "mart_code")[0] == "deleted"
    names = [table["Name"] for table in account.glue.get_tables(DatabaseName=DATABASE)["TableList"]]
    assert sorted(names) == ["dim_nothing", FACT, "somebody_elses"]


def test_a_table_of_another_lake_is_left_alone(account: Account, tmp_path: Path) -> None:
    account.glue.create_database(DatabaseInput={"Name": DATABASE})
    account.glue.create_table(DatabaseName=DATABASE, TableInput={"Name": FACT, "Parameters": {"owner": "finance"}})
    with pytest.raises(UsageError, match=r"has a table 'fact_rate_enriched' that is not of this lake.*\n  expected"):
        account.register(publish(account.lake, tmp_path / "a"))
    assert account.table()["Parameters"] == {"owner": "finance"}


def test_queries_are_kept_beside_those_of_others(account: Account) -> None:
    account.athena.create_named_query(Name="mine", Database="x", QueryString="select 1", WorkGroup=WORKGROUP)
    assert {c.change for c in save_queries(account.athena, DATABASE, WORKGROUP)} == {"created"}
    assert {c.change for c in save_queries(account.athena, DATABASE, WORKGROUP)} == {"unchanged"}
    listed = account.athena.list_named_queries(WorkGroup=WORKGROUP)["NamedQueryIds"]
    assert len(listed) == len(QUERIES) + 1


def test_a_query_that_reads_otherwise_is_updated(account: Account) -> None:
    """The emulator knows no UpdateNamedQuery, so its answer stands in here."""
    answer = account.athena.create_named_query(
        Name=QUERIES[0].name, Database=DATABASE, QueryString="select 1", WorkGroup=WORKGROUP
    )
    sent = []
    account.athena.meta.events.register(
        "before-call.athena.UpdateNamedQuery",
        lambda params, **_: (sent.append(params["body"]), (type("Answer", (), {"status_code": 200}), {}))[1],
    )
    changes = save_queries(account.athena, DATABASE, WORKGROUP)
    assert changes[0].change == "updated"
    assert len(sent) == 1
    assert answer["NamedQueryId"] in str(sent[0])


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "Use the transform role"),
        ("ExpiredTokenException", "sign in again"),
        ("ThrottlingException", "again in a minute"),
        ("InternalServiceException", "Check the region, the network and the credentials"),
    ],
)
def test_a_refusal_is_one_message(account: Account, code: str, advice: str) -> None:
    table = HiveTable("gold/rates/t", "t", "", (), (), f"{LOCATION}/hive/t/1/", LOCATION)
    with Stubber(account.glue) as stubber:
        stubber.add_client_error("get_table", code, "no")
        with pytest.raises(
            ResourceError, match=rf"would not register the table 'd\.t'\.\n  found: .*\(?{code}"
        ) as caught:
            register_table(account.glue, "d", table)
    assert advice in str(caught.value)


def test_a_partition_that_glue_refuses_stops_the_registration(account: Account) -> None:
    keys, place = (HiveColumn("year", "string", ""),), f"{LOCATION}/hive/t/"
    twice = (HivePartition(("2025",), f"{place}1/"),)
    table = HiveTable("gold/rates/t", "t", "", (), keys, place, LOCATION, twice)
    account.glue.create_database(DatabaseInput={"Name": DATABASE})
    error = {"ErrorCode": "AlreadyExistsException", "ErrorMessage": "there"}
    account.glue.meta.events.register(
        "before-call.glue.BatchCreatePartition",
        lambda **_: (type("Answer", (), {"status_code": 200}), {"Errors": [{"ErrorDetail": error}]}),
    )
    with pytest.raises(
        ResourceError, match=r"1 partitions could not be added.*\n  found: AlreadyExistsException: there"
    ):
        register_table(account.glue, DATABASE, table)
