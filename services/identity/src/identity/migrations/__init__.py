"""The schema of identity, forward only."""
