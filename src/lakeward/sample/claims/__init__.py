"""Made-up inpatient claims and beneficiaries in the layout of the CMS DE-SynPUF, on small tables of real codes."""

from lakeward.sample.claims.generator import REAL_BENEFICIARIES, ClaimsSummary, generate_claims

__all__ = ["REAL_BENEFICIARIES", "ClaimsSummary", "generate_claims"]
