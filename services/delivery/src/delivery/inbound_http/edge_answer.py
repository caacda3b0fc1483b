"""What the edge is told: which file to send, and under which headers. The bytes never pass through here.

The edge (nginx, or Caddy) takes an answer with `X-Accel-Redirect`, and sends that file of its media folder,
in ranges where it is asked; it passes on the headers that `deploy/edge` names, and no other.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import Request, Response

from delivery import errors
from delivery.domain.file_name import disposition
from delivery.domain.grant import Rendition
from delivery.domain.preconditions import Outcome, judge
from newsreel_runtime.http.problems import response as problem

_FOLDER = "/media/"  # the edge's name for the media folder; no request of a client reaches it


@dataclass(frozen=True)
class EdgeFile:
    """A file below the media folder. `sha256` (hexadecimal) makes its entity tag; None: nobody knows it."""

    path: str
    media_type: str
    sha256: str | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str | None:
        return None if self.sha256 is None else f'"{self.sha256}"'

    def about(self) -> dict[str, str]:
        """The headers of every answer; `Repr-Digest` is of the whole, also beside a part (RFC 9530 §3)."""
        found = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", **self.headers}
        if self.sha256 is not None:
            digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
            found |= {"ETag": f'"{self.sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}
        return found


def rendition_file(rendition: Rendition, name: str, grant_id: object, account_id: object) -> EdgeFile:
    """A rendition to be saved as `name`; the edge counts downloads by account, and logs the grant."""
    headers = {
        "Content-Disposition": disposition(name),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Newsreel-Grant": str(grant_id),
        "X-Newsreel-Account": str(account_id),
    }
    return EdgeFile(rendition.key, rendition.media_type, rendition.sha256, headers)


def answer(request: Request, file: EdgeFile) -> Response:
    """304 or 412 by the request's conditions, else the word to the edge."""
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    outcome = Outcome.SEND if file.etag is None else judge(headers, file.etag)
    if outcome is Outcome.FAILED:
        return problem(errors.precondition_failed())
    if outcome is Outcome.NOT_MODIFIED:
        return Response(status_code=304, headers=file.about())
    inside = {"X-Accel-Redirect": _FOLDER + quote(file.path)}
    return Response(headers=file.about() | inside, media_type=file.media_type)


async def require(media_root: Path | None, file: EdgeFile, size: int | None = None) -> None:
    """Raises `ServiceError` bytes-missing where the folder can be looked at, and has no such file.

    One of another size would be wrong bytes under a right entity tag.
    """
    if media_root is not None and not await run_sync(_is_there, media_root / file.path, size):
        raise errors.bytes_missing()


def _is_there(path: Path, size: int | None) -> bool:
    try:
        return path.is_file() and size in (None, path.stat().st_size)
    except OSError:
        return False
