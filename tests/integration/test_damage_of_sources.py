"""Broken input of every kind: one message that helps, the right exit code, and a lake that is as it was."""

import gzip
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .command_line import Finished, done, lakeward, rows
from .lake_files import all_files, data_files, snapshot_of
from .small_market import SmallMarket

COUNT = "select count(*) as facts, round(sum(negotiated_rate), 2) as money from fact_rate_enriched"


@dataclass(frozen=True)
class Damage:
    """One kind of broken price file: how it is made, and what the message must say of it."""

    name: str
    make: Callable[[bytes], bytes]
    expected: str
    found: str
    hint: str


DAMAGES = {
    "truncated gzip": Damage(
        "august.json.gz", lambda good: gzip.compress(good)[:-2_000], "a whole archive", "an early end", "Fetch the file"
    ),
    "truncated JSON": Damage(
        "august.json", lambda good: good[: len(good) // 2], "a whole JSON document", "its end after", "Fetch the file"
    ),
    "another root": Damage(
        "august.json", lambda good: b"[" + good + b"]", "'in_network' at its root", "a list at the root", "inspect"
    ),
    "no items": Damage(
        "august.json",
        lambda good: json.dumps(json.loads(good) | {"in_network": []}).encode(),
        "at least one item",
        "an empty list",
        "ask the publisher",
    ),
    "nothing at all": Damage("august.json", lambda _: b"", "a JSON object", "0 bytes", "Fetch the file again"),
    "XML": Damage(
        "august.xml", lambda _: b'<?xml version="1.0"?><in_network/>', "a JSON price file", "XML", "the JSON form"
    ),
    "YAML": Damage("august.yaml", lambda _: b"in_network: []\n", "a JSON price file", "YAML", "the JSON form"),
    "text": Damage("august.txt", lambda _: b"hello world\n", "a JSON price file", "hello world", "the JSON form"),
}


@pytest.fixture
def lake(july_lake: Path, tmp_path: Path) -> Path:
    """A lake of its own with July in it."""
    copy = tmp_path / "lake"
    shutil.copytree(july_lake, copy)
    return copy


class Before:
    """The lake before a run that must fail, and the proof that it is the same afterwards."""

    def __init__(self, lake: Path) -> None:
        self.lake, self.files, self.snapshot = lake, all_files(lake), snapshot_of(lake)
        self.contents = data_files(self.snapshot)

    def assert_unchanged(self) -> None:
        """The same snapshot with the same bytes; nothing new below the lake but the record of the run."""
        now = snapshot_of(self.lake)
        assert now.number == self.snapshot.number
        assert now.document == self.snapshot.document
        assert data_files(now) == self.contents
        new = {path for path in all_files(self.lake) - self.files if not path.startswith("_lakeward/runs/")}
        assert new == set()


def configured(market: SmallMarket, path: Path | str, name: str) -> Path:
    """Write a configuration of July and one more price file."""
    july = {"path": str(market.folder / "july.json"), "state": "AL"}
    return market.configuration_of([july, {"path": str(path), "state": "AL"}], name)


def assert_message(finished: Finished, status: int, *parts: str) -> None:
    """One message, with these parts in this order, no traceback, and nothing on stdout."""
    assert finished.status == status, finished.err
    assert finished.out == ""
    assert "Traceback" not in finished.err
    position = 0
    for part in parts:
        assert part in finished.message[position:], f"'{part}' is not (in this place) in:\n{finished.message}"
        position = finished.message.index(part, position)


@pytest.mark.parametrize("kind", DAMAGES)
def test_broken_price_file(small_market: SmallMarket, lake: Path, tmp_path: Path, kind: str) -> None:
    damage = DAMAGES[kind]
    good = (small_market.folder / "august.json").read_bytes()
    path = tmp_path / damage.name
    path.write_bytes(damage.make(good))
    before = Before(lake)
    finished = lakeward("run", "--config", configured(small_market, path, f"broken-{damage.name}"), "--lake", lake)
    parts = (f"{path} cannot be read", "expected: ", damage.expected, "found: ", damage.found, "Nothing was written")
    assert_message(finished, 3, *parts, damage.hint)
    before.assert_unchanged()


def test_after_the_repair_the_run_completes(
    small_market: SmallMarket, lake: Path, both_months_lake: Path, tmp_path: Path
) -> None:
    good = (small_market.folder / "august.json").read_bytes()
    path = tmp_path / "august.json"
    path.write_bytes(good[:-100])
    configuration = configured(small_market, path, "repaired")
    counted = rows(lake, COUNT)
    assert lakeward("run", "--config", configuration, "--lake", lake).status == 3
    assert rows(lake, COUNT) == counted
    failed = done("runs", "--json", "--lake", lake).json[-1]
    assert failed["outcome"] == "failed"
    assert str(path) in failed["error"]
    path.write_bytes(good)
    done("run", "--config", configuration, "--lake", lake)
    assert data_files(snapshot_of(lake), published=True) == data_files(snapshot_of(both_months_lake), published=True)


class TestConfiguration:
    @pytest.mark.parametrize(
        ("location", "parts"),
        [
            ("{folder}", ("sources.mrf[1].path", "is a folder", "Nothing was read or written", "*.json.gz")),
            ("{folder}/none.json", ("sources.mrf[1].path", "no file matches", "none.json", "Nothing was read")),
            ("{folder}/*.json.gz", ("sources.mrf[1].path", "no file matches", "*.json.gz", "Nothing was read")),
        ],
        ids=["a folder", "a missing file", "a glob without files"],
    )
    def test_a_path_that_is_no_file(
        self, small_market: SmallMarket, lake: Path, tmp_path: Path, location: str, parts: tuple[str, ...]
    ) -> None:
        before, files = Before(lake), all_files(lake)
        path = location.format(folder=tmp_path)
        finished = lakeward("run", "--config", configured(small_market, path, "no-file"), "--lake", lake)
        assert_message(finished, 2, *parts)
        before.assert_unchanged()
        assert all_files(lake) == files

    @pytest.mark.parametrize(
        ("changes", "parts"),
        [
            ({"quality": {"rate_mim": 1}}, ("quality.rate_mim", "no such key")),
            ({"layout": {"name": "wide"}}, ("layout.name", "'compact' or 'deep'")),
            ({"resources": {"memory": "plenty"}}, ("resources.memory", "plenty")),
            ({"resources": {"workers": 0}}, ("resources.workers", "greater than or equal to 1")),
        ],
        ids=["unknown key", "unknown layout", "no size", "no workers"],
    )
    def test_an_impossible_value(
        self, small_market: SmallMarket, tmp_path: Path, changes: dict[str, Any], parts: tuple[str, ...]
    ) -> None:
        configuration = small_market.configuration("july", name="impossible", **changes)
        finished = lakeward("run", "--config", configuration, "--lake", tmp_path / "lake")
        assert_message(finished, 2, str(configuration), *parts, "Nothing was read or written")
        assert not (tmp_path / "lake").exists()


def test_more_bad_rows_than_allowed_publish_nothing(small_market: SmallMarket, lake: Path, tmp_path: Path) -> None:
    """A fifth of the prices is zero: the file lands in bronze as it is, and no published table changes."""
    document = small_market.prices("august")
    prices = [
        price
        for item in document["in_network"]
        for rate in item["negotiated_rates"]
        for price in rate["negotiated_prices"]
    ]
    for price in prices[::5]:
        price["negotiated_rate"] = 0
    path = small_market.write_prices("many-zeros.json", document)
    published, number = data_files(snapshot_of(lake), published=True), snapshot_of(lake).number
    finished = lakeward("run", "--config", configured(small_market, path, "many-zeros"), "--lake", lake)
    release = "sample-mutual-insurance-made-up.al.2025-08"
    assert_message(
        finished, 1, "More than 10% of a release was rejected", release, "%", "Nothing was published", "inspect"
    )
    now = snapshot_of(lake)
    assert data_files(now, published=True) == published
    assert {
        name for name in now.tables() if now.document[name] != snapshot_of(lake).lake.snapshot(number).document[name]
    } <= {name for name in now.tables() if name.startswith("bronze/")}
    assert done("ledger", "--check", "--lake", lake).status == 0


class TestDisk:
    @pytest.mark.parametrize("kilobytes", [8, 600], ids=["while landing", "while building"])
    def test_no_room(self, small_market: SmallMarket, lake: Path, kilobytes: int) -> None:
        """No file may grow beyond a size, which fails in the same calls as a full disk does."""
        published = data_files(snapshot_of(lake), published=True)
        configuration = small_market.configuration("july", "august")
        finished = lakeward("run", "--config", configuration, "--lake", lake, largest_file=kilobytes * 1024)
        assert finished.status == 3, finished.err
        assert "Traceback" not in finished.err
        assert "File too large" in finished.message
        assert "Nothing was" in finished.message or "The lake is as it was" in finished.message
        assert data_files(snapshot_of(lake), published=True) == published
        assert not any(path.startswith("_lakeward/temporary/") for path in all_files(lake))

    def test_a_lake_that_cannot_be_written(self, small_market: SmallMarket, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        lake = tmp_path / "file" / "lake"
        finished = lakeward("run", "--config", small_market.configuration("july"), "--lake", lake)
        assert_message(finished, 3, "could not write", str(lake), "found: Not a directory", "--lake")
        assert (tmp_path / "file").read_text() == "in the way"


class Server:
    """Answers each path as it is told to; counts the requests."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, bytes, int]]] = {}
        self.requests: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append(self.path)
                left = server.answers.get(self.path, [(404, b"not here", 8)])
                status, body, announced = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                self.send_header("Content-Length", str(announced))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


class TestAddresses:
    def test_not_found(self, small_market: SmallMarket, lake: Path, server: Server) -> None:
        before, address = Before(lake), f"{server.address}/august.json"
        finished = lakeward("run", "--config", configured(small_market, address, "absent"), "--lake", lake)
        assert_message(finished, 3, address, "404", "publisher")
        assert server.requests == ["/august.json"]
        before.assert_unchanged()

    def test_never_whole(self, small_market: SmallMarket, lake: Path, server: Server) -> None:
        before, address = Before(lake), f"{server.address}/august.json"
        server.answers["/august.json"] = [(200, b'{"reporting', 900)]
        finished = lakeward("run", "--config", configured(small_market, address, "never-whole"), "--lake", lake)
        assert_message(finished, 3, address, "the connection failed", "4 times", "Nothing was written", "Try again")
        assert len(server.requests) == 4
        before.assert_unchanged()

    def test_whole_at_the_third_attempt(self, small_market: SmallMarket, lake: Path, server: Server) -> None:
        good = (small_market.folder / "august.json").read_bytes()
        server.answers["/august.json"] = [(503, b"", 0), (200, good[:500], len(good)), (200, good, len(good))]
        configuration = configured(small_market, f"{server.address}/august.json", "flaky")
        landed = done("extract", "--config", configuration, "--lake", lake, "--json").json
        assert landed["outcome"] == "landed"
        assert len(server.requests) == 3
        names = "select name, size_bytes from bronze.lake__source_file where name = 'august.json'"
        assert rows(lake, names) == [{"name": "august.json", "size_bytes": len(good)}]

    def test_plain_http_is_refused_elsewhere(self, small_market: SmallMarket, lake: Path) -> None:
        before, address = Before(lake), "http://192.0.2.1/august.json"
        finished = lakeward("run", "--config", configured(small_market, address, "plain"), "--lake", lake)
        assert_message(finished, 3, address, "https")
        before.assert_unchanged()
