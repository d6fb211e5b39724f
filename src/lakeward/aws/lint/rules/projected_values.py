"""Rules for partition projection against what is there: the values of partitions, and who else reads the table."""

from collections.abc import Iterator

from lakeward.aws.ddl import LAKE_PROPERTY
from lakeward.aws.lint.material import Mention, Together
from lakeward.aws.lint.rule import Problem, check, rule
from lakeward.aws.lint.rules import sources
from lakeward.aws.lint.rules.projection import enum_values, kind_of, projected_keys, setting
from lakeward.aws.lint.tables import Table
from lakeward.publish.partition import NULL_PARTITION
from lakeward.settings.sources import STATES_AND_TERRITORIES


def _projected(together: Together) -> list[Table]:
    return [table for table in together.of(Table) if table.is_projected]


@check("LW-A11", Together)
def digits_are_others(together: Together) -> Iterator[Problem]:
    """Yield integer keys whose partitions are written with other digits than projection makes."""
    for table in _projected(together):
        digits = {
            key: setting(table, key, "digits") for key in projected_keys(table) if kind_of(table, key) == "integer"
        }
        reported = set()
        for key, value, _ in together.seen_values(table):
            if key in digits and key not in reported and value.isdigit():
                made = value.lstrip("0").rjust(int(digits[key] or 1), "0") if (digits[key] or "1").isdigit() else value
                if made != value:
                    reported.add(key)
                    found = f"`{key}={value}` is written, `{key}={made}` is looked for"
                    yield Problem(table.at(f"projection.{key}.type"), found)


@rule(
    "LW-A12", Together, "An enum does not list every value",
    why="A value that is not listed has no partition for Athena: its rows are in no answer, with no error.",
    fix="Write the enum from the data (`lakeward aws ddl --projection`), or add partitions instead.",
    source=sources.PROJECTION,
)  # fmt: skip
def enum_is_a_sample(together: Together) -> Iterator[Problem]:
    """Yield values that are there and not listed; where none is known, a list of only some states."""
    for table in _projected(together):
        listed = {key: set(enum_values(table, key)) for key in projected_keys(table) if kind_of(table, key) == "enum"}
        known = set(together.seen_values(table))
        missing = {(key, value) for key, value, _ in known if key in listed and value not in listed[key]}
        for key in sorted({key for key, _ in missing}):
            values = sorted(value for of, value in missing if of == key)
            yield Problem(table.at(f"projection.{key}.values"), f"`{key}` lacks {', '.join(values[:5])}")
        for key, states in listed.items():
            # A tree in a document is an example, not the data; what `lakeward` printed is from the data.
            by_hand = not together.values and LAKE_PROPERTY not in table.properties
            if by_hand and states and states < STATES_AND_TERRITORIES:
                found = f"`{key}` lists {len(states)} of {len(STATES_AND_TERRITORIES)} states and territories, by hand"
                yield Problem(table.at(f"projection.{key}.values"), found)


@check("LW-A12", Together)
def outside_the_range(together: Together) -> Iterator[Problem]:
    """Yield numbers that are there and outside of the range of their key."""
    for table in _projected(together):
        for key in projected_keys(table):
            low, _, high = (setting(table, key, "range") or "").partition(",")
            if kind_of(table, key) == "integer" and low.strip().isdigit() and high.strip().isdigit():
                seen = {value for of, value, _ in together.seen_values(table) if of == key and value.isdigit()}
                outside = sorted(value for value in seen if not int(low) <= int(value) <= int(high))
                if outside:
                    place = table.at(f"projection.{key}.range")
                    yield Problem(place, f"`{key}` {', '.join(outside[:5])} is outside of {low},{high}")


@check("LW-A13", Together)
def enum_value_with_a_comma(together: Together) -> Iterator[Problem]:
    """Yield enum keys with a value that has a comma, which no enum can list."""
    for table in _projected(together):
        enums = {key for key in projected_keys(table) if kind_of(table, key) == "enum"}
        for key, value, place in together.seen_values(table):
            if key in enums and "," in value:
                yield Problem(place, f"`{key}` is an enum and '{value}' has a comma")


@rule(
    "LW-A41", Together, "Another engine is to read a projected table",
    why="Only Athena computes partitions. Redshift Spectrum, EMR and most others ask Glue, which has none of them: the "
        "table is empty there.",
    fix="Add the partitions to Glue, and leave projection off.", source=sources.PROJECTION,
)  # fmt: skip
def read_by_others(together: Together) -> Iterator[Problem]:
    """Yield projected tables that stand beside the name of an engine which cannot read them."""
    for table in _projected(together):
        near = [mention for mention in together.of(Mention) if mention.place.file == table.place.file]
        if near:
            found = f"{table.name} is projected, and {near[0].engine} is named on line {near[0].place.line}"
            yield Problem(table.at("projection.enabled"), found)


@rule(
    "LW-P06", Together, "A null partition of a projected table",
    why="`__HIVE_DEFAULT_PARTITION__` is no number and no date, and as a value of an enum it is that text, not null.",
    fix="Add partitions instead of projecting, or keep nulls out of the key.", source=sources.PROJECTION,
)  # fmt: skip
def null_partition(together: Together) -> Iterator[Problem]:
    """Yield projected keys of which a null partition is known."""
    for table in _projected(together):
        short = table.name.rpartition(".")[2]
        nulls = {key for key, values in together.values.get(short, {}).items() if None in values}
        nulls |= {key for key, value, _ in together.seen_values(table) if value == NULL_PARTITION}
        for key in projected_keys(table):
            if key in nulls:
                yield Problem(table.at(f"projection.{key}.type"), f"`{key}` has a null partition")
