"""Reports on what is in the lake: the quality report and the damage report of one file."""
