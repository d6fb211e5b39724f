"""A made-up registry file of any size in the publisher's layout, for measurements: no row is of a real provider.

In: a path and a number of rows. Out: a CSV with the real header, every field quoted, about 1.1 kB a row, whose columns
are filled as often as those of the real file of April 2025 (first rows: 92 % active, two thirds with an identifier of
another register, 5 % with more than six). Written by DuckDB, so that 10 GB take minutes.
"""

from pathlib import Path

import duckdb

from lakeward.sources.nppes import LAYOUT

IDENTIFIER_SHARES = (0.65, 0.34, 0.21, 0.13, 0.10, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02)
TAXONOMY_SHARES = (1.0, 0.26, 0.065, 0.022)
"""Share of providers with so many specialties, and with so many identifiers of other registers."""

ORGANISATIONS, ACTIVE = 0.19, 0.92
_SYLLABLES = "['BA','KE','LO','MI','RU','SEN','TAR','VO','WEX','ZIL','DON','FER','GAN','HOL','JAN','NOR']"


def write_registry_file(path: Path, rows: int, first: int = 0) -> None:
    """Write a file of made-up records.

    Args:
        path: where to; replaced.
        rows: how many records; 9 million are about 10 GB.
        first: number of the first record; other numbers are other providers.
    """
    columns = ",\n".join(f'{_expression(header)} as "{header}"' for header in LAYOUT)
    query = f"select {columns} from range({first}, {first + rows}) as made(i)"
    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        target = str(path).replace("'", "''")
        connection.execute(f"copy ({query}) to '{target}' (format csv, header, force_quote *)")


def _expression(header: str) -> str:
    """Return what a column holds, as SQL over the record's number ``i``; the salt keeps columns apart."""
    name, _, slot = header.rpartition("_")
    if slot.isdigit():
        return _slot_expression(name, int(slot))
    whole = _EXPRESSIONS.get(header)
    if whole:
        return whole
    for part, (share, value) in _ADDRESS_PARTS.items():
        if part in header and " Address" in header:
            mail = "Mailing" if "Mailing" in header else "Practice"
            return _filled(min(share, ACTIVE), value.replace("SALT", mail), part)
    return "''"


def _slot_expression(name: str, slot: int) -> str:
    shares = TAXONOMY_SHARES if "Taxonomy" in name or "License" in name else IDENTIFIER_SHARES
    if slot > len(shares) or name.endswith("Group"):
        return "''"
    salt, share = f"{name}{slot}", shares[slot - 1] * ACTIVE
    kind = "taxonomies" if shares is TAXONOMY_SHARES else "identifiers"
    values = {
        "Healthcare Provider Taxonomy Code": f"'2' || lpad(cast({_hash(salt)} % 80 as varchar), 2, '0') || 'X00000X'",
        "Provider License Number": f"'L' || {_hash(salt)} % 999999",
        "Provider License Number State Code": _STATE,
        "Healthcare Provider Primary Taxonomy Switch": "'Y'" if slot == 1 else "'N'",
        "Other Provider Identifier": f"cast({_hash(salt)} % 99999999 as varchar)",
        "Other Provider Identifier Type Code": "'05'" if slot % 2 else "'01'",
        "Other Provider Identifier State": _STATE,
        "Other Provider Identifier Issuer": f"'ISSUER ' || {_hash(salt)} % 400",
    }
    return _filled(share * (0.5 if name.endswith("Issuer") else 1.0), values[name], kind)


def _hash(salt: str) -> str:
    return f"cast(hash(i, '{salt}') >> 1 as bigint)"


def _filled(share: float, value: str, together: str) -> str:
    """Columns of one ``together`` are filled in the same records, as far as their shares go."""
    return f"case when {_hash(together)} % 10000 < {int(share * 10000)} then {value} else '' end"


def _date(salt: str) -> str:
    return f"strftime(date '2006-01-01' + cast({_hash(salt)} % 7000 as integer), '%m/%d/%Y')"


def _word(salt: str, syllables: int) -> str:
    return " || ".join(f"{_SYLLABLES}[1 + {_hash(salt + str(n))} % 16]" for n in range(syllables))


def _person(value: str, share: float = 1.0, together: str = "person") -> str:
    chosen = f"{_hash('entity')} % 10000 between {int(ORGANISATIONS * 10000)} and {int(ACTIVE * 10000)}"
    inner = _filled(share, value, together) if share < 1 else value
    return f"case when {chosen} then {inner} else '' end"


def _organisation(value: str) -> str:
    return f"case when {_hash('entity')} % 10000 < {int(ORGANISATIONS * 10000)} then {value} else '' end"


def _active(value: str) -> str:
    return f"case when {_hash('entity')} % 10000 <= {int(ACTIVE * 10000)} then {value} else '' end"


_STATE = f"['GA','TX','CA','NY','FL','OH','NE','WA','IL','PA'][1 + {_hash('state')} % 10]"
_EXPRESSIONS = {
    "NPI": "cast(1000000000 + i * 7 % 1999999999 as varchar)",
    "Entity Type Code": f"case when {_hash('entity')} % 10000 < {int(ORGANISATIONS * 10000)} then '2' "
    f"when {_hash('entity')} % 10000 <= {int(ACTIVE * 10000)} then '1' else '' end",
    "Employer Identification Number (EIN)": _organisation("'<UNAVAIL>'"),
    "Provider Organization Name (Legal Business Name)": _organisation(f"{_word('org', 5)} || ' CLINIC, INC'"),
    "Provider Last Name (Legal Name)": _person(_word("last", 3)),
    "Provider First Name": _person(_word("first", 2)),
    "Provider Middle Name": _person(_word("middle", 1), 0.8, "middle"),
    "Provider Name Prefix Text": _person("'DR.'", 0.6, "prefix"),
    "Provider Credential Text": _person("'M.D.'"),
    "Provider Enumeration Date": _active(_date("enumerated")),
    "Last Update Date": _active(_date("updated")),
    "NPI Deactivation Date": f"case when {_hash('entity')} % 10000 > 8900 then {_date('off')} else '' end",
    "Provider Sex Code": _person(f"['M','F'][1 + {_hash('sex')} % 2]"),
    "Authorized Official Last Name": _organisation(_word("official", 3)),
    "Authorized Official First Name": _organisation(_word("given", 2)),
    "Authorized Official Title or Position": _organisation("'OWNER'"),
    "Authorized Official Telephone Number": _organisation(f"cast(2000000000 + {_hash('tel')} % 7999999 as varchar)"),
    "Is Sole Proprietor": _person("'N'"),
    "Is Organization Subpart": _organisation("'N'"),
    "Certification Date": _filled(0.23, _date("certified"), "certified"),
}
_ADDRESS_PARTS = {
    "First Line": (1.0, f"({_hash('houseSALT')} % 9899) || ' ' || {_word('streetSALT', 3)} || ' ST'"),
    "Second Line": (0.33, f"'SUITE ' || {_hash('suiteSALT')} % 900"),
    "City Name": (1.0, f"{_word('cit', 2)} || ['VILLE','TON','BURG'][1 + {_hash('city')} % 3]"),
    "State Name": (1.0, _STATE),
    "Postal Code": (1.0, f"cast(100000000 + {_hash('zipSALT')} % 899999999 as varchar)"),
    "Country Code": (1.0, "'US'"),
    "Telephone Number": (0.9, f"cast(2000000000 + {_hash('phoneSALT')} % 7999999999 as varchar)"),
    "Fax Number": (0.78, f"cast(2000000000 + {_hash('faxSALT')} % 7999999999 as varchar)"),
}
