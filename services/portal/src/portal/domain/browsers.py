"""How a person may recognise a browser in a list: by its family and its system, no more precisely."""

# The first that the User-Agent names: browsers name those that they descend from, too.
_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str | None:
    """`Firefox, Linux`; what is known of the two, or nothing (RFC 9110 §10.1.5)."""
    known = [
        next((name for mark, name in marks if mark in user_agent), None) for marks in (_FAMILIES, _SYSTEMS)
    ]
    return ", ".join(name for name in known if name) or None
