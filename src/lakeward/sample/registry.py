"""The registrations of the made-up market's people and organisations, in the layout of the NPPES monthly file.

In: a scale. Out: lines of npidata, version 2 of the layout, 330 columns, all fields quoted. Some providers of the price
files are missing from it, a few are deactivated, one in many came back.
"""

from collections.abc import Iterator

from lakeward.sample.chance import between, draw, happens
from lakeward.sample.facts import Row, keyed
from lakeward.sample.market import SERIALS_PER_ORGANISATION, Organisation, Person, organisations
from lakeward.sources.nppes import LAYOUT

MISSING_PERCENT = 8
DEACTIVATED_PERCENT = 2
REACTIVATED_PERCENT = 1

Record = dict[str, str]
Deactivations = list[tuple[str, str]]
"""NPIs and the days they were taken away."""

_MAILING, _PRACTICE = "Mailing", "Practice Location"


def market_lines(scale: int, deactivated: Deactivations) -> Iterator[bytes]:
    """Yield the lines of the market's registrations, and note who among them is off."""
    for block in range(scale):
        for organisation in organisations(block):
            for record in _records(organisation):
                if "Entity Type Code" not in record:
                    deactivated.append((record["NPI"], record["NPI Deactivation Date"]))
                yield ('"' + '","'.join(record.get(column, "") for column in LAYOUT) + '"\n').encode()


def _records(organisation: Organisation) -> Iterator[Record]:
    if not organisation.is_solo and not happens(MISSING_PERCENT // 2, "missing", organisation.npi):
        yield _organisation_record(organisation)
    for person in organisation.people:
        if not happens(MISSING_PERCENT, "missing", person.npi):
            yield _person_record(person, organisation)


def _organisation_record(organisation: Organisation) -> Record:
    return {
        "NPI": organisation.npi,
        "Entity Type Code": "2",
        "Employer Identification Number (EIN)": "<UNAVAIL>",
        "Provider Organization Name (Legal Business Name)": organisation.name,
        **_addresses(organisation.serial, organisation.place),
        **_dates(organisation.serial),
        **_taxonomies(organisation.serial, _organisation_taxonomy(organisation), organisation.place["state"]),
        "Is Organization Subpart": "N",
    }


def _organisation_taxonomy(organisation: Organisation) -> str:
    """A family practice registers as a clinic, every other organisation with its own specialty."""
    return "clinic" if organisation.specialty in {"family", "internal", "general"} else organisation.specialty


def _person_record(person: Person, organisation: Organisation) -> Record:
    if happens(DEACTIVATED_PERCENT, "deactivated", person.npi):
        return {"NPI": person.npi, "NPI Deactivation Date": _date("off", person.serial, 2023, 2024)}
    record = {
        "NPI": person.npi,
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": person.last_name,
        "Provider First Name": person.first_name,
        "Provider Credential Text": keyed("taxonomy", "specialty")[person.specialty]["credential"],
        **_addresses(person.serial, organisation.place),
        **_dates(person.serial),
        "Provider Sex Code": person.sex,
        **_taxonomies(person.serial, person.specialty, organisation.place["state"]),
        "Is Sole Proprietor": "Y" if organisation.is_solo else "NX"[draw("sole", person.serial) % 2],
    }
    if happens(REACTIVATED_PERCENT, "reactivated", person.npi):
        record["NPI Deactivation Date"] = _date("off", person.serial, 2016, 2018)
        record["NPI Reactivation Date"] = _date("on", person.serial, 2019, 2021)
    return record


def _addresses(serial: int, place: Row) -> Record:
    """A street of our own naming in the place's real city and ZIP; mail goes to a box in the same city."""
    house = serial // SERIALS_PER_ORGANISATION
    phone = f"40455501{draw('phone', serial) % 100:02d}"
    street = f"{between(100, 9899, 'house', house)} {place['city']} SAMPLE ROAD"
    lines = {_MAILING: f"PO BOX {between(10, 9990, 'box', house)}", _PRACTICE: street}
    found: Record = {}
    postal_code = f"{place['zip']}{between(1001, 9899, 'four', house)}"
    for kind, line in lines.items():
        found[f"Provider First Line Business {kind} Address"] = line
        found[f"Provider Business {kind} Address City Name"] = place["city"]
        found[f"Provider Business {kind} Address State Name"] = place["state"]
        found[f"Provider Business {kind} Address Postal Code"] = postal_code
        found[f"Provider Business {kind} Address Country Code (If outside U.S.)"] = "US"
        found[f"Provider Business {kind} Address Telephone Number"] = phone
    if serial % 5 == 0:
        suite = between(1, 40, "suite", serial) * 10
        found["Provider Second Line Business Practice Location Address"] = f"SUITE {suite}"
    return found


def _dates(serial: int) -> Record:
    return {
        "Provider Enumeration Date": _date("enumerated", serial, 2006, 2014),
        "Last Update Date": _date("updated", serial, 2015, 2024),
        "Certification Date": _date("certified", serial, 2020, 2024) if serial % 3 else "",
    }


def _date(what: str, serial: int, first_year: int, last_year: int) -> str:
    month, day = between(1, 12, what, "month", serial), between(1, 28, what, "day", serial)
    return f"{month:02d}/{day:02d}/{between(first_year, last_year, what, 'year', serial)}"


def _taxonomies(serial: int, specialty: str, state: str) -> Record:
    """One specialty, for some a second one before it that is not the primary one."""
    rows = keyed("taxonomy", "specialty")
    listed = [(rows[specialty]["code"], "Y")]
    if specialty in {"cardio", "gi", "cancer", "hospitalist"} and happens(40, "second", serial):
        listed = [(rows["internal"]["code"], "N"), *listed]
    found: Record = {}
    for slot, (code, switch) in enumerate(listed, start=1):
        found[f"Healthcare Provider Taxonomy Code_{slot}"] = code
        found[f"Provider License Number_{slot}"] = f"MADEUP{serial:06d}"
        found[f"Provider License Number State Code_{slot}"] = state
        found[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] = switch
    return found
