"""A bad line to a good S3 service: a proxy on the loopback address that does to each request what a rule says.

In: the address of a service and a rule. Out: the address of the proxy, and every request that it saw. A rule gets the
request and a way to forward it; it answers with what the service said, with something else, or cuts the line.
"""

import http.client
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

OF_ONE_CONNECTION = ("connection", "keep-alive", "transfer-encoding")
REFUSAL = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"


@dataclass
class Asked:
    """A request; a rule may change its headers before it forwards it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)
    number: int
    """How many requests the proxy saw before this one."""

    @property
    def key(self) -> str:
        """What it is about, ``/bucket/key``, without the query."""
        return self.target.partition("?")[0]

    @property
    def is_write(self) -> bool:
        """Whether it would change what is stored."""
        return self.method in ("PUT", "POST", "DELETE")


@dataclass(frozen=True)
class Answer:
    """An answer; ``sent`` is how much of the body gets through before the line is cut, all of it when none."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    sent: int | None = None

    def cut(self) -> "Answer":
        """Return the same answer, cut off in the middle of its body."""
        return replace(self, sent=len(self.body) // 2)

    def without(self, *headers: str) -> "Answer":
        """Return the same answer without some headers."""
        return replace(self, headers=tuple((n, v) for n, v in self.headers if n.lower() not in headers))


class Cut(Exception):
    """Raised by a rule: the line is cut and no answer comes."""


Forward = Callable[[], Answer]
Rule = Callable[[Asked, Forward], Answer]


def refusal(status: int, code: str, message: str = "no", **more: str) -> Answer:
    """Return a refusal as S3 words it."""
    listed = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    body = REFUSAL.format(code=code, message=message, more=listed).encode()
    return Answer(status, (("Content-Type", "application/xml"), ("Content-Length", str(len(body)))), body)


class FaultyService:
    """The proxy's address, its rule, which may be changed at any time, and what it saw."""

    def __init__(self, service: str) -> None:
        self.service, self.endpoint = service, ""
        self.asked: list[Asked] = []
        self.rule: Rule = lambda _, forward: forward()
        self._lock = threading.Lock()

    def note(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Asked:
        """Keep a request and return it."""
        with self._lock:
            asked = Asked(method, target, headers, body, len(self.asked))
            self.asked.append(asked)
            return asked

    def forward(self, asked: Asked) -> Answer:
        """Send a request on, as it now stands."""
        host = urlsplit(self.service)
        connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)
        try:
            connection.putrequest(asked.method, asked.target, skip_host=True, skip_accept_encoding=True)
            for name, value in asked.headers.items():
                connection.putheader(name, value)
            connection.endheaders(asked.body)
            got = connection.getresponse()
            body = got.read()
            kept = [(name, value) for name, value in got.getheaders() if name.lower() not in OF_ONE_CONNECTION]
            if not any(name.lower() == "content-length" for name, _ in kept):
                kept.append(("Content-Length", str(len(body))))
            return Answer(got.status, tuple(kept), body)
        finally:
            connection.close()


@contextmanager
def faulty(service: str) -> Iterator[FaultyService]:
    """Start a proxy to a service; until it has a rule, everything is forwarded."""
    proxy = FaultyService(service)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {n: v for n, v in self.headers.items() if n.lower() not in (*OF_ONE_CONNECTION, "expect")}
            asked = proxy.note(self.command, self.path, headers, body)
            try:
                answer = proxy.rule(asked, lambda: proxy.forward(asked))
            except (Cut, OSError, http.client.HTTPException):
                self.hang_up()
                return
            with suppress(OSError):  # whoever asked may have given up
                self.send(answer)

        def send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body[: answer.sent])
            if answer.sent is not None:
                self.hang_up()

        def hang_up(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing of those who hang up."""

    with Server(("127.0.0.1", 0), Handler) as running:
        proxy.endpoint = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            running.shutdown()
            thread.join()
