"""A real S3 service for tests: Ceph's RADOS gateway with one monitor, manager and store, on the loopback address.

In: a private folder. Out: the endpoint, the keys of one user, and what the gateway was asked. Everything is held in
memory and gone afterwards; or, where a test wants it, on disk, so that the daemons may be killed and started again. The
emulator of the other tests checks no credentials; this service does.
"""

import base64
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote

PROGRAMS = ("ceph-mon", "ceph-mgr", "ceph-osd", "radosgw", "ceph", "ceph-authtool", "monmaptool", "radosgw-admin")
PACKAGES = "radosgw ceph-mon ceph-osd ceph-mgr ceph-base"
SECONDS_TO_START = 90
PORTS = range(12_000, 32_000, 20)
"""Each cluster has twenty, below those that the system gives to whoever connects: they stay free across a restart."""
STORE = ("ceph-osd", "-i", "0")
KEY_ID, KEY = "lake-key", base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
ACCESS_KEY, SECRET_KEY = "ceph-test", "ceph-test-secret"
EVERYTHING = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
CONFIGURATION = """
[global]
fsid = {cluster}
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
ms bind port min = {first_port}
ms bind port max = {last_port}
auth cluster required = none
auth service required = none
auth client required = none
keyring = {folder}/keyring
run dir = {folder}
log file = {folder}/$name.log
admin socket = {folder}/$name.asok
osd objectstore = {store}
memstore device bytes = 2147483648
bluestore block size = 4294967296
osd memory target = 939524096
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
mgr modules =
[mon.a]
mon data = {folder}/mon
[mgr.a]
mgr data = {folder}/mgr
[osd.0]
osd data = {folder}/osd
[client.rgw.a]
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = {key_id}={key}
"""
LOGGED = re.compile(
    r'beast: .*?\] "(?P<method>[A-Z]+) (?P<target>\S*) HTTP/[\d.]+" (?P<status>\d+) (?P<bytes>\d+) ', re.MULTILINE
)


@dataclass(frozen=True)
class Request:
    """One request as the gateway logged it: what was asked, the answer's status, and how many bytes it sent."""

    method: str
    target: str
    status: int
    bytes: int

    @property
    def path(self) -> str:
        """What was asked for, without the query and unescaped: ``/bucket/key``."""
        return unquote(self.target.partition("?")[0])


def missing_programs() -> list[str]:
    """Return the programs of Ceph that this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Ceph:
    """A cluster of one, as a context manager.

    Args:
        folder: private and empty; its path must be short, for it holds sockets.
        durable: keep objects on disk, so that they outlive :meth:`kill`; starts some seconds later.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder, self.durable = folder, durable
        self.gateway = _free_ports()
        monitor = self.gateway + 1
        self._cluster, self._store = str(uuid.uuid4()), str(uuid.uuid4())
        self.endpoint = f"http://127.0.0.1:{self.gateway}"
        self._monitor = f"[v1:127.0.0.1:{monitor}]"
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._log = folder / "client.rgw.a.log"
        for name in ("mon", "mgr", "osd", "rgw"):
            (folder / name).mkdir(parents=True)
        values = {"folder": folder, "monitor": monitor, "gateway": self.gateway, "cluster": self._cluster}
        values |= {"store": "bluestore" if durable else "memstore", "key_id": KEY_ID, "key": KEY}
        values |= {"first_port": monitor + 1, "last_port": self.gateway + PORTS.step - 1}
        (folder / "ceph.conf").write_text(CONFIGURATION.format(**values))

    def __enter__(self) -> Self:
        try:
            self._make()
            self.restart()
            keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
            self._run("radosgw-admin", "user", "create", "--uid", "test", "--display-name", "test", *keys)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill every daemon where it stands (``kill -9``)."""
        for daemon in reversed(self._daemons.values()):
            daemon.kill()
        for daemon in self._daemons.values():
            daemon.wait()
        self._daemons.clear()

    def restart(self) -> None:
        """Start every daemon and wait until the gateway answers; a durable cluster has all that it acknowledged."""
        self._daemon("ceph-mon", "-i", "a")
        self._daemon("ceph-mgr", "-i", "a")
        if not (self.folder / "osd" / "whoami").exists():
            self._run("ceph", "--connect-timeout", SECONDS_TO_START, "osd", "new", self._store)
            self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", self._store)
        self._daemon(*STORE)
        self._daemon("radosgw", "-n", "client.rgw.a")
        self._wait_for_gateway()

    def access_log(self) -> list[Request]:
        """Return every request that the gateway has answered, in the order of the answers."""
        # The gateway writes its log behind its answers: a request of our own, once it stands there, comes after them.
        mark = f"/?mark={secrets.token_hex(8)}"
        with urllib.request.urlopen(f"{self.endpoint}{mark}", timeout=SECONDS_TO_START):  # loopback
            pass
        last = time.monotonic() + SECONDS_TO_START
        while mark not in (text := self._log.read_text(errors="replace")):
            assert time.monotonic() < last, f"{self._log} does not name {mark}"
            time.sleep(0.05)
        logged = [(f["method"], f["target"], int(f["status"]), int(f["bytes"])) for f in LOGGED.finditer(text)]
        return [Request(*values) for values in logged if values[1] != "/" and not values[1].startswith("/?mark=")]

    def _make(self) -> None:
        keyring, monitors = self.folder / "keyring", self.folder / "monitors"
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", *EVERYTHING[:3])
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *EVERYTHING)
        self._run("monmaptool", "--create", "--fsid", self._cluster, "--addv", "a", self._monitor, monitors)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors, "--keyring", keyring)

    def _run(self, program: str, *arguments: object) -> None:
        finished = subprocess.run(
            [program, *map(str, arguments)],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_START,
            check=False,
        )
        assert finished.returncode == 0, f"{program}: {finished.stderr[-2000:]}"

    def _daemon(self, program: str, *arguments: str) -> None:
        with (self.folder / f"{program}.out").open("wb") as out:
            command = [program, "-f", *arguments]
            self._daemons[program] = subprocess.Popen(command, env=self._environment(), stdout=out, stderr=out)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "CEPH_CONF": str(self.folder / "ceph.conf")}

    def _wait_for_gateway(self) -> None:
        last = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < last:
            try:
                with urllib.request.urlopen(self.endpoint, timeout=5):  # loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            if self._daemons[STORE[0]].poll() is not None:
                # On a busy machine it may ask the monitor before that has told it of the cluster, is refused, and ends.
                self._daemon(*STORE)
        ended = [program for program, daemon in self._daemons.items() if daemon.poll() is not None]
        said = [
            f"{log.name}: {log.read_text(errors='replace')[-1500:]}" for log in sorted(self.folder.glob("*.[lo][ou]*"))
        ]
        raise AssertionError(f"no gateway after {SECONDS_TO_START} s; ended: {ended}\n" + "\n".join(said))


def _free_ports() -> int:
    """Return the first of a range of ports that nobody has."""
    while True:
        first = secrets.choice(PORTS)
        with ExitStack() as bound, suppress(OSError):
            for port in range(first, first + PORTS.step):
                bound.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
