"""The columns of npidata for a batch of providers: people, organisations, and the blank rows of the deactivated.

In: providers. Out: the lines of their records, in version 2 of the layout. Numbers, streets and names are made up;
cities, states, ZIPs and specialty codes are real.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lakeward.sample.draws import Integers, Serials, below, happens
from lakeward.sample.facts import table
from lakeward.sample.identifiers import npi_texts
from lakeward.sample.market import FIRST_NAMES, LAST_NAME_ENDS, LAST_NAME_STARTS
from lakeward.sample.places import places
from lakeward.sample.providers.calendar import day_texts
from lakeward.sample.providers.lines import Texts, chosen, joined, numbers, record_lines
from lakeward.sample.providers.people import Providers
from lakeward.sources.nppes import LAYOUT

LAST_NAMES = tuple(start + end for start in LAST_NAME_STARTS for end in LAST_NAME_ENDS)
ROWS_PER_BATCH = 10_000
Columns = dict[str, Texts]

_MAILING, _PRACTICE = "Mailing Address", "Practice Location Address"
_STREETS = ("ALDER", "BIRCH", "CEDAR", "DOGWOOD", "ELM", "FIR", "GINKGO", "HAZEL", "IVY", "JUNIPER", "LAUREL", "MAPLE",
            "OAK", "PINE", "REDBUD", "SPRUCE", "TUPELO", "WALNUT", "WILLOW", "YEW")  # fmt: skip
_SUITE_IN = 5
_ISSUERS = ("MADE UP MEDICAID", "MADE UP COMMERCIAL PLAN", "MADE UP STATE LIST")


def registry_lines(providers: Providers) -> Iterator[memoryview]:
    """Yield the lines of all providers, some thousand at a time: of these people, organisations, the deactivated."""
    for first in range(0, len(providers), ROWS_PER_BATCH):
        batch = providers.take(np.arange(first, min(first + ROWS_PER_BATCH, len(providers))))
        is_blank, is_organisation = batch.is_blank, batch.is_organisation
        for columns_of, mask in (
            (person_columns, ~is_blank & ~is_organisation),
            (_organisation, ~is_blank & is_organisation),
            (_blank, is_blank),
        ):
            if mask.any():
                yield record_lines(LAYOUT, columns_of(batch.take(mask)))


def _blank(providers: Providers) -> Columns:
    return {"NPI": npi_texts(providers.serials), "NPI Deactivation Date": day_texts(providers.deactivated)}


def person_columns(providers: Providers) -> Columns:
    """Return the columns of people."""
    serials = providers.serials
    return {
        **_registration(providers, "1"),
        "Provider Last Name (Legal Name)": last_names(serials, providers.renames),
        "Provider First Name": chosen(FIRST_NAMES, below(len(FIRST_NAMES), "first", serials)),
        "Provider Middle Name": chosen("ABCDEFGHJKLMNPRSTW", below(27, "middle", serials) % 19 - 1),
        "Provider Credential Text": chosen(_credentials(), providers.specialties),
        "Provider Sex Code": chosen("FM", below(2, "sex", serials)),
        "Is Sole Proprietor": chosen("NYX", below(3, "sole", serials)),
    }


def _organisation(providers: Providers) -> Columns:
    serials = providers.serials
    return {
        **_registration(providers, "2"),
        "Employer Identification Number (EIN)": "<UNAVAIL>",
        "Provider Organization Name (Legal Business Name)": organisation_names(serials, providers.renames),
        "Authorized Official Last Name": last_names(serials, np.zeros(len(serials), dtype=np.int64)),
        "Authorized Official First Name": chosen(FIRST_NAMES, below(len(FIRST_NAMES), "official", serials)),
        "Authorized Official Title or Position": "OWNER",
        "Authorized Official Telephone Number": _phones("official phone", serials),
        "Is Organization Subpart": "N",
    }


def _registration(providers: Providers, entity_type: str) -> Columns:
    """What people and organisations have in common."""
    serials = providers.serials
    successors = np.where(providers.successors < 0, 0, providers.successors).astype(np.uint64)
    replacement = pc.if_else(pa.array(providers.successors < 0), "", npi_texts(successors))
    states = chosen([place["state"] for place in places()], providers.places)
    return {
        "NPI": npi_texts(serials),
        "Entity Type Code": entity_type,
        "Replacement NPI": replacement,
        **_addresses(providers),
        "Provider Enumeration Date": day_texts(providers.enumerated),
        "Last Update Date": day_texts(providers.updated),
        "NPI Deactivation Date": day_texts(providers.deactivated),
        "NPI Reactivation Date": day_texts(providers.reactivated),
        **_specialties(providers, states),
        **_identifiers(serials, states),
        "Certification Date": pc.if_else(pa.array(serials % np.uint64(3) != 0), day_texts(providers.updated), ""),
    }


def _addresses(providers: Providers) -> Columns:
    """A street of our own naming in the place's real city and ZIP; mail goes to a box in the same city."""
    serials = providers.serials
    place = chosen_place(providers.places)
    telephone = _phones("phone", serials)
    found: Columns = {}
    for kind in (_MAILING, _PRACTICE):
        found[f"Provider Business {kind} City Name"] = place["city"]
        found[f"Provider Business {kind} State Name"] = place["state"]
        found[f"Provider Business {kind} Postal Code"] = joined(
            place["zip"], numbers(1001 + below(8899, "four", serials))
        )
        found[f"Provider Business {kind} Country Code (If outside U.S.)"] = "US"
        found[f"Provider Business {kind} Telephone Number"] = telephone
    suites = numbers(10 * (1 + below(40, "suite", serials)))
    has_suite = pa.array(serials % np.uint64(_SUITE_IN) == 0)
    found["Provider First Line Business Mailing Address"] = joined("PO BOX ", numbers(10 + below(9980, "box", serials)))
    found["Provider First Line Business Practice Location Address"] = street_lines(serials, providers.moves)
    found["Provider Second Line Business Practice Location Address"] = pc.if_else(
        has_suite, joined("SUITE ", suites), ""
    )
    return found


