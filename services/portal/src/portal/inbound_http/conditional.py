"""Conditional requests (RFC 9110 §13): what a reader has already is not sent again."""

import hashlib
import re

from fastapi import Request
from starlette.responses import Response

_TAG = re.compile(r'(?:W/)?("[^"\x00-\x20\x7f]*")')
_FRESH = "public, max-age=10"  # seconds, as the catalog's: a video that is stopped is gone after that


def answer_bytes(request: Request, content: bytes, media_type: str, vary: str) -> Response:
    """The content with a strong ETag of its bytes, or 304 when If-None-Match names it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _FRESH, "Vary": vary}
    named = ",".join(request.headers.getlist("if-none-match"))
    if named.strip() == "*" or tag in _TAG.findall(named):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
