"""The Iceberg door: ``fact_rate_enriched`` as an Iceberg table over the lake's own Parquet files."""

ICEBERG_PREFIX = "iceberg"
"""Where metadata is in a lake. The sweep leaves it alone: what it holds is cleaned by expiring."""
