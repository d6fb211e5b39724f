"""The published headers of the registry's files, in the publisher's order and wording.

Source: CMS, NPPES Data Dissemination, header files of June 2025 (version 2 of the layout).
"""

from lakeward.sources import table_rows

TAXONOMY_SLOTS, OTHER_IDENTIFIER_SLOTS = 15, 50


def column_name(header: str) -> str:
    """Return the bronze name of a column of the registry; version 1's gender code is named as version 2 names it.

    >>> column_name("Provider Business Mailing Address Country Code (If outside U.S.)")
    'provider_business_mailing_address_country_code_if_outside_u_s'
    >>> column_name("Provider Gender Code")
    'provider_sex_code'
    """
    name = table_rows.column_name(header)
    return "provider_sex_code" if name == "provider_gender_code" else name


def _address_headers(kind: str) -> list[str]:
    lines = [f"Provider {line} Line Business {kind} Address" for line in ("First", "Second")]
    parts = (
        "City Name",
        "State Name",
        "Postal Code",
        "Country Code (If outside U.S.)",
        "Telephone Number",
        "Fax Number",
    )
    return lines + [f"Provider Business {kind} Address {part}" for part in parts]


def _slot_headers(slots: int, *headers: str) -> list[str]:
    return [f"{header}_{slot}" for slot in range(1, slots + 1) for header in headers]


LAYOUT: tuple[str, ...] = (
    "NPI",
    "Entity Type Code",
    "Replacement NPI",
    "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Middle Name",
    "Provider Name Prefix Text",
    "Provider Name Suffix Text",
    "Provider Credential Text",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    "Provider Other Last Name",
    "Provider Other First Name",
    "Provider Other Middle Name",
    "Provider Other Name Prefix Text",
    "Provider Other Name Suffix Text",
    "Provider Other Credential Text",
    "Provider Other Last Name Type Code",
    *_address_headers("Mailing"),
    *_address_headers("Practice Location"),
    "Provider Enumeration Date",
    "Last Update Date",
    "NPI Deactivation Reason Code",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Sex Code",
    "Authorized Official Last Name",
    "Authorized Official First Name",
    "Authorized Official Middle Name",
    "Authorized Official Title or Position",
    "Authorized Official Telephone Number",
    *_slot_headers(
        TAXONOMY_SLOTS,
        "Healthcare Provider Taxonomy Code",
        "Provider License Number",
        "Provider License Number State Code",
        "Healthcare Provider Primary Taxonomy Switch",
    ),
    *_slot_headers(
        OTHER_IDENTIFIER_SLOTS,
        "Other Provider Identifier",
        "Other Provider Identifier Type Code",
        "Other Provider Identifier State",
        "Other Provider Identifier Issuer",
    ),
    "Is Sole Proprietor",
    "Is Organization Subpart",
    "Parent Organization LBN",
    "Parent Organization TIN",
    "Authorized Official Name Prefix Text",
    "Authorized Official Name Suffix Text",
    "Authorized Official Credential Text",
    *_slot_headers(TAXONOMY_SLOTS, "Healthcare Provider Taxonomy Group"),
    "Certification Date",
)
"""The 330 headers of version 2."""

COLUMNS: tuple[str, ...] = tuple(column_name(header) for header in LAYOUT)

_SECONDARY = "Provider Secondary Practice Location Address"
SECONDARY_PRACTICE_LOCATION_LAYOUT: tuple[str, ...] = (
    "NPI",
    f"{_SECONDARY}- Address Line 1",
    f"{_SECONDARY}-  Address Line 2",
    f"{_SECONDARY} - City Name",
    f"{_SECONDARY} - State Name",
    f"{_SECONDARY} - Postal Code",
    f"{_SECONDARY} - Country Code (If outside U.S.)",
    f"{_SECONDARY} - Telephone Number",
    f"{_SECONDARY} - Telephone Extension",
    "Provider Practice Location Address - Fax Number",
)
"""The second line's two blanks are the publisher's."""

OTHER_NAME_LAYOUT: tuple[str, ...] = (
    "NPI",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
)

ENDPOINT_LAYOUT: tuple[str, ...] = (
    "NPI",
    "Endpoint Type",
    "Endpoint Type Description",
    "Endpoint",
    "Affiliation",
    "Endpoint Description",
    "Affiliation Legal Business Name",
    "Use Code",
    "Use Description",
    "Other Use Description",
    "Content Type",
    "Content Description",
    "Other Content Description",
    "Affiliation Address Line One",
    "Affiliation Address Line Two",
    "Affiliation Address City",
    "Affiliation Address State",
    "Affiliation Address Country",
    "Affiliation Address Postal Code",
)

DEACTIVATION_LAYOUT: tuple[str, ...] = ("NPI", "NPPES Deactivation Date")
