"""Reports, of claims and of where providers are missing: each one HTML file that works without a network."""
