"""Feeds and linked data: what programs read of the pages."""
