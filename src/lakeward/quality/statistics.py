"""The distribution of a column per group, exactly and in bounded memory.

In: a table, the columns to group by and a numeric column. Out: the SQL that gives count, lowest, quartiles and highest.
Values are first counted per distinct value, which the database can spill, so that no group is held as a list;
quartiles are interpolated linearly between the two neighbouring values, as spreadsheets do.
"""

from lakeward.quality.figures import Column

DISTRIBUTION_COLUMNS = ("n", "min", "p25", "median", "p75", "max")


def distribution_sql(table: str, keys: tuple[str, ...], value: str, condition: str = "true") -> str:
    """Return a query with one row per group: the keys, then ``n min p25 median p75 max``, ordered by the keys.

    Nulls, infinities and what is no number are left out.
    """
    key_list = ", ".join(keys)
    quartiles = ", ".join(f"{_quantile(at)} as {name}" for name, at in (("p25", 0.25), ("median", 0.5), ("p75", 0.75)))
    return (
        f"with counted as (select {key_list}, cast({value} as double) as value, count(*) as times from {table} "  # noqa: S608
        f"where isfinite(cast({value} as double)) and ({condition}) group by {key_list}, {value}), "
        f"ranked as (select *, sum(times) over (partition by {key_list} order by value) as until, "
        f"sum(times) over (partition by {key_list}) as n from counted) "
        f"select {key_list}, cast(max(n) as bigint) as n, min(value) as min, {quartiles}, max(value) as max "
        f"from ranked group by {key_list} order by {key_list}"
    )


def _quantile(at: float) -> str:
    """Interpolate between the values at the ranks below and above ``at * (n - 1)``; ``until`` is the last rank + 1."""
    place = f"{at} * (n - 1)"
    below = f"min(value) filter (where until > floor({place}))"
    above = f"min(value) filter (where until > ceil({place}))"
    fraction = f"max({place} - floor({place}))"
    return f"round({below} + ({above} - {below}) * {fraction}, 6)"


def distribution_columns(kind_label: str) -> tuple[Column, ...]:
    """Return the columns that show a distribution; ``kind_label`` names what ``n`` counts."""
    labels = {"n": kind_label, "min": "Lowest", "p25": "25th", "median": "Median", "p75": "75th", "max": "Highest"}
    return tuple(Column(name, labels[name], "count" if name == "n" else "number") for name in DISTRIBUTION_COLUMNS)
