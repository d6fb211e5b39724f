"""A Census API on this machine that answers as the real one does, well or in each of the ways it is known to fail.

The bodies of the failures are those that users of the API have published; the figures are made up.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

STATES = ("13", "09")
COUNTIES = ("13121", "13001", "09110")
MISSING_KEY = """
<html>
    <head>
        <title>Missing Key</title>
    </head>
    <body><p>A valid <em>key</em> must be included with each data API request.</p></body>
</html>"""
INVALID_KEY = MISSING_KEY.replace("Missing", "Invalid")


def figure(geography: str, variable: str) -> str | None:
    """Return a made-up figure: some are null, some are the API's number for a missing one."""
    if variable == "B19013_001E" and geography == "13001":
        return "-666666666"
    if variable == "B19013_001M" and geography == "13001":
        return None
    if variable.endswith("M"):
        return "-555555555" if variable == "B01003_001M" else "12"
    table, _, line = variable.partition("_")
    if table == "B01001":
        return {"001E": "4900"}.get(line, "100")
    return {
        "B01003_001E": "4900", "B11001_001E": "2000", "B19013_001E": "61145", "B17001_001E": "4000",
        "B17001_002E": "500", "B27010_001E": "4800",
    }.get(variable, "60")  # fmt: skip


def table(query: dict[str, list[str]]) -> list[list[str | None]]:
    """Return the answer to a request, the header first, rows in the order of the constants."""
    names = query["get"][0].split(",")
    is_county = query["for"] == ["county:*"]
    rows: list[list[str | None]] = [[*names, "state", "county"] if is_county else [*names, "state"]]
    for code in COUNTIES if is_county else STATES:
        figures = [f"Place {code}" if name == "NAME" else figure(code, name) for name in names]
        rows.append([*figures, code[:2], code[2:]] if is_county else [*figures, code])
    return rows


class CensusServer:
    """The API, and how it is to fail.

    ``failure`` is one of the ways below, for the next ``times`` requests that follow the first ``after``; each request
    is kept in ``asked``.
    """

    def __init__(self, url: str) -> None:
        self.url, self.failure, self.times, self.after = url, "", 10**6, 0
        self.asked: list[dict[str, list[str]]] = []
        self.reversed = False

    def fails_now(self) -> bool:
        """Whether the request that was kept last is to fail."""
        return bool(self.failure) and self.after < len(self.asked) <= self.after + self.times


class _Handler(BaseHTTPRequestHandler):
    census: CensusServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.endswith(".html"):
            self._send(200, MISSING_KEY, "text/html")
            return
        query = parse_qs(address.query)
        self.census.asked.append({**query, "path": [address.path]})
        rows = table(query)
        if self.census.reversed:
            rows = [rows[0], *rows[:0:-1]]
        good = json.dumps(rows)
        if self.census.fails_now():
            self._fail(self.census.failure, rows, good)
        else:
            self._send(200, good)

    def _fail(self, failure: str, rows: list[list[str | None]], good: str) -> None:
        match failure:
            case "missing_key":
                self._send(302, "", location="/data/missing_key.html")
            case "moved":
                self._send(301, "", location=f"http://127.0.0.1:9/elsewhere?{urlsplit(self.path).query}")
            case "invalid_key":
                self._send(200, INVALID_KEY, "text/html")
            case "maintenance":
                self._send(200, "<html><head><title>Down for maintenance</title></head></html>", "text/html")
            case "unknown_variable":
                self._send(400, "error: unknown variable 'B01003_001X'", "text/plain")
            case "words":
                self._send(200, "error: unknown/unsupported geography hierarchy", "text/plain")
            case "no_content":
                self._send(204, "")
            case "not_found":
                self._send(404, "<html><head><title>404 Not Found</title></head></html>", "text/html")
            case "header_only":
                self._send(200, json.dumps(rows[:1]))
            case "cut_off":
                self._send(200, good[: len(good) // 2])
            case "cut_off_by_length":
                self._send(200, good[: len(good) // 2], length=len(good))
            case "ragged":
                self._send(200, json.dumps([*rows, rows[-1][:-1]]))
            case "object":
                self._send(200, json.dumps({"error": "no table"}))
            case "nested":
                self._send(200, json.dumps([*rows, [["x"], *rows[-1][1:]]]))
            case "repeated":
                self._send(200, json.dumps([*rows, rows[-1]]))
            case "other_columns":
                self._send(200, json.dumps([[*rows[0][:1], "B99999_001E", *rows[0][2:]], *rows[1:]]))
            case "forbidden":
                self._send(403, "no")
            case "busy":
                self._send(429, "slow down", retry_after="0")
            case "broken":
                self._send(503, "<html>Service Unavailable</html>", "text/html")
            case "hang_up":
                self.close_connection = True
            case _:
                raise AssertionError(failure)

    def _send(
        self, status: int, body: str, kind: str = "application/json", *, location: str = "", length: int | None = None,
        retry_after: str = "",
    ) -> None:  # fmt: skip
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in (("Location", location), ("Retry-After", retry_after)):
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def census_server() -> Iterator[CensusServer]:
    """Run the server for the time of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    census = CensusServer(f"http://127.0.0.1:{server.server_address[1]}/data")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"census": census})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield census
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
