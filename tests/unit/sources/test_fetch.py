"""Fetching from a server on this machine that misbehaves in one way at a time."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lakeward.errors import FetchFailed
from lakeward.sources.fetch import Patience, ReferenceFetcher, download

QUICK = Patience(attempts=3, first_pause_seconds=0.0, read_seconds=5.0)
CONTENT = b"negotiated " * 1000


class _Server(BaseHTTPRequestHandler):
    """Answers by the first part of the path; counts the requests of each path."""

    requests: dict[str, int]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        count = self.requests[path] = self.requests.get(path, 0) + 1
        kind = path.split("/")[1]
        if kind == "moved":
            self._answer(302, b"", Location="/whole/file.json")
        elif kind == "away":
            self._answer(302, b"", Location="http://example.org/file.json")
        elif kind == "round":
            self._answer(302, b"", Location=self.path)
        elif kind == "busy" and count < 3:
            self._answer(503, b"", **{"Retry-After": "0"})
        elif kind == "down":
            self._answer(500, b"")
        elif kind == "short" and count < 2:
            self._answer(200, CONTENT[:100], **{"Content-Length": str(len(CONTENT))})
        elif kind.isdigit():
            self._answer(int(kind), b"no")
        else:
            self._answer(200, CONTENT)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, dict[str, int]]]:
    """A server's address and how often each path was asked for."""
    _Server.requests = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", _Server.requests
        running.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param("/whole/2025_in-network.json.gz?Signature=abc", 1, id="whole"),
        pytest.param("/busy/file.json", 3, id="busy-twice"),
        pytest.param("/short/file.json", 2, id="cut-short-once"),
        pytest.param("/moved/file.json", 1, id="redirect"),
    ],
)
def test_a_file_arrives_whole(server: tuple[str, dict[str, int]], tmp_path: Path, path: str, asked: int) -> None:
    address, requests = server
    found = download(address + path, tmp_path, patience=QUICK)
    assert found.read_bytes() == CONTENT
    assert found.name == path.split("?")[0].rsplit("/", 1)[1]
    assert requests[path.split("?")[0]] == asked
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("/404/secret.json?Signature=abc", "status 404", id="404"),
        pytest.param("/403/file.json", "signature has expired", id="403"),
        pytest.param("/down/file.json", "status 500, 3 times", id="down"),
        pytest.param("/round/file.json", "more than 10 redirects", id="round-and-round"),
        pytest.param("/away/file.json", "leads to 'http:'", id="redirect-to-http"),
    ],
)
def test_a_failure_says_what_and_leaves_nothing(
    server: tuple[str, dict[str, int]], tmp_path: Path, path: str, message: str
) -> None:
    with pytest.raises(FetchFailed, match=message) as failed:
        download(server[0] + path, tmp_path, patience=QUICK)
    assert "Signature" not in str(failed.value)
    assert "Nothing was written." in str(failed.value)
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    "url", ["http://example.org/a.json", "ftp://example.org/a.json", "file:///etc/hosts", "a.json"]
)
def test_only_https_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchFailed, match="Give an https address"):
        download(url, tmp_path, patience=QUICK)


def test_no_address_at_all(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="it is no address"):
        ReferenceFetcher(tmp_path, QUICK)("https://[half")


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="the connection failed"):
        download("http://127.0.0.1:9/a.json", tmp_path, patience=QUICK)


def test_a_download_that_is_there_is_not_repeated(server: tuple[str, dict[str, int]], tmp_path: Path) -> None:
    address, requests = server
    first = download(f"{address}/whole/a.json?Signature=1", tmp_path, patience=QUICK)
    assert download(f"{address}/whole/a.json?Signature=2", tmp_path, patience=QUICK) == first
    assert download(f"{address}/whole/x/a.json", tmp_path, patience=QUICK) != first
    assert requests["/whole/a.json"] == 1


def test_references_are_kept_by_content_and_asked_for_once(server: tuple[str, dict[str, int]], tmp_path: Path) -> None:
    address, requests = server
    fetch = ReferenceFetcher(tmp_path, QUICK)
    assert fetch(f"{address}/whole/a.json") == fetch(f"{address}/whole/b.json")
    for _ in range(2):
        with pytest.raises(FetchFailed, match="status 404"):
            fetch(f"{address}/404/gone.json")
    assert requests["/404/gone.json"] == 1
    assert len(list((tmp_path / "references").iterdir())) == 1
