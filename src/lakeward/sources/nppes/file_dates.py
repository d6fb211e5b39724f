"""The date that a file of the registry is as of: the end date in its name, or the date in a report's title.

In: a name or a title. Out: ``YYYYMMDD`` text, or None where there is no date or one that no calendar has.
"""

import re
from datetime import datetime

_SPAN = re.compile(r"(?<!\d)\d{8}-(\d{8})(?!\d)")
_WHOLE, _SHORT = re.compile(r"(?<!\d)(20\d{6})(?!\d)"), re.compile(r"(?<!\d)(\d{6})(?!\d)")
_IN_TITLE = re.compile(r"\bas of\s+([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})")


def as_of_date(name: str) -> str | None:
    """Return the last day that a file covers, by its name.

    >>> as_of_date("npidata_pfile_20250407-20250413.csv")
    '20250413'
    >>> as_of_date("npidata_small.csv.gz") is None
    True
    """
    found = _SPAN.search(name)
    return _known(found.group(1), "%Y%m%d") if found else None


def report_date(title: str, *names: str) -> str | None:
    """Return the day of a deactivation report: by its title, else by the first name that holds a date.

    >>> report_date("NPPES Deactivated Records as of Sep 14 2026")
    '20260914'
    >>> report_date("", "NPPES_Deactivated_NPI_Report_091426_V2.zip")
    '20260914'
    """
    in_title = _IN_TITLE.search(title)
    if in_title:
        return _known(" ".join(in_title.groups()), "%b %d %Y")
    for name in names:
        for pattern, written in ((_WHOLE, "%Y%m%d"), (_SHORT, "%m%d%y")):
            found = pattern.search(name)
            date = _known(found.group(1), written) if found else None
            if date:
                return date
    return None


def _known(text: str, written: str) -> str | None:
    try:
        return datetime.strptime(text, written).strftime("%Y%m%d")
    except ValueError:
        return None
