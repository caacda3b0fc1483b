"""Which recipient addresses may enter an SMTP command and a header."""

import re

_LOCAL_LIMIT = 64  # octets, RFC 5321 §4.5.3.1.1
_LIMIT = 254  # octets, RFC 5321 §4.5.3.1.3 less the angle brackets
_ATOM = (
    r"[^\s\x00-\x20\x7f-\xa0\ud800-\udfff<>()\[\]\\,;:\"@]+"  # no space, no control, no special, no quoting
)
_SAFE = re.compile(f"{_ATOM}@{_ATOM}")


def can_be_mailed(address: str) -> bool:
    """Whether the address is one plain dot-atom mailbox: no second recipient, no header, no quoting.

    Identity checks addresses when they come in; this is the last look before they leave.
    """
    local = address.partition("@")[0]
    return (
        _SAFE.fullmatch(address) is not None
        and len(address.encode()) <= _LIMIT
        and len(local.encode()) <= _LOCAL_LIMIT
    )
