"""Writes the in-network price files of the two made-up payers, in both versions of the schema.

In: which file, a path and a scale. Out: one file in the publishers' JSON, and the counts of what is in it.
A block of the market is written at a time, so memory does not grow with the scale.
"""

from pathlib import Path

from lakeward.sample.compressed import output_file
from lakeward.sample.items import items_of
from lakeward.sample.json_stream import Members, json_pieces
from lakeward.sample.price_file import PriceFile, PriceFileCounts
from lakeward.sample.provider_groups import provider_references


def write_price_file(file: PriceFile, path: Path, scale: int = 1) -> PriceFileCounts:
    """Write one price file and return what is in it; ``path`` ends as ``file.ending`` says."""
    counts = PriceFileCounts()
    with output_file(path) as stream:
        for piece in json_pieces(_document(file, scale, counts), pretty=file.pretty):
            stream.write(piece.encode())
        stream.write(b"\n")
    return counts


def _document(file: PriceFile, scale: int, counts: PriceFileCounts) -> Members:
    header = _header(file)
    references = ("provider_references", provider_references(file, scale, counts))
    items = ("in_network", items_of(file, scale, counts))
    return Members((items, references, *header) if file.providers_last else (*header, references, items))


def _header(file: PriceFile) -> tuple[tuple[str, object], ...]:
    payer = file.payer
    plan = {
        "plan_name": f"{payer.networks[0]} Gold",
        "issuer_name": payer.name,
        "plan_id_type": "hios",
        "plan_id": f"00000{file.state}0010001",
        "plan_market_type": "individual",
    }
    return (
        ("reporting_entity_name", payer.name),
        ("reporting_entity_type", payer.entity_type),
        *(plan.items() if file.is_version_2 else ()),
        ("last_updated_on", f"{file.year_month}-01"),
        ("version", file.version),
    )
