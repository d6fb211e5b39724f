"""How the engine reaches a bucket: temporary secrets, renewed in time, and one message when the bucket refuses."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import duckdb
import pytest

from lakeward.errors import StorageFailed
from lakeward.lake.s3_storage import S3Storage
from lakeward.publish.bucket import LAKE_VARIABLE, SETTINGS_OF_EXTENSION, Bucket, BucketReader, refusals_of
from lakeward.settings import StorageSettings

READ = "select * from read_parquet('s3://lake/some/a.parquet')"
Answering = Callable[[int], str]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "temporary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "it's a secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a token")
    monkeypatch.setitem(SETTINGS_OF_EXTENSION, "http_retries", "1")


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Start a service that answers every request with one status, and return its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int) -> str:
        class Refusal(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Message>no</Message></Error>"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def bucket(endpoint: str | None = None) -> Bucket:
    return Bucket("s3://lake/some", "eu-west-1", endpoint)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (403, "Check that the credentials have not run out"),
        (400, "Check that the bucket is in `storage.region`, 'eu-west-1'"),
        (301, "Check that the bucket is in `storage.region`, 'eu-west-1'"),
        (404, "The object is gone."),
        (503, "Check `storage.endpoint_url` and the network"),
    ],
)
def test_a_refusal_says_what_to_do(answering: Answering, status: int, advice: str) -> None:
    place = bucket(answering(status))
    with duckdb.connect() as connection:
        BucketReader(place).prepare(connection)
        with pytest.raises(StorageFailed) as raised, refusals_of(place):
            connection.execute(READ)
    assert advice in str(raised.value)
    assert str(status) in str(raised.value)
    assert "s3://lake/some" in str(raised.value)


def test_another_region_is_said_by_the_storage_too(answering: Answering) -> None:
    storage = S3Storage("lake", "some", StorageSettings(endpoint_url=answering(400)))
    with pytest.raises(StorageFailed, match=r"Set `storage.region` to the region of the bucket"):
        storage.read("a")


def test_errors_of_files_are_left_as_they_are() -> None:
    with pytest.raises(duckdb.IOException), refusals_of(bucket()):
        duckdb.connect().sql("from read_parquet('/nowhere/a.parquet')")


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(StorageFailed, match="Set AWS_PROFILE, or AWS_ACCESS_KEY_ID"):
        BucketReader(bucket())


def test_the_secret_is_the_connections_alone() -> None:
    with duckdb.connect() as connection:
        BucketReader(bucket()).prepare(connection)
        ((persistent, storage, shown),) = connection.sql(
            "select persistent, storage, secret_string from duckdb_secrets()"
        ).fetchall()
    assert (persistent, storage) == (False, "memory")
    assert "temporary" in shown
    assert "it's a secret" not in shown
    assert "a token" not in shown


def test_credentials_that_changed_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = BucketReader(bucket())
    with duckdb.connect() as connection:
        reader.prepare(connection)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renewed")
        monkeypatch.setattr(reader, "_credentials", BucketReader(bucket())._credentials)
        reader.renew(connection)
        shown = connection.sql("select secret_string from duckdb_secrets()").fetchall()
    assert len(shown) == 1
    assert "key_id=renewed" in shown[0][0]


def test_a_process_is_told_where_but_not_with_what() -> None:
    place = bucket("http://127.0.0.1:9")
    assert Bucket.from_variables(place.variables()) == place
    assert Bucket.from_variables(bucket().variables()) == bucket()
    assert Bucket.from_variables({LAKE_VARIABLE: ""}) is None
    assert Bucket.of("/lake", StorageSettings()) is None
    assert "secret" not in str(place.variables())


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_the_endpoint_of_every_aws_tool_is_taken(
    monkeypatch: pytest.MonkeyPatch, answering: Answering, name: str
) -> None:
    endpoint = answering(400).replace("127.0.0.1", "localhost")
    monkeypatch.setenv(name, endpoint)
    place = Bucket.of("s3://lake/some", StorageSettings())
    assert place == Bucket("s3://lake/some", "us-east-1", endpoint)
    with pytest.raises(StorageFailed, match="400"):  # it answered: the bucket is asked for in the path
        S3Storage("lake", "some", StorageSettings()).exists("a")
    given = StorageSettings(endpoint_url="http://127.0.0.1:9")
    assert Bucket.of("s3://lake/some", given) == Bucket("s3://lake/some", "us-east-1", "http://127.0.0.1:9")
