"""From the scratch database to files that readers see: layouts, the partition writer, the doors."""
