"""The files beside npidata: further practice addresses, other names, electronic endpoints.

In: providers. Out: for each file its name, layout and lines. Who has one is a function of the number, so that a weekly
file repeats what a monthly one said, as the publisher's does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from lakeward.sample.draws import below, happens
from lakeward.sample.identifiers import npi_texts
from lakeward.sample.places import places
from lakeward.sample.providers.columns import chosen_place, last_names, organisation_names, street_lines
from lakeward.sample.providers.lines import Texts, chosen, joined, numbers
from lakeward.sample.providers.people import Providers
from lakeward.sources.nppes.columns import ENDPOINT_LAYOUT, OTHER_NAME_LAYOUT, SECONDARY_PRACTICE_LOCATION_LAYOUT

_SECONDARY = "Provider Secondary Practice Location Address"
_SECOND_PLACE_PERMYRIAD, _OTHER_NAME_PERMYRIAD, _ENDPOINT_PERMYRIAD = 800, 3_000, 700
_ENDPOINT_TYPES = (
    ("DIRECT", "Direct Messaging Address"),
    ("FHIR", "FHIR URL"),
    ("WEBSITE", "Website URL"),
)
_NAME_TYPES = ("3", "4", "5")
"""Doing business as, former legal name, other."""


@dataclass(frozen=True, slots=True)
class Companion:
    """One kind of file beside npidata: how its name starts, its columns, and what a batch of providers has in it."""

    prefix: str
    layout: tuple[str, ...]
    columns: Callable[[Providers], dict[str, Texts]]


def _locations(providers: Providers) -> dict[str, Texts]:
    """One in twelve also works in another city of the sample, wherever that is."""
    there = providers.take(~providers.is_blank & happens(_SECOND_PLACE_PERMYRIAD, "second place", providers.serials))
    serials = there.serials
    place = chosen_place(below(len(places()), "second place is", serials))
    return {
        "NPI": npi_texts(serials),
        f"{_SECONDARY}- Address Line 1": street_lines(serials + np.uint64(1), there.moves),
        f"{_SECONDARY} - City Name": place["city"],
        f"{_SECONDARY} - State Name": place["state"],
        f"{_SECONDARY} - Postal Code": joined(place["zip"], numbers(1001 + below(8899, "second four", serials))),
        f"{_SECONDARY} - Country Code (If outside U.S.)": "US",
        f"{_SECONDARY} - Telephone Number": numbers(4_045_550_100 + below(100, "second phone", serials)),
    }


def _other_names(providers: Providers) -> dict[str, Texts]:
    is_named = ~providers.is_blank & providers.is_organisation
    named = providers.take(is_named & happens(_OTHER_NAME_PERMYRIAD, "other name", providers.serials))
    return {
        "NPI": npi_texts(named.serials),
        "Provider Other Organization Name": organisation_names(named.serials, named.renames + 1),
        "Provider Other Organization Name Type Code": chosen(
            _NAME_TYPES, below(len(_NAME_TYPES), "name type", named.serials)
        ),
    }


def _endpoints(providers: Providers) -> dict[str, Texts]:
    """Addresses under example.org, which belongs to nobody."""
    reached = providers.take(~providers.is_blank & happens(_ENDPOINT_PERMYRIAD, "endpoint", providers.serials))
    serials = reached.serials
    kinds = below(len(_ENDPOINT_TYPES), "endpoint type", serials)
    npis = npi_texts(serials)
    is_direct = pa.array(kinds == 0)
    direct, address = joined("p", npis, "@direct.example.org"), joined("https://example.org/", npis)
    place = chosen_place(reached.places)
    return {
        "NPI": npis,
        "Endpoint Type": chosen([kind for kind, _ in _ENDPOINT_TYPES], kinds),
        "Endpoint Type Description": chosen([description for _, description in _ENDPOINT_TYPES], kinds),
        "Endpoint": pa.compute.if_else(is_direct, direct, address),
        "Affiliation": pa.compute.if_else(is_direct, "Y", "N"),
        "Affiliation Legal Business Name": pa.compute.if_else(
            is_direct, joined("EXAMPLE ", last_names(serials, reached.renames), " GROUP (MADE UP)"), ""
        ),
        "Use Code": pa.compute.if_else(is_direct, "DIRECT", "OTHER"),
        "Affiliation Address Line One": street_lines(serials, reached.moves),
        "Affiliation Address City": place["city"],
        "Affiliation Address State": place["state"],
        "Affiliation Address Country": "US",
        "Affiliation Address Postal Code": place["zip"],
    }


COMPANIONS = (
    Companion("pl_pfile", SECONDARY_PRACTICE_LOCATION_LAYOUT, _locations),
    Companion("othername_pfile", OTHER_NAME_LAYOUT, _other_names),
    Companion("endpoint_pfile", ENDPOINT_LAYOUT, _endpoints),
)
