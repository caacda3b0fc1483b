"""Searching every place where data comes to rest for secrets that were used."""
