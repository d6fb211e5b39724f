"""The provider groups of a price file: who of a block has a contract, and under which numbers they bill.

In: a price file and a block of the market. Out: its members, and their groups as provider references or inline.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lakeward.sample.chance import draw
from lakeward.sample.contracts import Contract, Payer, contract_between
from lakeward.sample.defects import spoil_npis
from lakeward.sample.market import HOME_STATE, Organisation, organisations
from lakeward.sample.price_file import PriceFile, PriceFileCounts

INLINE_SPECIALTIES = frozenset({"chiro", "ambulance"})
"""In version 1 their groups stand inside the rates, as do those of all who work alone."""

FIRST_REFERENCE_ID = 1000
DECIMAL_ID_EVERY = 37
DECIMAL_PART = 0.64462
OTHERS_IN_NEIGHBOUR_STATE = 12


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation with a contract; ``ordinal`` counts those of its block, and decides on a planted defect."""

    organisation: Organisation
    contract: Contract
    ordinal: int
    is_inline: bool


def members_of(file: PriceFile, block: int) -> list[Member]:
    """Return who of a block is in the network of the file's payer and in the file's area."""
    found: list[Member] = []
    for organisation in organisations(block):
        contract = contract_between(file.payer, organisation) if _in_area(file.state, organisation) else None
        if contract:
            alone = organisation.is_solo or organisation.specialty in INLINE_SPECIALTIES
            found.append(Member(organisation, contract, len(found), is_inline=alone and not file.is_version_2))
    return found


def _in_area(state: str, organisation: Organisation) -> bool:
    """The home state's files hold the whole market; another state's holds its own organisations and a few others."""
    if state == HOME_STATE or organisation.place["state"] == state:
        return True
    return draw("area", organisation.index) % OTHERS_IN_NEIGHBOUR_STATE == 0


def reference_id(file: PriceFile, organisation: Organisation) -> int | float:
    """Return the id of a provider reference; in version 1 some are decimals, as one payer publishes them."""
    number = FIRST_REFERENCE_ID + organisation.index
    return number + DECIMAL_PART if not file.is_version_2 and organisation.index % DECIMAL_ID_EVERY == 0 else number


def provider_references(file: PriceFile, scale: int, counts: PriceFileCounts) -> Iterator[dict[str, Any]]:
    """Yield the provider references of a file, block after block."""
    for block in range(scale):
        for member in members_of(file, block):
            if member.is_inline:
                continue
            reference: dict[str, Any] = {"provider_group_id": reference_id(file, member.organisation)}
            if file.is_version_2:
                reference["network_name"] = _networks(file.payer, member.organisation)
            reference["provider_groups"] = groups_of(file, member, counts)
            counts.provider_references += 1
            yield reference


def _networks(payer: Payer, organisation: Organisation) -> list[str]:
    in_both = draw("network", payer.name, organisation.index) % 3 == 0
    return list(payer.networks if in_both else payer.networks[:1])


def groups_of(file: PriceFile, member: Member, counts: PriceFileCounts) -> list[dict[str, Any]]:
    """Return the groups of an organisation: one under its own tax number, for a hospital a second one for its doctors.

    Inline NPIs are texts, as some payers publish them; a person who works alone bills under the own NPI.
    """
    organisation = member.organisation
    people = [person.npi for person in organisation.people]
    if organisation.specialty == "hospital":
        groups = [([organisation.npi], _tin(file, organisation)), (people, _doctors_tin(file, organisation))]
    elif organisation.is_solo:
        groups = [(people, {"type": "npi", "value": people[0]})]
    else:
        groups = [([organisation.npi, *people], _tin(file, organisation))]
    last_npis, last_tin = groups[-1]
    groups[-1] = (spoil_npis(last_npis, member.ordinal, counts.planted), last_tin)
    counts.npis += sum(len(npis) for npis, _ in groups)
    return [{"npi": _published(npis, as_text=member.is_inline), "tin": tin} for npis, tin in groups]


def _published(npis: list[str], *, as_text: bool) -> list[Any]:
    return list(npis) if as_text else [int(npi) for npi in npis]


def _tin(file: PriceFile, organisation: Organisation) -> dict[str, str]:
    tin = {"type": "ein", "value": organisation.ein}
    return tin | {"business_name": organisation.name} if file.is_version_2 else tin


def _doctors_tin(file: PriceFile, organisation: Organisation) -> dict[str, str]:
    tin = {"type": "ein", "value": "00-9" + organisation.ein[-6:]}
    return tin | {"business_name": f"{organisation.name} DOCTORS"} if file.is_version_2 else tin
