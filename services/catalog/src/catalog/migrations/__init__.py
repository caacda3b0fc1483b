"""The schema of the catalog, forward only."""
