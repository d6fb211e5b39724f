"""Answers of the Census API as one file: what was downloaded once is landed, kept and read again without a network.

In: the answers to all calls of one year. Out: a gzip file of JSON whose bytes depend on nothing but the answers: rows
in order of their codes, no clock, no address and no key. The file is a source file like any other.
"""

import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lakeward.errors import SourceUnreadable
from lakeward.sources.census.answers import Answer, NoAnswer, answer_of, sorted_answer
from lakeward.sources.census.variables import DATASET, LEVELS, Call

FORMAT_KEY, FORMAT = "lakeward_census_recording", 1
COMPRESSION_LEVEL = 6
ATTRIBUTION = "This product uses the Census Bureau Data API but is not endorsed or certified by the Census Bureau."
"""The sentence that the Census Bureau's terms ask for where the figures are shown."""
_HINT = "Take the recording away and run again with the network, or give the one that was written."

Recorded = tuple[Call, Answer]


def write_recording(path: Path, year: int, answers: Sequence[Recorded]) -> Path:
    """Write the answers of one year; the same answers give the same bytes, in whatever order they came.

    Args:
        path: to write; replaced when there, whole or not at all.
        year: of the release.
        answers: each with the call that asked for it.
    """
    ordered = sorted(answers, key=lambda item: (LEVELS.index(item[0].level), item[0].variables))
    document = {
        FORMAT_KEY: FORMAT,
        "attribution": ATTRIBUTION,
        "dataset": DATASET,
        "acs_year": year,
        "answers": [_written(call, answer) for call, answer in ordered],
    }
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=COMPRESSION_LEVEL, mtime=0) as stream:
        stream.write(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
    partial = path.with_name(path.name + ".part")
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(packed.getvalue())
    return partial.replace(path)


def parse_recording(path: Path, text: str) -> tuple[int, list[Recorded]]:
    """Read a recording: its year, and its answers with the calls that asked for them.

    Raises:
        SourceUnreadable: it is cut off, of a later format, or holds something that is no answer.
    """
    try:
        document = json.loads(text)
        if document[FORMAT_KEY] != FORMAT:
            raise SourceUnreadable(
                path, f"a recording of format {FORMAT}", f"format {document[FORMAT_KEY]}", "Use a newer Lakeward."
            )
        year = document["acs_year"]
        answers = [_read(part) for part in document["answers"]]
    except json.JSONDecodeError:
        raise SourceUnreadable(path, "a whole recording", "one that is cut off or broken", _HINT) from None
    except NoAnswer as error:
        raise SourceUnreadable(path, "answers of the Census API", error.found, _HINT) from None
    except (KeyError, TypeError) as error:
        raise SourceUnreadable(path, "a recording of Lakeward", f"one without {error}", _HINT) from None
    if not isinstance(year, int) or not answers:
        raise SourceUnreadable(path, "the year and the answers of a recording", "none", _HINT)
    return year, answers


def _written(call: Call, answer: Answer) -> dict[str, Any]:
    ordered = sorted_answer(answer, call.geography_columns)
    return {"level": call.level, "variables": list(call.variables), "answer": [ordered.header, *ordered.rows]}


def _read(part: dict[str, Any]) -> Recorded:
    return Call(str(part["level"]), tuple(part["variables"])), answer_of(part["answer"])
