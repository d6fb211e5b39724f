"""Cases for programs over frames: the defect, and the same program without it."""

from .texts import Case

JOIN = "out = rates.join(dim_npi, left_on='primary_npi', right_on='npi').join({right}, on={on})\n"
PICKED = "one = members.{before}group_by('pg_uid').agg({picked}.alias('npi'))\n"
POOL = """
from concurrent.futures import ProcessPoolExecutor
{outside}
def write_all(rows):
{inside}
    with ProcessPoolExecutor() as pool:
        return list(pool.map(write, rows))
"""
APPENDED = """
def add(path, new):
    old = pl.read_parquet(path)
    pl.concat([old, new]).write_parquet({target})
"""
RATIO = "pl.col('negotiated_rate') / pl.col('medicare_state_rate')"
ENTITY = "pl.when(pl.col('enumeration_type') == 'NPI-1').then(pl.lit('Individual'))"

LAZY = """
def enriched(rates, payers):
    return rates.lazy().join(payers.lazy(), on='payer_slug').{end}
"""

FRAME_CASES = (
    Case("LW-A18", "loop-over-a-frame", "program.py",
         "for chunk in pl.read_parquet(path, batch_size=50_000):\n    write(chunk)\n",
         "for batch in pq.ParquetFile(path).iter_batches(50_000):\n    write(batch)\n"),
    Case("LW-A19", "collected-in-memory", "program.py",
         LAZY.format(end="collect()"), LAZY.format(end="collect(engine='streaming')")),
    Case("LW-A20", "function-in-a-function", "program.py",
         POOL.format(outside="", inside="    def write(row):\n        return row\n"),
         POOL.format(outside="def write(row):\n    return row\n", inside="    rows = list(rows)\n")),
    Case("LW-A21", "appended-in-place", "program.py", APPENDED.format(target="path"), APPENDED.format(target="aside")),
    Case("LW-A22", "first-of-a-group", "program.py",
         PICKED.format(before="", picked="pl.col('npi').first()"),
         PICKED.format(before="", picked="pl.col('npi').sort_by('rank').first()")),
    Case("LW-A23", "key-that-was-dropped", "program.py",
         JOIN.format(right="places", on="'npi'"), JOIN.format(right="places", on="'primary_npi'")),
    Case("LW-A24", "all-addresses", "program.py",
         "out = rates.join(dim_npi_address.lazy(), on='npi')\n",
         "out = rates.join(dim_npi_address.lazy(), on=['npi', 'address_hash'])\n"),
    Case("LW-A25", "code-without-its-system", "program.py",
         "out = rates.join(dim_code_cat, left_on='code', right_on='proc_cd')\n",
         "out = rates.join(dim_code_cat, on=['code_type', 'code'])\n"),
    Case("LW-A26", "benchmark-by-code-and-state", "program.py",
         "out = rates.join(bench_medicare, on=['state', 'code_type', 'code'])\n",
         "out = rates.join(bench_medicare, on=['state', 'code_type', 'code', 'modifier', 'setting'])\n"),
    Case("LW-A27", "ratio-of-everything", "program.py",
         f"out = rates.with_columns(({RATIO}).alias('ratio'))\n",
         f"out = rates.with_columns(pl.when(comparable).then({RATIO}).alias('ratio'))\n"),
    Case("LW-A28", "one-range", "program.py",
         "ok = rates.filter(pl.col('negotiated_rate').is_between(0.01, 1_000_000))\n",
         "ok = rates.filter(pl.col('negotiated_rate').is_between(pl.col('least'), pl.col('most')))\n"),
    Case("LW-A28", "one-range-in-words", "guide.md",
         "- Rate validation: values between $0.01 and $1,000,000\n", "- Rate validation: bounds by unit\n"),
    Case("LW-A29", "null-is-an-organization", "program.py",
         f"kind = {ENTITY}.otherwise(pl.lit('Organization'))\n",
         f"kind = {ENTITY}.otherwise(pl.when(pl.col('x')).then(pl.col('y')))\n"),
    Case("LW-A30", "word-of-the-api", "program.py",
         "alone = pl.col('sole_proprietor') == 'YES'\n", "alone = pl.col('sole_proprietor') == 'Y'\n"),
    Case("LW-A30", "type-of-the-api", "program.py",
         "person = pl.col('entity_type_code') == 'NPI-1'\n", "person = pl.col('enumeration_type') == 'NPI-1'\n"),
    Case("LW-A32", "ten-digits", "program.py",
         "known = pl.col('npi').str.contains(r'^\\d{10}$')\n", "known = has_check_digit(pl.col('npi'))\n"),
    Case("LW-A32", "ten-digits-in-words", "guide.md",
         "- NPI validation: 10-digit format\n", "- NPI validation: 10 digits, the last one a check digit\n"),
    Case("LW-A31", "null-island", "program.py",
         "out = rates.with_columns(pl.col('latitude').fill_null(0.0))\n",
         "out = rates.with_columns(pl.col('rate_count').fill_null(0))\n"),
    Case("LW-A31", "unknown-area", "program.py",
         "out = rates.with_columns(pl.col('county_name').fill_null('Unknown'))\n",
         "out = rates.with_columns(pl.col('county_name').fill_null(pl.col('city')))\n"),
    Case("LW-A33", "column-twice", "program.py",
         "chosen = ['state', 'code', 'state']\nout = rates.select(chosen)\n",
         "chosen = ['state', 'code']\nout = rates.select(chosen)\n"),
)  # fmt: skip
