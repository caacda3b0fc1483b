"""An origin, `http(s)://host[:port]`, and what of it is signed."""

from urllib.parse import urlsplit

_OWN_PORT = {"http": 80, "https": 443}


def authority(origin: str) -> str:
    """The host, lower case, with the port unless it is the scheme's own."""
    parts = urlsplit(origin.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    own = parts.port is None or parts.port == _OWN_PORT.get(parts.scheme)
    return host if own else f"{host}:{parts.port}"
