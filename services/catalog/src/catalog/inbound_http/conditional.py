"""Conditional requests (RFC 9110 §13): an answer that the client has already is not sent again."""

import hashlib
import re

from fastapi import Request, Response
from pydantic import BaseModel

_TAG = re.compile(r'(?:W/)?("[^"\x00-\x20\x7f]*")')
_FRESH = "public, max-age=10"  # seconds; a correction is seen after at most that


def answer(request: Request, body: BaseModel) -> Response:
    """The body as JSON with a strong ETag of its bytes, or 304 when If-None-Match names it."""
    content = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _FRESH}
    if _is_named(tag, request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


def _is_named(tag: str, if_none_match: list[str]) -> bool:
    """RFC 9110 §13.1.2: `*`, or a list of tags that is compared weakly."""
    text = ",".join(if_none_match)
    return text.strip() == "*" or tag in _TAG.findall(text)
