"""How names and values are written in the languages of a Power BI project, and where its ids come from.

In: names and texts, whatever is in them. Out: the same as TMDL, M or a report's literal, quoted so that they cannot
end what they stand in. Ids are computed from names: the same model gets the same ids wherever and whenever.
"""

import re
import uuid

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "powerbi.lakeward")
HEX_NAME_CHARACTERS = 20


def stable_id(*parts: str) -> str:
    """Return the id of what the parts name, such as ``("column", "dim_drg", "drg_code")``."""
    # A separator that no name holds, so that ("a b", "c") and ("a", "b c") differ.
    return str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))


def hex_name(*parts: str) -> str:
    """Return the name that Power BI Desktop would invent for a page or a visual: 20 hex digits."""
    return stable_id(*parts).replace("-", "")[:HEX_NAME_CHARACTERS]


def one_line(text: str) -> str:
    """Return text without line breaks and tabs, which would end a line of TMDL."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", text).split())


def tmdl_name(name: str) -> str:
    """Return an object's name as TMDL: bare where it may be, otherwise in single quotes with those inside doubled."""
    name = one_line(name)
    return name if PLAIN_NAME.fullmatch(name) else "'" + name.replace("'", "''") + "'"


def tmdl_value(text: str) -> str:
    """Return a property's text as TMDL: in double quotes where it would be read as something else."""
    text = one_line(text)
    return '"' + text.replace('"', '""') + '"' if not text or text.startswith('"') else text


def m_text(text: str) -> str:
    """Return text as an M literal; control characters and ``#(`` are written as M's escapes."""
    escaped = text.replace("#(", "#(#)(").replace('"', '""')
    return '"' + re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", lambda found: f"#({ord(found[0]):04X})", escaped) + '"'


def report_literal(text: str) -> str:
    """Return text as a literal of a report's query, single quotes inside doubled."""
    return "'" + text.replace("'", "''") + "'"
