"""Conditional requests (RFC 9110 §13): an answer that the client has already is not sent again."""

import hashlib
import re

from fastapi import Request, Response
from pydantic import BaseModel

_TAG = re.compile(r'(?:W/)?("[^"\x00-\x20\x7f]*")')
_FRESH = "public, max-age=10"  # seconds; a correction is seen after at most that


def answer(request: Request, body: BaseModel) -> Response:
    """The body as JSON with a strong ETag of its bytes, or 304 when If-None-Match names it."""
    return answer_bytes(request, body.model_dump_json().encode(), "application/json")


def answer_bytes(request: Request, content: bytes, media_type: str, file: str | None = None) -> Response:
    """The same for any content; with the name of a file, a browser saves it under that (RFC 6266)."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _FRESH}
    if file is not None:
        headers["Content-Disposition"] = f'attachment; filename="{file}"'
    if _is_named(tag, request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _is_named(tag: str, if_none_match: list[str]) -> bool:
    """RFC 9110 §13.1.2: `*`, or a list of tags that is compared weakly."""
    text = ",".join(if_none_match)
    return text.strip() == "*" or tag in _TAG.findall(text)
