"""Benchmarks: one command generates the inputs, runs Lakeward and its peers in turn, and writes results.md."""
