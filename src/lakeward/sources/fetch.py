"""Publishers' addresses become local files.

In: an https address and a directory. Out: the path of a whole file, or ``FetchFailed``. A download goes to a name of
its own first and is renamed when it is whole, so a directory never holds half a file under a final name. Addresses are
shown and told apart without their query, which in signed addresses is a secret that changes.
"""

import hashlib
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from lakeward.errors import FetchFailed
from lakeward.progress import progress_bar

logger = logging.getLogger(__name__)

ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
CONNECT_SECONDS, READ_SECONDS = 20.0, 120.0
MOST_REDIRECTS = 10
BLOCK_BYTES = 1 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
WORTH_RETRYING = (408, 425, 429, 500, 502, 503, 504)
_HINTS = {
    401: "The address needs a log-in or its signature has expired: get a fresh address from the publisher.",
    403: "The address is closed or its signature has expired: get a fresh address from the publisher.",
    404: "Publishers move files every month: look up the address on the publisher's page or in its table of contents.",
    410: "The publisher took the file away: look up the present address on the publisher's page.",
}
_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Patience:
    """How long to try: attempts in all, and the pause before the second, which doubles after that."""

    attempts: int = ATTEMPTS
    first_pause_seconds: float = FIRST_PAUSE_SECONDS
    read_seconds: float = READ_SECONDS


class _TryAgain(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, reason: str, pause_seconds: float | None = None) -> None:
        self.reason, self.pause_seconds = reason, pause_seconds
        super().__init__(reason)


def download(url: str, directory: Path, *, patience: Patience | None = None) -> Path:
    """Fetch one file.

    Args:
        url: an https address; http only of this machine itself.
        directory: takes the file, in a folder named for the address; created if need be.
        patience: how long to try.

    Returns:
        Path of the whole file, under the last name in the address. A file that is there already is not fetched again.

    Raises:
        FetchFailed: refused, not found, or not whole after all attempts; says what to do.

    Example:
        >>> download("https://example.org/2025-08-01_payer_in-network-rates.json.gz", Path("downloads"))
    """
    target = directory / _address_hash(url) / _file_name(url)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".part")
        _fetch(url, partial, patience or Patience())
        partial.replace(target)
    return target


class ReferenceFetcher:
    """Fetches the provider-reference files that a price file points to, each address once.

    Files are kept under the hash of their content, so that addresses with the same content share one file.

    Args:
        directory: takes the files.
        patience: how long to try each.
    """

    def __init__(self, directory: Path, patience: Patience | None = None) -> None:
        self._directory, self._patience = directory / "references", patience or Patience()
        self._known: dict[str, Path | FetchFailed] = {}

    def __call__(self, url: str) -> Path:
        """Return the local path of an address.

        Raises:
            FetchFailed: it could not be fetched, now or at an earlier call.
        """
        identity = address_identity(url)
        if identity not in self._known:
            self._known[identity] = self._fetched(url)
        known = self._known[identity]
        if isinstance(known, FetchFailed):
            raise known
        return known

    def _fetched(self, url: str) -> Path | FetchFailed:
        self._directory.mkdir(parents=True, exist_ok=True)
        partial = self._directory / (_address_hash(url) + ".part")
        try:
            content = _fetch(url, partial, self._patience)
        except FetchFailed as error:
            return error
        return partial.replace(self._directory / content)


def address_identity(url: str) -> str:
    """Return what tells one file from another in an address: everything but query and fragment."""
    try:
        return urlsplit(url)._replace(query="", fragment="").geturl()
    except ValueError:
        return url


def _address_hash(url: str) -> str:
    return hashlib.sha256(address_identity(url).encode()).hexdigest()[:16]


def _file_name(url: str) -> str:
    name = unquote(address_identity(url)).rsplit("/", 1)[-1]
    return _SAFE_NAME.sub("_", name).lstrip(".")[-200:] or "download"


