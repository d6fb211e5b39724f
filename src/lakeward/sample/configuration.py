"""The texts that stand beside the sample's files: a ``lakeward.yaml`` that runs it, and a word on what it is.

In: the folder of the price files. Out: text. Paths are relative to the sample's directory.
"""

from lakeward.sample.price_file import PRICE_FILES

READ_ME = """\
This is the sample of Lakeward. Its payers, providers, people, rates and claims are MADE UP; no one has or had them.
Real are the codes, Medicare's weights, the places, and the residents and incomes of counties. How many providers a
county has is MADE UP as well and says nothing of the real one. Descriptions are in plain words, not in any code
owner's. NPIs start with 2 (in claims with 0 or 3 to 9) and employer numbers with 00: nobody has such numbers. Some
rows are bad on purpose.

Run it:  lakeward run --config lakeward.yaml
"""

_HEAD = """\
# The made-up sample of Lakeward; written by `lakeward sample`.
lake: ./lake
sources:
  mrf:                             # two payers, two months; schema 1.x and 2.x; json, json.gz and zip
"""
_TAIL = """\
  nppes: [{path: nppes}]           # the registry: a month, two weeks, and the numbers that were taken away
  census: {path: census}           # household income, as data.census.gov exports it
  geography: {path: geography}
  medicare: [{path: medicare, year: 2025}]
  taxonomy: {path: taxonomy/nucc_taxonomy_250.csv}
  synpuf: [{path: claims}]         # two samples of made-up Medicare claims, and the codes in them
monitoring: {errors_max: 5000}     # some rows are bad on purpose: an alarm for each run would say nothing
"""


def configuration_text(price_folder: str) -> str:
    """Return the ``lakeward.yaml`` of the sample."""
    lines = [f"    - {{path: {price_folder}/{file.name}, state: {file.state}}}\n" for file in PRICE_FILES]
    return _HEAD + "".join(lines) + _TAIL
