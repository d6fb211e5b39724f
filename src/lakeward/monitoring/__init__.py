"""Monitoring: what a run measured of itself, how CloudWatch is told, and the rules by which it is too much."""
