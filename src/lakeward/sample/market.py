"""The made-up market: organisations and the people who work for them, in real places of Georgia and its neighbours.

In: the number of a block. Out: the block's organisations, always the same ones, a function of the number alone.
A block is a whole small market of ``sum(BLUEPRINT.values())`` organisations; scale N makes N blocks, one at a time.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from lakeward.sample.chance import between, draw, happens, pick
from lakeward.sample.facts import Row, table
from lakeward.sample.identifiers import made_up_ein, made_up_npi

SERIALS_PER_ORGANISATION = 64
HOME_STATE = "GA"
HOME_PERCENT = 74

BLUEPRINT = {
    "hospital": 36, "surgery_center": 18, "imaging_center": 14, "laboratory": 8, "supplier": 6, "pharmacy": 6,
    "ambulance": 4, "family": 42, "internal": 24, "pediatrics": 14, "general": 4, "obgyn": 18, "cardio": 16,
    "heartsurgery": 2, "ortho": 18, "surgery": 14, "gi": 12, "radiology": 14, "anesthesiology": 10,
    "psychiatry": 7, "psychology": 9, "social_work": 7, "eye": 11, "skin": 9, "uro": 9, "ent": 7, "neuro": 7,
    "pain": 5, "cancer": 9, "allergy": 5, "emergency": 7, "pathology": 5, "hospitalist": 7, "therapy": 14,
    "chiro": 9, "podiatry": 5,
}  # fmt: skip
"""How many organisations of each specialty one block has."""

FACILITIES = frozenset({"hospital", "surgery_center"})
STAFFLESS = frozenset({"laboratory", "supplier", "pharmacy", "ambulance"})
HELPERS = {"anesthesiology": "nurse_anesthetist"}

_NAME_WORDS = {
    "hospital": "Community Hospital", "surgery_center": "Day Surgery", "imaging_center": "Imaging",
    "laboratory": "Laboratory", "supplier": "Medical Supply", "pharmacy": "Pharmacy", "ambulance": "Ambulance",
}  # fmt: skip
FIRST_NAMES = (
    "ADA", "ALAN", "AMIR", "ANNA", "BEN", "CARLA", "CHEN", "CLARA", "DAVID", "DIANE", "ELENA", "EMIL", "FATIMA",
    "FRANK", "GRACE", "HANA", "HUGO", "IRIS", "JAMES", "JOAN", "KAVYA", "KOFI", "LENA", "LUIS", "MARIA", "MEI",
    "NOAH", "NORA", "OLGA", "OMAR", "PAUL", "PRIYA", "QUINN", "ROSA", "RUTH", "SAM", "TARIQ", "TESSA", "VERA",
    "YUSUF",
)  # fmt: skip
LAST_NAME_STARTS = ("SAMPLE", "MOCK", "DEMO", "MODEL", "TRIAL", "PATTERN", "FICTION", "EXAMPLE", "DUMMY", "TEST")
LAST_NAME_ENDS = ("WOOD", "FIELD", "TON", "RIDGE", "LEY", "BROOK", "STONE", "WELL", "FORD", "MAN", "SEN", "BERG")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person: ``serial`` gives the NPI, ``specialty`` is a key of the taxonomy table."""

    serial: int
    npi: str
    first_name: str
    last_name: str
    specialty: str
    sex: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """One made-up organisation and its people; ``place`` is a row of the ZIP table."""

    index: int
    specialty: str
    name: str
    npi: str
    ein: str
    place: Row
    people: tuple[Person, ...]

    @property
    def serial(self) -> int:
        """The serial number behind its NPI; its people have the following ones."""
        return self.index * SERIALS_PER_ORGANISATION

    @property
    def is_facility(self) -> bool:
        """Whether it bills as an institution."""
        return self.specialty in FACILITIES

    @property
    def is_solo(self) -> bool:
        """Whether it is one person who bills under the own NPI in place of an employer number."""
        return len(self.people) == 1 and self.specialty in {"psychology", "social_work", "chiro", "general"}


@cache
def _specialties() -> tuple[str, ...]:
    return tuple(specialty for specialty, count in BLUEPRINT.items() for _ in range(count))


@cache
def _places(*, home: bool) -> tuple[Row, ...]:
    return tuple(row for row in table("zip") if (row["state"] == HOME_STATE) is home)


@lru_cache(maxsize=2)
def organisations(block: int) -> tuple[Organisation, ...]:
    """Return the organisations of a block, in the order of ``BLUEPRINT``."""
    specialties = _specialties()
    first = block * len(specialties)
    return tuple(_organisation(first + position, specialty) for position, specialty in enumerate(specialties))


def _organisation(index: int, specialty: str) -> Organisation:
    place = pick(_places(home=happens(HOME_PERCENT, "home", index)), "place", index)
    word = _NAME_WORDS.get(specialty, "Clinic")
    serial = index * SERIALS_PER_ORGANISATION
    return Organisation(
        index=index,
        specialty=specialty,
        name=f"EXAMPLE {place['city']} {word} {index + 1} (MADE UP)".upper(),
        npi=made_up_npi(serial),
        ein=made_up_ein(index + 1),
        place=place,
        people=tuple(_person(serial + number, specialty) for number in range(1, _staff_count(index, specialty) + 1)),
    )


def _staff_count(index: int, specialty: str) -> int:
    if specialty in STAFFLESS:
        return 0
    if specialty in {"psychology", "social_work", "chiro", "general"}:
        return between(1, 2, "staff", index)
    return between(4, 16, "staff", index) if specialty in FACILITIES else between(2, 9, "staff", index)


def _person(serial: int, specialty: str) -> Person:
    sex = "F" if draw("sex", serial) % 2 else "M"
    return Person(
        serial=serial,
        npi=made_up_npi(serial),
        first_name=pick(FIRST_NAMES, "first", serial),
        last_name=pick(LAST_NAME_STARTS, "start", serial) + pick(LAST_NAME_ENDS, "end", serial),
        specialty=_specialty_of(serial, specialty),
        sex=sex,
    )


def _specialty_of(serial: int, specialty: str) -> str:
    """A clinic employs its own kind and some helpers; a facility employs ward doctors and nurses."""
    chance = draw("helper", serial) % 10
    if specialty in FACILITIES:
        return ("hospitalist", "emergency", "nurse_practitioner", "anesthesiology", "internal")[chance // 2]
    if specialty == "imaging_center":
        return "radiology"
    if chance < 7 or specialty in {"psychology", "social_work", "chiro", "therapy", "podiatry"}:
        return specialty
    return HELPERS.get(specialty, "nurse_practitioner" if chance < 9 else "physician_assistant")
