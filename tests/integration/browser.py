"""A real browser in which a test chooses and reads: Chromium over its debugging pipe, with nothing but the library.

In: the path of a Chromium. Out: :class:`Browser`, which opens an address and evaluates JavaScript in its page.
"""

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1320,2000"),
)
FREE_FROM = 20
"""Pipes are moved behind this number, so that they do not stand where Chromium expects its own, 3 and 4."""


@dataclass
class Browser:
    """One page in a browser, and every message that its console and its exceptions gave."""

    reads: int
    writes: int
    session: str | None = None
    console: list[str] = field(default_factory=list)
    number: int = 0
    rest: bytes = b""

    def open(self, address: str) -> None:
        """Open an address and wait until its charts are drawn."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=address)
        self.evaluate("new Promise((done) => document.readyState === 'complete' ? done() : onload = () => done())")
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked of the charts is drawn."""
        self.evaluate("new Promise((done) => setTimeout(done, 400))")

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression in the page; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def choose(self, slicer: str, value: str) -> None:
        """Choose an option as a person does, and wait for the charts."""
        key, wanted = json.dumps(slicer), json.dumps(value)
        done = self.evaluate(
            f"(() => {{ const s = document.getElementById({key}); s.value = {wanted};"
            f" s.dispatchEvent(new Event('change')); return s.value === {wanted}; }})()"
        )
        assert done, f"{slicer} offers no '{value}'"
        self.settle()

    def text(self, selector: str) -> list[str]:
        """Return the text of each element that a selector finds."""
        return list(self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map((e) => e.textContent)"))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser, and keep what its console says meanwhile."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        message |= {"sessionId": self.session} if self.session else {}
        os.write(self.writes, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            if answer.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                self.console.append(json.dumps(answer["params"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            read = os.read(self.reads, 1 << 16)
            assert read, "the browser ended"
            self.rest += read
        line, _, self.rest = self.rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


@contextmanager
def browser(chromium: str, profile: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    (to_read, write), (read, to_write) = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(to_read, fcntl.F_DUPFD, FREE_FROM), fcntl.fcntl(to_write, fcntl.F_DUPFD, FREE_FROM)]

    def place() -> None:
        os.dup2(theirs[0], 3)
        os.dup2(theirs[1], 4)

    process = subprocess.Popen(
        [chromium, *QUIET, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=place,
        pass_fds=(3, 4),
    )
    for end in (to_read, to_write, *theirs):
        os.close(end)
    try:
        yield Browser(read, write)
    finally:
        process.terminate()
        process.wait(timeout=30)
        os.close(read)
        os.close(write)
