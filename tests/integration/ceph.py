"""A real S3 service for tests: Ceph's RADOS gateway with one monitor, manager and store, on the loopback address.

In: a private folder. Out: the endpoint and the keys of one user. Everything is held in memory and gone afterwards. The
emulator of the other tests checks no credentials; this service does.
"""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

PROGRAMS = ("ceph-mon", "ceph-mgr", "ceph-osd", "radosgw", "ceph", "ceph-authtool", "monmaptool", "radosgw-admin")
PACKAGES = "radosgw ceph-mon ceph-osd ceph-mgr ceph-base"
SECONDS_TO_START = 90
ACCESS_KEY, SECRET_KEY = "ceph-test", "ceph-test-secret"
EVERYTHING = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *")
CONFIGURATION = """
[global]
fsid = 00000000-0000-4000-8000-000000000001
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
keyring = {folder}/keyring
run dir = {folder}
log file = {folder}/$name.log
admin socket = {folder}/$name.asok
osd objectstore = memstore
memstore device bytes = 2147483648
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
"""


def missing_programs() -> list[str]:
    """Return the programs of Ceph that this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Ceph:
    """A cluster of one, as a context manager.

    Args:
        folder: private and empty; its path must be short, for it holds sockets.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway, monitor = _free_ports(2)
        self.endpoint = f"http://127.0.0.1:{self.gateway}"
        self._monitor = f"[v1:127.0.0.1:{monitor}]"
        self._daemons: list[subprocess.Popen[bytes]] = []
        for name in ("mon", "mgr", "osd", "rgw"):
            (folder / name).mkdir(parents=True)
        (folder / "ceph.conf").write_text(CONFIGURATION.format(folder=folder, monitor=monitor, gateway=self.gateway))

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for daemon in reversed(self._daemons):
            daemon.kill()  # nothing of it is kept
        for daemon in self._daemons:
            daemon.wait()

    def _start(self) -> None:
        keyring, monitors = self.folder / "keyring", self.folder / "monitors"
        everything = EVERYTHING
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", *everything[:3])
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *everything)
        fsid = "00000000-0000-4000-8000-000000000001"
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", self._monitor, monitors)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors, "--keyring", keyring)
        self._daemon("ceph-mon", "-i", "a")
        self._daemon("ceph-mgr", "-i", "a")
        store = "00000000-0000-4000-8000-000000000002"
        self._run("ceph", "--connect-timeout", SECONDS_TO_START, "osd", "new", store)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store)
        self._daemon("ceph-osd", "-i", "0")
        self._daemon("radosgw", "-n", "client.rgw.a")
        self._wait_for_gateway()
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        self._run("radosgw-admin", "user", "create", "--uid", "test", "--display-name", "test", *keys)

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
            self._daemons.append(
                subprocess.Popen([program, "-f", *arguments], env=self._environment(), stdout=out, stderr=out)
            )

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
        raise AssertionError(f"no gateway after {SECONDS_TO_START} s: see {self.folder}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