def _fetch(url: str, target: Path, patience: Patience) -> str:
    """Fetch to ``target``, trying again where that may help; return the sha256 of the content."""
    pause = patience.first_pause_seconds
    for attempt in range(1, patience.attempts + 1):
        try:
            return _attempt(url, target, patience)
        except _TryAgain as failure:
            target.unlink(missing_ok=True)
            if attempt == patience.attempts:
                raise _failed(url, f"{failure.reason}, {attempt} times", "Try again later.") from failure
            logger.warning(
                "%s: %s; attempt %d of %d", address_identity(url), failure.reason, attempt, patience.attempts
            )
            time.sleep(min(pause if failure.pause_seconds is None else failure.pause_seconds, LONGEST_PAUSE_SECONDS))
            pause *= 2
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    raise _failed(url, "no attempt was allowed", "Allow at least one.")


def _attempt(url: str, target: Path, patience: Patience) -> str:
    try:
        with requests.Session() as session, _opened(session, url, patience) as response:
            return _save(response, target)
    except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, HTTPError) as error:
        raise _TryAgain(f"the connection failed ({type(error).__name__})") from error
    except requests.RequestException as error:
        raise _failed(
            url, f"it is no address that can be asked ({type(error).__name__})", "Check the address."
        ) from error
    except OSError as error:
        raise _failed(url, f"its content could not be stored ({error.strerror})", "Make room on the disk.") from error


def _opened(session: requests.Session, url: str, patience: Patience) -> requests.Response:
    """Follow redirects, each of which must be allowed, and return an answer with content."""
    address = url
    for _ in range(MOST_REDIRECTS):
        _check_allowed(url, address)
        response = session.get(
            address,
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, patience.read_seconds),
            headers={"Accept-Encoding": "identity", "User-Agent": "lakeward"},
        )
        if response.status_code not in _REDIRECTS or "Location" not in response.headers:
            _check_status(url, response)
            return response
        response.close()
        address = urljoin(address, response.headers["Location"])
    raise _failed(url, f"more than {MOST_REDIRECTS} redirects", "Open the address in a browser and copy the last one.")


def may_be_asked(address: str) -> bool:
    """Whether an address is https, or http of this machine; others are never asked for anything."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname or ""))


def _check_allowed(url: str, address: str) -> None:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _failed(url, "it is no address", "Check the address.") from None
    if may_be_asked(address):
        return
    found = f"it leads to '{parts.scheme}:'" if address != url else f"its scheme is '{parts.scheme}:'"
    raise _failed(url, f"{found}, which is not fetched", "Give an https address, or fetch the file and name its path.")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _check_status(url: str, response: requests.Response) -> None:
    status = response.status_code
    if status == 200:
        return
    response.close()
    if status in WORTH_RETRYING:
        wait = response.headers.get("Retry-After", "")
        raise _TryAgain(f"status {status}", float(wait) if wait.isdigit() else None)
    raise _failed(url, f"status {status} {response.reason or ''}".strip(), _HINTS.get(status, "Check the address."))


def _save(response: requests.Response, target: Path) -> str:
    expected = response.headers.get("Content-Length", "")
    total = int(expected) if expected.isdigit() else None
    digest, received = hashlib.sha256(), 0
    # Bytes as sent: a .gz file that a server also declares as a content encoding stays the file it is.
    read = cast(Callable[[int], bytes], response.raw.read)
    with progress_bar(f"fetch {target.name.removesuffix('.part')}", total) as advance, target.open("wb") as stream:
        while block := read(BLOCK_BYTES):
            stream.write(block)
            digest.update(block)
            received += len(block)
            advance(len(block))
    if total is not None and received != total:
        raise _TryAgain(f"{received:,} of {total:,} bytes arrived")
    return digest.hexdigest()


def _failed(url: str, found: str, hint: str) -> FetchFailed:
    return FetchFailed(f"{address_identity(url)} cannot be fetched: {found}.\nNothing was written. {hint}")
