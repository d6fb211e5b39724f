"""Census Geocoder: the county and the point of an address that its ZIP code leaves open.

Publisher: US Census Bureau, https://geocoding.geo.census.gov/geocoder, free, no key; addresses are asked in batches of
at most 10,000. Out: ``geocoder/answer``, one row an address asked, text as sent. ``lakeward geocode`` asks; a run only
reads what was answered, so a rebuild needs no network.

Hazards: Tie means several matches and brings no coordinates, and asked again it may bring others; a No_Match row has
three fields; the service drops every third or so batch of a busy day, or answers it with a web page; counties are those
of the vintage asked, so Connecticut's are planning regions from 2022 on.
"""

import pyarrow as pa

from lakeward.sources.geocoder.answer import FIELDS, extract
from lakeward.sources.landing import PROVENANCE_FIELDS

__all__ = ["DATASETS", "extract"]

DATASETS: dict[str, pa.Schema] = {
    "answer": pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, pa.string()) for name in FIELDS)])
}
