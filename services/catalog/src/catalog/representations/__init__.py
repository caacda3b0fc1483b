"""The bodies of the HTTP API, and the manifest that an import reads."""
