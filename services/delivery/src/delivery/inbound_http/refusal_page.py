"""What a person sees who opens the address of a file that is not given out: the reason, and the way back."""

from html import escape
from string import Template

from fastapi import Request, Response

from newsreel_runtime.errors import ServiceError

_PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<h1>$title</h1>
<p>$detail</p>
<p>$links</p>
</html>
""")


def wants_page(request: Request) -> bool:
    """Whether HTML is asked for by name: browsers do, programs do not."""
    return "text/html" in request.headers.get("accept", "").lower()


def refusal_page(error: ServiceError, portal: str) -> Response:
    """The refusal as HTML, with a link to the ticket where it names one, and to the portal."""
    ways = {"Download again": error.extra.get("ticket"), "Back to the videos": portal}
    links = [f'<a href="{escape(address)}">{text}</a>' for text, address in ways.items() if address]
    page = _PAGE.substitute(title=escape(error.title), detail=escape(error.detail), links=" · ".join(links))
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'", "Vary": "Accept"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return Response(page, error.status, headers, media_type="text/html")
