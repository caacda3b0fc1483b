"""The services that the portal asks. Connections are kept open; bodies and headers are never logged."""

from portal.outbound_http.catalog import Catalog
from portal.outbound_http.delivery import Delivery
from portal.outbound_http.identity import Identity

__all__ = ["Catalog", "Delivery", "Identity"]
