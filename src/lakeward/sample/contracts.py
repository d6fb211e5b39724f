"""Who has a contract with whom, and how dear it is.

In: a payer and an organisation. Out: the contract between them, or ``None``; its factor goes on Medicare's amount.
Clinics of one specialty, tier and Medicare locality share a contract (one rate object, many groups); each facility
has its own.
"""

from dataclasses import dataclass

from lakeward.sample.chance import between, draw, happens
from lakeward.sample.market import FACILITIES, STAFFLESS, Organisation

TIERS = 4
RAISED_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Payer:
    """One made-up payer: how it calls itself, what it pays, and the schema version of its price files."""

    name: str
    file_label: str
    entity_type: str
    version: str
    factor_permille: int
    contract_percent: int
    networks: tuple[str, ...]


EXAMPLE_HEALTH_PLAN = Payer(
    name="Example Health Plan (made up)", file_label="Example-Health-Plan", entity_type="health insurance issuer",
    version="1.3.1", factor_permille=1140, contract_percent=85,
    networks=("Example Broad (made up)", "Example Narrow (made up)"),
)  # fmt: skip
SAMPLE_MUTUAL = Payer(
    name="Sample Mutual Insurance (made up)", file_label="Sample-Mutual", entity_type="third party administrator",
    version="2.0.0", factor_permille=1260, contract_percent=80,
    networks=("Sample Choice (made up)", "Sample Select (made up)"),
)  # fmt: skip
PAYERS = (EXAMPLE_HEALTH_PLAN, SAMPLE_MUTUAL)


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms between a payer and one facility, or one tier of clinics; equal terms are one rate object."""

    payer: str
    specialty: str
    tier: int
    locality: str
    facility_index: int | None
    factor_permille: int

    def raised(self, year_month: str) -> bool:
        """Whether the rates of this contract rise in August, the second month of the sample."""
        return year_month >= "2025-08" and draw("raise", *self._name()) % 100 < RAISED_PERCENT

    def _name(self) -> tuple[str | int, ...]:
        return (self.payer, self.specialty, self.tier, self.locality, str(self.facility_index))


def contract_between(payer: Payer, organisation: Organisation) -> Contract | None:
    """Return the contract, or ``None`` where the organisation is not in the payer's network."""
    if not happens(payer.contract_percent, "contract", payer.name, organisation.index):
        return None
    specialty, place = organisation.specialty, organisation.place
    locality = place["carrier"] + place["locality"]
    area = between(880, 1130, "area", locality)
    tier = draw("tier", payer.name, organisation.index) % TIERS
    if specialty in FACILITIES or specialty in STAFFLESS or specialty == "imaging_center":
        low, high = (1150, 2150) if specialty == "hospital" else (850, 1600)
        own = between(low, high, "facility", payer.name, organisation.index)
        factor = payer.factor_permille * area * own // 1_000_000
        return Contract(payer.name, specialty, tier, locality, organisation.index, factor)
    factor = payer.factor_permille * area * (840 + 130 * tier) // 1_000_000
    return Contract(payer.name, specialty, tier, locality, None, factor)
