"""Bronze of the generated sample, landed by the extract stage; what the models are tested over."""

from dataclasses import dataclass
from pathlib import Path

from lakeward.config import load_settings
from lakeward.extract import extract
from lakeward.lake.commit import Lake
from lakeward.lake.ledger import LedgerRow
from lakeward.relations import Relation, bronze_relations, published_relation
from lakeward.sample import SampleSummary, generate
from lakeward.settings import Settings
from lakeward.sources.inputs import find_inputs
from lakeward.sources.registry import registered_files


@dataclass(frozen=True)
class SampleBronze:
    """A lake that holds the sample's bronze and nothing else, and what the generator and the readers counted."""

    lake: Lake
    settings: Settings
    summary: SampleSummary
    extracted: list[LedgerRow]

    def relations(self) -> list[Relation]:
        """Return everything the models read, with every rates file to be built."""
        snapshot = self.lake.snapshot()
        rates = {file_id for file_id, file in registered_files(snapshot).items() if file.is_rates}
        return [*bronze_relations(snapshot, rates), published_relation(snapshot, [])]


def land_sample(folder: Path, *, backwards: bool = False) -> SampleBronze:
    """Generate the sample and land it in ``folder``, in the configuration's order of files or the other way round."""
    summary = generate(folder / "sample")
    settings, base = load_settings(folder / "sample" / "lakeward.yaml", {"lake": str(folder / "lake")})
    inputs = find_inputs(settings.sources, base)
    lake = Lake.open(settings.lake, settings.storage)
    scratch = folder / "scratch"
    scratch.mkdir()
    rows, _ = extract(lake, "test", inputs[::-1] if backwards else inputs, scratch)
    return SampleBronze(lake, settings, summary, rows)
