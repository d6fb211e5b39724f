"""Lakeward: an open lakehouse for the public data of US healthcare."""

__version__ = "0.1.0"
