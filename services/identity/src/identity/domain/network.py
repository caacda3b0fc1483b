"""Where a request comes from."""

from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

_BITS = {4: 32, 6: 64}  # what one household or company gets of IPv6 at least (RFC 6177)


@dataclass(frozen=True)
class Origin:
    """Where a try comes from: the client's network, and what the browser says that it is known by.

    `browser` is how the person may recognise it in a list: "Firefox, Linux".
    """

    network: str
    known_browser: str | None = field(default=None, repr=False)
    browser: str | None = None


def network_of(client: str | None) -> str:
    """The network of a client's address: IPv4 /32, IPv6 /64; `unknown` for what is no address."""
    try:
        address = ip_address(client or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or IPv6Address(int(address))  # without its zone
    return str(ip_network((address, _BITS[address.version]), strict=False))
