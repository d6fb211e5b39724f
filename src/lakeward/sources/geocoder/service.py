"""Asks the batch service: one file of addresses goes out, one answer that speaks of each of them comes back.

In: addresses with their keys. Out: the answer's text as sent, checked to be whole. Nothing but keys and addresses is
sent. A passing fault of the service is waited out; what is no answer to the question is an error at once.
"""

import csv
import io
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import requests

from lakeward.errors import FetchFailed
from lakeward.settings import GeocoderSource
from lakeward.sources.fetch import CONNECT_SECONDS, LONGEST_PAUSE_SECONDS, WORTH_RETRYING, Patience, may_be_asked
from lakeward.sources.geocoder.answer import NotWhole, check_answer

logger = logging.getLogger(__name__)

PATH = "geographies/addressbatch"
SECONDS_FOR_A_BATCH = 900.0
"""The service says that ten thousand addresses may take several minutes."""
PATIENCE = Patience(read_seconds=SECONDS_FOR_A_BATCH)


@dataclass(frozen=True)
class Address:
    """One address to ask: its key, and the parts that the service takes; a part that is not known is ``''``."""

    address_key: str
    street: str
    city: str
    state: str
    zip_code: str


class _TryAgain(Exception):
    """An attempt failed in a way that may pass."""

    def __init__(self, found: str, pause_seconds: float | None = None) -> None:
        self.found, self.pause_seconds = found, pause_seconds
        super().__init__(found)


def ask(addresses: Sequence[Address], source: GeocoderSource, patience: Patience = PATIENCE) -> str:
    """Ask for one batch of addresses.

    Args:
        addresses: at most 10,000, each key once.
        source: where the service is, and which benchmark and vintage to ask.
        patience: how often and how long to try.

    Returns:
        The answer as sent: CSV without a header, a row an address, in any order.

    Raises:
        FetchFailed: the service did not answer whole after all attempts, or refuses.
        SourceUnreadable: it answered something else.
    """
    address = f"{source.url.rstrip('/')}/{PATH}"
    if not may_be_asked(address):
        raise _failed(address, "addresses go to https only", "Correct sources.geocoder.url.")
    pause = patience.first_pause_seconds
    for attempt in range(1, patience.attempts + 1):
        try:
            return _attempt(address, addresses, source, patience)
        except _TryAgain as failure:
            if attempt == patience.attempts:
                hint = "Run `lakeward geocode` again later; smaller sources.geocoder.batch_rows often help."
                raise _failed(address, f"{failure.found}, {attempt} times", hint) from failure
            logger.warning("geocoder: %s; attempt %d of %d", failure.found, attempt, patience.attempts)
            time.sleep(min(pause if failure.pause_seconds is None else failure.pause_seconds, LONGEST_PAUSE_SECONDS))
            pause *= 2
    raise _failed(address, "no attempt was allowed", "Allow at least one.")


def batch_file(addresses: Sequence[Address]) -> bytes:
    """Return the file that is sent: CSV without a header, key, street, city, state and ZIP code."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows((a.address_key, a.street, a.city, a.state, a.zip_code) for a in addresses)
    return text.getvalue().encode()


def _attempt(address: str, addresses: Sequence[Address], source: GeocoderSource, patience: Patience) -> str:
    try:
        response = requests.post(
            address,
            files={"addressFile": ("addresses.csv", batch_file(addresses), "text/csv")},
            data={"benchmark": source.benchmark, "vintage": source.vintage},
            headers={"User-Agent": "lakeward"},
            timeout=(CONNECT_SECONDS, patience.read_seconds),
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise _TryAgain(f"the connection failed ({type(error).__name__})") from error
    _check_status(address, response)
    try:
        text = response.content.decode("utf-8")
        check_answer(text, {asked.address_key for asked in addresses}, address)
    except NotWhole as error:
        raise _TryAgain(f"the answer is not whole: {error.found}") from error
    except UnicodeDecodeError as error:
        raise _TryAgain("the answer is not whole: it is no UTF-8") from error
    return text


def _check_status(address: str, response: requests.Response) -> None:
    status = response.status_code
    if status in WORTH_RETRYING:
        wait = response.headers.get("Retry-After", "")
        raise _TryAgain(f"status {status}", float(wait) if wait.isdigit() else None)
    if status != requests.codes.ok:
        hint = "Check sources.geocoder: its url, benchmark and vintage."
        raise _failed(address, f"status {status} {response.reason or ''}".strip(), hint)


def _failed(address: str, found: str, hint: str) -> FetchFailed:
    return FetchFailed(
        f"{address} gave no answer: {found}.\n"
        f"Nothing of this batch was written; what was answered before is in the lake. {hint}"
    )
