"""A Census Geocoder on the loopback address: it answers as the real one, or fails in one of the ways it fails in."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Body = Callable[[str], str]
FAULTS: dict[str, tuple[int, Body]] = {
    "busy": (503, lambda _: "busy"),
    "a web page": (200, lambda _: "<html><body>Service Unavailable</body></html>"),
    "nothing": (200, lambda _: ""),
    "cut in a row": (200, lambda good: good[: -len(good.splitlines()[-1]) // 2 - 1]),
    "cut between rows": (200, lambda good: "".join(good.splitlines(keepends=True)[:-1])),
    "shorter than it says": (200, lambda good: good),
    "no such vintage": (400, lambda _: "vintage"),
    "moved": (302, lambda _: ""),
    "an address twice": (200, lambda good: good + good.splitlines(keepends=True)[0]),
    "another address": (200, lambda good: good + '"' + "0" * 32 + '","1 A St, B, GA, 30301","No_Match"\n'),
    "rows without a key": (200, lambda good: "".join(f'"{n}"{line[34:]}' for n, line in enumerate(_lines(good)))),
    "without geographies": (200, lambda good: "".join(_first_eight(line) for line in _lines(good))),
    "a status of its own": (200, lambda good: good.replace('"No_Match"', '"Perhaps"')),
}  # fmt: skip
"""By name: the status and what becomes of the good answer."""


@dataclass
class GeocoderService:
    """The service: what it was asked, and the faults of its next answers.

    A street that begins with 1 matches, in the county that ``counties`` says for its ZIP code; with 3 it is a tie; any
    other has no match.
    """

    counties: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    asked: list[list[list[str]]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys of all answered addresses, in the order they were asked."""
        return [row[0] for batch in self.asked for row in batch]

    def answer(self, rows: list[list[str]]) -> str:
        """Return the whole answer, in another order than asked: the real one keeps none."""
        return "".join(self._row(*row) for row in reversed(rows))

    def _row(self, key: str, street: str, city: str, state: str, zip_code: str) -> str:
        address = f"{street}, {city}, {state}, {zip_code}"
        fields = [key, address, {"1": "Match", "3": "Tie"}.get(street[0], "No_Match")]
        if fields[2] == "Match":
            county = self.counties.get(zip_code, "13121")
            fields += ["Exact", address.upper(), "-84.388,33.749", "76355984", "L", county[:2], county[2:], "000100"]
            fields.append("1067")
        return _line(fields)


@contextmanager
def running_service() -> Iterator[GeocoderService]:
    """Run a service while the block runs; its ``url`` is the setting's."""
    service = GeocoderService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form, rows = _form(self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"])))
            good, fault = service.answer(rows), service.faults.pop(0) if service.faults else ""
            service.forms.append(form | {"path": self.path})
            if not fault:
                service.asked.append(rows)
            status, body = (FAULTS[fault][0], FAULTS[fault][1](good)) if fault else (200, good)
            data = body.encode()
            self.send_response(status)
            self.send_header("Retry-After", "0")
            self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.send_header("Content-Length", str(len(data) + (100 if fault == "shorter than it says" else 0)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        service.url = f"http://127.0.0.1:{server.server_address[1]}/geocoder"
        yield service
        server.shutdown()
        thread.join()


def _form(content_type: str, body: bytes) -> tuple[dict[str, str], list[list[str]]]:
    """Return the fields of a multipart form, and the rows of its file."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    file = parts.pop("addressFile").get_payload(decode=True)
    assert isinstance(file, bytes)
    form = {str(name): str(part.get_payload(decode=True), "utf-8") for name, part in parts.items()}  # type: ignore[arg-type]
    return form, list(csv.reader(io.StringIO(file.decode())))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _first_eight(line: str) -> str:
    """A row as ``locations/addressbatch`` answers it: without the county."""
    return _line(next(csv.reader([line]))[:8])


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(cells)
    return text.getvalue()
