"""The frame of the small pages that the local stack shows: plain, readable, without scripts."""

from html import escape

from starlette.responses import HTMLResponse

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .75rem; border: 1px solid; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem 1rem .25rem 0; }
.tree { white-space: pre; overflow-x: auto; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"


def page(title: str, body: str) -> HTMLResponse:
    """A whole page; `body` is HTML whose text is escaped already."""
    return HTMLResponse(
        f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(title)} · Newsreel on this machine</title>
<style>{_STYLE}</style>
<main>
{body}
</main>
</html>
""",
        headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"},
    )
