"""Claims run again: nothing new writes nothing, a corrected sample replaces its own files, a broken one nothing."""

import shutil
from pathlib import Path

import pytest

from .command_line import done, lakeward, rows
from .lake_files import data_files, snapshot_of
from .made_once import made_once
from .made_up_claims import MadeUpClaims
from .small_market import SmallMarket

FACT = "silver/claims/fact_inpatient_claim"
FIRST, SECOND = "synpuf.sample-01", "synpuf.sample-02"


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> MadeUpClaims:
    return MadeUpClaims.write(tmp_path_factory.mktemp("claims"))


@pytest.fixture(scope="module")
def claims_lake(claims: MadeUpClaims, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of both samples; only to be read."""

    def make(folder: Path) -> None:
        done("run", "claims", "--config", claims.configuration(), "--lake", folder / "lake")

    folder: Path = made_once(tmp_path_factory, "made-up-claims-lake", make)
    return folder / "lake"


@pytest.fixture
def lake(claims_lake: Path, tmp_path: Path) -> Path:
    """A copy of that lake, to be changed."""
    return Path(shutil.copytree(claims_lake, tmp_path / "lake"))


@pytest.fixture
def changed(claims: MadeUpClaims, tmp_path: Path) -> MadeUpClaims:
    """A copy of the claims, to be changed."""
    return claims.copy_to(tmp_path / "changed")


def paid(lines: list[str], line: int, amount: str) -> list[str]:
    """Return the lines of a claims file with another payment in one of them."""
    position = lines[0].replace('"', "").split(",").index("CLM_PMT_AMT")
    cells = lines[line].split(",")
    cells[position] = amount
    return [*lines[:line], ",".join(cells), *lines[line + 1 :]]


def sample_files(lake: Path, release: str) -> dict[str, tuple[str, ...]]:
    """Return the files of a sample, by table."""
    snapshot = snapshot_of(lake)
    return {
        table: tuple(file.path for file in entry.files)
        for table in snapshot.tables()
        if (entry := snapshot.slices(table).get(release))
    }


def paid_usd(lake: Path) -> dict[str, float]:
    """Return what each sample was paid."""
    sql = "select release_id, sum(paid_amount_usd) as paid from fact_inpatient_claim group by all"
    return {row["release_id"]: float(row["paid"]) for row in rows(lake, sql)}


def test_a_second_run_writes_no_data(claims: MadeUpClaims, lake: Path, claims_lake: Path) -> None:
    again = done("run", "claims", "--config", claims.configuration(), "--lake", lake)
    assert "Nothing changed" in again.out
    assert data_files(snapshot_of(lake)) == data_files(snapshot_of(claims_lake))
    assert done("ledger", "--check", "--lake", lake).status == 0


def test_only_tables_of_the_claims_are_published(claims_lake: Path) -> None:
    published = [name for name in snapshot_of(claims_lake).tables() if not name.startswith("bronze/")]
    assert {name.split("/")[1] for name in published} == {"claims"}
    assert {FACT, "quarantine/claims/quarantine_inpatient_claim", "gold/claims/mart_claims_abc"} <= set(published)


def test_samples_one_after_the_other_give_the_lake_of_both(
    claims: MadeUpClaims, claims_lake: Path, tmp_path: Path
) -> None:
    for sample in (2, 1):
        one = claims.copy_to(tmp_path / f"only-{sample}")
        for path in one.files.glob(f"*Sample_{3 - sample}*"):
            path.unlink()
        done("run", "claims", "--config", one.configuration(), "--lake", tmp_path / "lake")
    both, apart = snapshot_of(claims_lake), snapshot_of(tmp_path / "lake")
    assert data_files(apart, published=True) == data_files(both, published=True)


def test_a_corrected_sample_replaces_its_own_files_and_no_others(
    changed: MadeUpClaims, lake: Path, claims_lake: Path
) -> None:
    changed.change_lines(changed.claims_file(2), lambda lines: paid(lines, 1, "12345.00"))
    done("run", "claims", "--config", changed.configuration(), "--lake", lake)
    assert sample_files(lake, FIRST) == sample_files(claims_lake, FIRST)
    assert sample_files(lake, SECOND)[FACT] != sample_files(claims_lake, SECOND)[FACT]
    before, after = paid_usd(claims_lake), paid_usd(lake)
    assert before[FIRST] == after[FIRST]
    assert before[SECOND] != after[SECOND]
    assert done("ledger", "--check", "--lake", lake).status == 0


def test_a_missing_year_is_named_and_its_claims_stay(changed: MadeUpClaims, claims_lake: Path, tmp_path: Path) -> None:
    changed.summary_file(2009, 2).unlink()
    finished = done("run", "claims", "--config", changed.configuration(), "--lake", tmp_path / "lake")
    assert "2009" in finished.err
    assert paid_usd(tmp_path / "lake") == paid_usd(claims_lake)
    without = (
        "select count(*) as claims from fact_inpatient_claim where not has_beneficiary_year and service_year = 2009"
    )
    assert rows(tmp_path / "lake", without)[0]["claims"] > 0
    assert done("ledger", "--check", "--lake", tmp_path / "lake").status == 0


def test_a_copy_of_a_sample_is_read_once(changed: MadeUpClaims, claims_lake: Path, tmp_path: Path) -> None:
    shutil.copy(changed.claims_file(1), changed.claims_file(1).with_suffix(".Copy.csv"))
    finished = done("run", "claims", "--config", changed.configuration(), "--lake", tmp_path / "lake")
    assert "Copy.csv" in finished.err
    assert data_files(snapshot_of(tmp_path / "lake"), published=True) == data_files(
        snapshot_of(claims_lake), published=True
    )


def test_two_files_of_one_sample_that_differ_are_an_error(changed: MadeUpClaims, lake: Path, claims_lake: Path) -> None:
    copy = changed.claims_file(1).with_suffix(".Copy.csv")
    shutil.copy(changed.claims_file(1), copy)
    changed.change_lines(copy, lambda lines: paid(lines, 1, "1.00"))
    failed = lakeward("run", "claims", "--config", changed.configuration(), "--lake", lake)
    assert failed.status == 2
    assert changed.claims_file(1).name in failed.message
    assert copy.name in failed.message
    assert data_files(snapshot_of(lake)) == data_files(snapshot_of(claims_lake))


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[0].replace("CLM_DRG_CD", "CLM_DRG"), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1][: len(lines[-1]) // 2]],
        lambda lines: lines[:1],
    ],
    ids=["unknown-column", "cut-off", "no-records"],
)
def test_a_broken_file_leaves_the_published_lake_as_it_was(
    changed: MadeUpClaims, lake: Path, claims_lake: Path, damage: object
) -> None:
    assert callable(damage)
    changed.change_lines(changed.claims_file(2), damage)
    failed = lakeward("run", "claims", "--config", changed.configuration(), "--lake", lake)
    assert failed.status not in (0, 2)
    assert changed.claims_file(2).name in failed.message
    assert data_files(snapshot_of(lake), published=True) == data_files(snapshot_of(claims_lake), published=True)
    assert "Nothing changed" in done("publish", "claims", "--lake", lake).out


def test_unreadable_amounts_are_set_aside_and_too_many_stop_the_run(
    changed: MadeUpClaims, lake: Path, claims_lake: Path
) -> None:
    changed.change_lines(changed.claims_file(2), lambda lines: paid(lines, 1, "12O.00"))
    done("run", "claims", "--config", changed.configuration(), "--lake", lake)
    assert rows(lake, "select release_id, paid_amount_text from quarantine_inpatient_claim") == [
        {"release_id": SECOND, "paid_amount_text": "12O.00"}
    ]
    assert done("ledger", "--check", "--lake", lake).status == 0
    before = data_files(snapshot_of(lake), published=True)

    def damage_all(lines: list[str]) -> list[str]:
        for line in range(1, len(lines)):
            lines = paid(lines, line, "x")
        return lines

    changed.change_lines(changed.claims_file(2), damage_all)
    failed = lakeward("run", "claims", "--config", changed.configuration(), "--lake", lake)
    assert failed.status == 1
    assert f"More than 10% of a release was rejected.\n  {SECOND}: " in failed.message
    assert data_files(snapshot_of(lake), published=True) == before


def test_rates_and_claims_leave_each_other_alone(
    claims: MadeUpClaims, small_market: SmallMarket, july_lake: Path, tmp_path: Path
) -> None:
    lake = Path(shutil.copytree(july_lake, tmp_path / "lake"))
    rates_files = data_files(snapshot_of(july_lake), published=True)
    done("run", "claims", "--config", claims.configuration(), "--lake", lake)
    both = data_files(snapshot_of(lake), published=True)
    claims_files = both.items() - rates_files.items()
    assert rates_files.items() <= both.items()
    assert {path.split("/")[1] for path, _ in claims_files} == {"claims"}
    assert "Nothing changed" in done("run", "--config", small_market.configuration("july"), "--lake", lake).out
    added = done("run", "--config", small_market.configuration("july", "august"), "--lake", lake)
    assert "building rates" in added.err
    after = data_files(snapshot_of(lake), published=True)
    assert claims_files <= after.items()
    assert after != both


def test_a_claim_leads_to_its_record(claims: MadeUpClaims, claims_lake: Path) -> None:
    (origin,) = done(
        "lineage", "fact_inpatient_claim", "--where", "source_record = 5 and sample_number = 1", "--lake", claims_lake,
        "--json",
    ).json  # fmt: skip
    assert (origin["file"], origin["record"]) == (claims.claims_file(1).name, 5)
