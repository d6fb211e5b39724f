"""The Iceberg door: ``fact_rate_enriched`` as an Iceberg table over the lake's own Parquet files."""
