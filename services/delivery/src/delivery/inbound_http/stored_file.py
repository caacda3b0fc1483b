"""Answers with a file of the disk, whole or in part, without loading it into memory.

Starlette's FileResponse knows no If-Match and no 304, and answers 400 to ranges that it cannot read.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import Request, Response
from starlette.responses import StreamingResponse

from delivery import errors
from delivery.domain.byte_range import Slice, Verdict, chosen
from newsreel_runtime.http.problems import response as problem

_CHUNK = 256 * 1024  # bytes per read


@dataclass(frozen=True)
class StoredFile:
    """A file of `size` bytes whose content has that SHA-256 (hexadecimal), and what else to say about it."""

    path: Path
    size: int
    sha256: str
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    def about(self) -> dict[str, str]:
        """The headers of every answer; `Repr-Digest` is of the whole, also beside a part (RFC 9530 §3)."""
        digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
        return {
            "Accept-Ranges": "bytes",
            "ETag": self.etag,
            "Repr-Digest": f"sha-256=:{digest}:",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            **self.headers,
        }


def answer(request: Request, file: StoredFile) -> Response:
    """200, 206, 304, 412 or 416, by the request's conditions. The caller has seen that the file is there."""
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    part = chosen(request.method, headers, file.etag, file.size)
    if part.verdict is Verdict.NOT_MODIFIED:
        return Response(status_code=304, headers=file.about())
    if part.verdict is Verdict.FAILED:
        return problem(errors.precondition_failed())
    if part.verdict is Verdict.UNSATISFIABLE:
        refusal = problem(errors.range_unsatisfiable())
        refusal.headers["Content-Range"] = f"bytes */{file.size}"
        return refusal
    return _content(request.method, file, part)


def _content(method: str, file: StoredFile, part: Slice) -> Response:
    headers = {**file.about(), "Content-Length": str(part.length)}
    status = 200
    if part.verdict is Verdict.PART:
        status = 206
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{file.size}"
    if method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    return StreamingResponse(_read(file.path, part), status, headers, file.media_type)


async def _read(path: Path, part: Slice) -> AsyncIterator[bytes]:
    """The bytes of the part. Raises `EOFError` when the file was cut meanwhile: the connection breaks off."""
    left = part.length
    file = await run_sync(path.open, "rb")
    try:
        await run_sync(file.seek, part.start)
        while left:
            chunk = await run_sync(file.read, min(_CHUNK, left))
            if not chunk:
                raise EOFError("the file is shorter than it was")
            left -= len(chunk)
            yield chunk
    finally:
        file.close()
