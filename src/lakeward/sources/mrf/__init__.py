"""In-network price files (Transparency in Coverage): the publishers' JSON becomes bronze rows, and their tables of
contents become addresses.

Publishers: US health plans and insurers, under 45 CFR 147.212, which forbids restrictions on reuse; monthly. In: JSON,
plain, gzip or zip, versions 1 and 2 of the CMS schema. Out: the eight datasets of ``DATASETS``, as published.

Hazards: files of hundreds of gigabytes, single items of hundreds of megabytes, references after the rates that name
them, ids that are no integers, NPIs as text, groups and NPIs repeated without end, groups in other files.
"""

from lakeward.sources.mrf import contents
from lakeward.sources.mrf.price_file import extract
from lakeward.sources.mrf.schemas import DATASETS

__all__ = ["DATASETS", "contents", "extract"]
