"""The claims report: ABC, retention and revenue as one HTML file that works without a network."""
