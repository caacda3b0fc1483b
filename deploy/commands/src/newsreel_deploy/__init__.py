"""Builds, renders, checks and runs what `deploy/` ships."""
