"""The lake: one place that knows storage, commits, run records and the ledger."""
