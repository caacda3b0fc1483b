"""Accounts, the codes that prove an address, sessions and access tokens."""
