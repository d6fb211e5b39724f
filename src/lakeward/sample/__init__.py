"""The made-up sample in the publishers' own formats, on small tables of real facts.

Payers, providers, people and rates are made up and say so; codes, weights and places are real (``facts/README.md``).
"""

from lakeward.sample.claims import ClaimsSummary, generate_claims
from lakeward.sample.generator import SampleSummary, generate
from lakeward.sample.providers import RegistryFile, generate_registry
from lakeward.sample.rate_file import RateFileCounts, generate_rate_file

__all__ = [
    "ClaimsSummary",
    "RateFileCounts",
    "RegistryFile",
    "SampleSummary",
    "generate",
    "generate_claims",
    "generate_rate_file",
    "generate_registry",
]
