"""The Census API, asked through dlt's REST source: every answer is judged before anything is kept.

In: a year, a key and the calls. Out: one recording file with the answers to all calls, or one error that says which of
the API's odd answers came. The key goes into requests only: it stands in no file, no log line and no message.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from lakeward.errors import AnswerRefused
from lakeward.sources.census.answers import Answer, NoAnswer, answer_of, parse_answer, shown
from lakeward.sources.census.recording import Recorded, write_recording
from lakeward.sources.census.variables import DATASET, NAME, VARIABLES, Call, calls
from lakeward.sources.fetch import CONNECT_SECONDS, LONGEST_PAUSE_SECONDS, Patience, may_be_asked
from lakeward.sources.silent_dlt import silent_dlt

logger = logging.getLogger(__name__)

BASE_URL = "https://api.census.gov/data"
KEY_PAGE = "https://api.census.gov/data/key_signup.html"
_HINTS = {
    "key_missing": f"Ask for a free key at {KEY_PAGE} and set LAKEWARD_SOURCES__CENSUS__KEY or CENSUS_API_KEY.",
    "key_invalid": f"Check LAKEWARD_SOURCES__CENSUS__KEY or CENSUS_API_KEY; a new key is free at {KEY_PAGE}.",
    "redirected": "Set sources.census.base_url to the address where the API is now.",
    "request_refused": "Has the release these variables? Set sources.census.year to another year.",
    "no_data": "Has the year been published? Set sources.census.year to another year.",
    "not_found": "Has the year been published? Set sources.census.year to another year.",
    "columns": "Set sources.census.year to another year, or give a recording as sources.census.path.",
}
_LATER = "Try again later, or give a recording as sources.census.path."
_MOST_REDIRECT = 399


class _CutOff(Exception):
    """An answer broke off, which may pass; it is asked for again."""


def download(
    target: Path,
    year: int,
    key: SecretStr | None,
    base_url: str = BASE_URL,
    patience: Patience | None = None,
    variables: Sequence[str] = VARIABLES,
) -> Path:
    """Ask for the figures of one year and write the answers as a recording.

    Args:
        target: the recording to write; nothing is written unless every call was answered.
        year: of the release.
        key: of the API; without one the API refuses, and says so.
        base_url: of the API.
        patience: attempts, and the pause before the second, which doubles.
        variables: to ask for.

    Returns:
        ``target``.

    Raises:
        AnswerRefused: the API answered otherwise than with figures, after all attempts; ``reason`` names how.
    """
    if not may_be_asked(base_url):
        raise AnswerRefused("census", _plain(base_url), "address", "an address that is not https", "Give an https one.")
    asked = calls(variables)
    logger.info("census: asking for %d variables of %d in %d calls", len(variables), year, len(asked))
    with silent_dlt(), _key_in_no_log(key):
        answers = list(_answers(year, key, base_url, patience or Patience(), asked))
    return write_recording(target, year, answers)


def _answers(
    year: int, key: SecretStr | None, base_url: str, patience: Patience, asked: Sequence[Call]
) -> Iterator[Recorded]:
    # Imported here: dlt takes half a second, and only a run that asks the API needs it.
    from dlt.sources.helpers.requests import Client
    from dlt.sources.rest_api import rest_api_resources

    client = Client(
        request_timeout=(CONNECT_SECONDS, patience.read_seconds),
        raise_for_status=False,
        exceptions=(requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, _CutOff),
        request_max_attempts=patience.attempts,
        request_backoff_factor=patience.first_pause_seconds,
        request_max_retry_delay=LONGEST_PAUSE_SECONDS,
    )
    config: Any = {
        "client": {
            "base_url": base_url.rstrip("/") + "/",
            "session": client.session,
            "paginator": "single_page",
            **({"auth": _auth(key)} if key else {}),
        },
        "resources": [
            {
                "name": f"acs5_{number}",
                "endpoint": {
                    "path": f"{year}/{DATASET}",
                    "params": call.parameters,
                    "data_selector": "$",
                    "response_actions": [_judge],
                },
            }
            for number, call in enumerate(asked)
        ],
    }
    where = f"{_plain(base_url)}/{year}/{DATASET}"
    for call, resource in zip(asked, rest_api_resources(config), strict=True):
        try:
            (page,) = list(resource)
        except Exception as error:
            raise _own_error(where, error, key) from None
        yield call, _checked(where, call, answer_of(page["table"]))


def _auth(key: SecretStr) -> dict[str, str]:
    return {"type": "api_key", "name": "key", "api_key": key.get_secret_value(), "location": "query"}


def _judge(response: requests.Response, *_: object, **__: object) -> None:
    """Let a good answer pass, as one page of dlt's; raise for any other. Runs before a redirect would be followed.

    Raises:
        requests.HTTPError: 429 or 5xx, which dlt asks for again.
        _CutOff: so is an answer that broke off.
        NoAnswer: any other, which stays as it is however often it is asked for.
    """
    status = response.status_code
    if status == 429 or status >= 500:
        logger.warning("census: status %d", status)
        raise requests.HTTPError(response=response)
    if 300 <= status <= _MOST_REDIRECT:
        location = response.headers.get("Location", "")
        is_key_page = "missing_key" in location or "invalid_key" in location
        reason = ("key_missing" if "missing_key" in location else "key_invalid") if is_key_page else "redirected"
        raise NoAnswer(reason, f"a redirect to {_plain(location) or 'nowhere'} (status {status})")
    if status == 204:
        raise NoAnswer("no_data", "no data (status 204)")
    if status == 404:
        raise NoAnswer("not_found", "no such dataset (status 404)")
    if status == 400:
        raise NoAnswer("request_refused", f"the words '{shown(response.text)}' (status 400)")
    if status != 200:
        raise NoAnswer("status", f"status {status}")
    try:
        answer = parse_answer(response.content.decode("utf-8", errors="replace"))
    except NoAnswer as error:
        if error.reason == "cut_off":
            logger.warning("census: %s", error.found)
            raise _CutOff(error.found) from None
        raise
    # dlt takes apart what it gets as lists; the table is handed on as the one record of a page.
    page = [{"table": [answer.header, *answer.rows]}]
    response._content = json.dumps(page).encode()


def _checked(where: str, call: Call, answer: Answer) -> Answer:
    """Return the answer if it has the columns that were asked for, each geography once."""
    expected = [NAME, *call.variables, *call.geography_columns]
    if sorted(answer.header) != sorted(expected):
        missing = sorted(set(expected) - set(answer.header))
        unexpected = sorted(set(answer.header) - set(expected))
        raise _refused(where, "columns", f"other columns than asked for; missing: {missing}, unexpected: {unexpected}")
    places = [answer.header.index(name) for name in call.geography_columns]
    codes = {tuple(row[place] for place in places) for row in answer.rows}
    if len(codes) < len(answer.rows):
        raise _refused(where, "columns", f"{len(answer.rows) - len(codes)} geographies more than once")
    return answer


def _own_error(where: str, error: BaseException, key: SecretStr | None) -> BaseException:
    """Return the error of ours for what dlt wrapped; the error itself if it is none of the ways to fail."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case NoAnswer():
                return _refused(where, cause.reason, _without(key, cause.found))
            case _CutOff():
                return _refused(where, "cut_off", f"{_without(key, str(cause))}, at every attempt")
            case requests.HTTPError() if cause.response is not None:
                return _refused(where, "status", f"status {cause.response.status_code}, at every attempt")
            case requests.exceptions.ChunkedEncodingError():
                return _refused(where, "cut_off", "an answer that broke off, at every attempt")
            case requests.RequestException():
                return _refused(where, "unreachable", f"no connection ({type(cause).__name__}), at every attempt")
        cause = cause.__cause__ or cause.__context__
    return error


def _refused(where: str, reason: str, found: str) -> AnswerRefused:
    return AnswerRefused("census", where, reason, found, _HINTS.get(reason, _LATER))


def _without(key: SecretStr | None, text: str) -> str:
    return text.replace(key.get_secret_value(), "***") if key and key.get_secret_value() else text


def _plain(address: str) -> str:
    """Return an address without log-in, query and fragment, any of which may be a secret."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")


@contextmanager
def _key_in_no_log(key: SecretStr | None) -> Iterator[None]:
    """Drop the lines of the transport that show addresses with the key, which it writes at its most talkative."""
    secret = key.get_secret_value() if key else ""

    def lacks_key(record: logging.LogRecord) -> bool:
        return not secret or secret not in record.getMessage()

    loggers = [logging.getLogger(name) for name in ("urllib3.connectionpool", "urllib3.util.retry", "dlt")]
    for talkative in loggers:
        talkative.addFilter(lacks_key)
    try:
        yield
    finally:
        for talkative in loggers:
            talkative.removeFilter(lacks_key)