def chosen_place(positions: Integers) -> dict[str, pa.Array]:
    """Return city, state and ZIP of places."""
    return {name: chosen([place[name] for place in places()], positions) for name in ("city", "state", "zip")}


def street_lines(serials: Serials, moves: Integers) -> pa.Array:
    """Return the first line of an address, another one after each move."""
    houses = 100 + (below(9800, "house", serials) + 137 * moves) % 9800
    streets = (below(len(_STREETS), "street", serials) + moves) % len(_STREETS)
    return joined(numbers(houses), " ", chosen(_STREETS, streets), " SAMPLE ROAD")


def last_names(serials: Serials, renames: Integers) -> pa.Array:
    """Return made-up last names, another one after each change."""
    return chosen(LAST_NAMES, (below(len(LAST_NAMES), "last", serials) + 17 * renames) % len(LAST_NAMES))


def organisation_names(serials: Serials, renames: Integers) -> pa.Array:
    """Return made-up names of organisations."""
    word = chosen(("CARE CENTER", "CLINIC", "HEALTH GROUP", "PRACTICE"), (below(4, "word", serials) + renames) % 4)
    return joined(
        "EXAMPLE ", last_names(serials, renames), " ", word, " ", numbers(serials.astype(np.int64)), " (MADE UP)"
    )


def _phones(purpose: str, serials: Serials) -> pa.Array:
    """Return numbers of the block 555-0100 to 555-0199, which is kept for fiction."""
    return numbers(4_045_550_100 + below(100, purpose, serials))


def _specialties(providers: Providers, states: pa.Array) -> Columns:
    """One specialty; for some a broader one before it that is not the primary one."""
    serials = providers.serials
    codes = chosen([row["code"] for row in table("taxonomy")], providers.specialties)
    has_broader = np.isin(providers.specialties, _narrow()) & happens(4_000, "broader", serials)
    licence = joined("MADEUP", numbers(serials.astype(np.int64)))
    mask = pa.array(has_broader)
    return {
        "Healthcare Provider Taxonomy Code_1": pc.if_else(mask, "207R00000X", codes),
        "Provider License Number_1": licence,
        "Provider License Number State Code_1": states,
        "Healthcare Provider Primary Taxonomy Switch_1": pc.if_else(mask, "N", "Y"),
        "Healthcare Provider Taxonomy Code_2": pc.if_else(mask, codes, ""),
        "Provider License Number_2": pc.if_else(mask, licence, ""),
        "Provider License Number State Code_2": pc.if_else(mask, states, ""),
        "Healthcare Provider Primary Taxonomy Switch_2": pc.if_else(mask, "Y", ""),
    }


def _identifiers(serials: Serials, states: pa.Array) -> Columns:
    """One in four has a number with some payer."""
    mask = pa.array(happens(2_500, "identifier", serials))
    kinds = below(len(_ISSUERS), "issuer", serials)
    return {
        "Other Provider Identifier_1": pc.if_else(mask, joined("X", numbers(serials.astype(np.int64))), ""),
        "Other Provider Identifier Type Code_1": pc.if_else(mask, chosen(("05", "01", "01"), kinds), ""),
        "Other Provider Identifier State_1": pc.if_else(mask, states, ""),
        "Other Provider Identifier Issuer_1": pc.if_else(mask, chosen(("", *_ISSUERS[1:]), kinds), ""),
    }


@cache
def _credentials() -> tuple[str, ...]:
    return tuple(row["credential"] for row in table("taxonomy"))


@cache
def _narrow() -> tuple[int, ...]:
    return tuple(
        position
        for position, row in enumerate(table("taxonomy"))
        if row["specialty"] in {"cardio", "gi", "cancer", "hospitalist"}
    )
