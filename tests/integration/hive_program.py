"""Runs statements of Hive in Spark with a catalogue of Hive, for ``test_hive_engine.py``.

Started by the Python of ``build/spark``, which has PySpark and nothing of Lakeward. In: a JSON document, the first
argument, with ``statements`` to run one after the other, ``tables`` to copy, each to a folder, ``queries`` by name, and
``refused``, lists of statements by name of which each list is tried apart. Out: a JSON document, the second argument:
what the engine says to the statements and to each list, null where it took them, the partitions of each table, and the
answers of the queries.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession


def hive_session(folder: str) -> SparkSession:
    """Return a session whose catalogue is Hive's own, in a database in memory."""
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "768m",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.metastore.schema.verification": "false",
        "spark.hadoop.javax.jdo.option.ConnectionURL": "jdbc:derby:memory:lakeward;create=true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": f"{folder}/warehouse",
        "spark.ui.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]").enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def refusal(session: SparkSession, statements: list[str]) -> str | None:
    """Run statements and return what the engine says to the first that it refuses."""
    try:
        for statement in statements:
            session.sql(statement)
    except PySparkException as error:
        return str(error)
    return None


def answer(session: SparkSession, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what the document asks for; nothing is read when a statement was refused."""
    said = refusal(session, asked["statements"])
    refused = {name: refusal(session, statements) for name, statements in asked["refused"].items()}
    if said is not None:
        return {"said": said, "refused": refused}
    for table, folder in asked["tables"].items():
        session.table(table).coalesce(1).write.parquet(folder)
    partitions = {
        table: [row[0] for row in session.sql(f"show partitions {table}").collect()]
        for table in asked["tables"]
        if any(column.isPartition for column in session.catalog.listColumns(table))
    }
    answers = {name: [list(row) for row in session.sql(sql).collect()] for name, sql in asked["queries"].items()}
    return {"said": None, "refused": refused, "partitions": partitions, "answers": answers}


def main() -> None:
    """Read the document, answer it, stop."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        session = hive_session(folder)
        Path(sys.argv[2]).write_text(json.dumps(answer(session, asked)), encoding="utf-8")
        session.stop()


if __name__ == "__main__":
    main()
