"""The bronze datasets of a price file: names, columns and Arrow types.

Ids count from 0 in the order of first occurrence in the file. ``_source_record`` is the 1-based ordinal of the record:
of the in_network item for prices and items, of the provider reference, and the id plus one where a row is one distinct
content that may occur many times.
"""

import pyarrow as pa

from lakeward.sources.landing import PROVENANCE_FIELDS

TEXT, NUMBER = pa.string(), pa.int64()
TEXTS, NUMBERS = pa.list_(TEXT), pa.list_(NUMBER)
RATE_TOTAL = pa.decimal128(38, 6)

CONTAINED_CODE_FIELDS = ("billing_code_type", "billing_code_type_version", "billing_code", "description")
CONTAINED_CODES = pa.list_(pa.struct([pa.field(name, TEXT) for name in CONTAINED_CODE_FIELDS]))

HEADER_FIELDS = (
    *("reporting_entity_name", "reporting_entity_type", "plan_name", "plan_id_type", "plan_id", "plan_market_type"),
    *("issuer_name", "plan_sponsor_name", "last_updated_on", "version"),
)
ITEM_TEXT_FIELDS = (
    *("negotiation_arrangement", "name", "description", "billing_code_type", "billing_code_type_version"),
    *("billing_code", "severity_of_illness"),
)
ITEM_LIST_FIELDS = ("bundled_codes", "covered_services")
TERM_TEXT_FIELDS = ("negotiated_type", "expiration_date", "billing_class", "setting", "additional_information")
TERM_LIST_FIELDS = ("service_code", "billing_code_modifier")
COUNT_FIELDS = (
    *("item_count", "negotiated_rate_count", "price_count", "inline_group_count", "provider_reference_count"),
    "npi_published_count",
)
HARDLY_REPEATED = ("provider_reference_id", "provider_reference_ids", "tin_value")
"""Columns whose texts are mostly different from row to row."""


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([*PROVENANCE_FIELDS, *(pa.field(name, kind) for name, kind in columns.items())])


DATASETS: dict[str, pa.Schema] = {
    "header": _schema(
        **dict.fromkeys(HEADER_FIELDS, TEXT),
        schema_shape=TEXT,
        unknown_keys=TEXTS,
        **dict.fromkeys(COUNT_FIELDS, NUMBER),
        negotiated_rate_total=RATE_TOTAL,
    ),
    "item": _schema(
        item_id=NUMBER, **dict.fromkeys(ITEM_TEXT_FIELDS, TEXT), **dict.fromkeys(ITEM_LIST_FIELDS, CONTAINED_CODES)
    ),
    "price_term": _schema(
        term_id=NUMBER,
        negotiated_type=TEXT,
        expiration_date=TEXT,
        billing_class=TEXT,
        setting=TEXT,
        service_code=TEXTS,
        billing_code_modifier=TEXTS,
        additional_information=TEXT,
    ),
    "price": _schema(item_id=NUMBER, rate_id=NUMBER, term_id=NUMBER, group_set_id=NUMBER, negotiated_rate=pa.float64()),
    "group_set": _schema(group_set_id=NUMBER, provider_reference_ids=TEXTS, inline_group_id=NUMBER),
    "provider_reference": _schema(
        provider_reference_id=TEXT,
        network_name=TEXTS,
        location=TEXT,
        location_status=TEXT,
        location_error=TEXT,
        group_id=NUMBER,
    ),
    "provider_group": _schema(group_id=NUMBER, member_ids=NUMBERS),
    "provider_member": _schema(
        member_id=NUMBER, tin_type=TEXT, tin_value=TEXT, business_name=TEXT, npi=TEXTS, npi_published_count=NUMBER
    ),
}
"""Dataset to schema. The header is one row a file; a price is one negotiated price, in file order; a group set is one
distinct pair of reference ids and inline group; a provider group is one distinct array of members, named or inline."""
