"""What the edge is told: which file to send, and under which headers. The bytes never pass through here.

The edge (nginx, or Caddy) takes an answer with `X-Accel-Redirect`, and sends that file of its media folder,
in ranges where it is asked, or that object of the bucket; it passes on the headers that `deploy/edge` names,
and no other.
"""

from fastapi import Request, Response

from delivery import errors
from delivery.domain.file_name import disposition
from delivery.domain.grant import Rendition
from delivery.domain.preconditions import Outcome, judge
from delivery.inbound_http.edge_file import EdgeFile
from delivery.inbound_http.file_source import FileSource
from newsreel_runtime.http.problems import response as problem


def rendition_file(rendition: Rendition, name: str, grant_id: object, account_id: object) -> EdgeFile:
    """A rendition to be saved as `name`; the edge counts downloads by account, and logs the grant."""
    headers = {
        "Content-Disposition": disposition(name),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Newsreel-Grant": str(grant_id),
        "X-Newsreel-Account": str(account_id),
    }
    return EdgeFile(rendition.key, rendition.media_type, rendition.sha256, rendition.size_bytes, headers)


async def answer(request: Request, file: EdgeFile, source: FileSource) -> Response:
    """304 or 412 by the request's conditions, 416 where nothing is in its range, else the word to the edge.

    Raises `ServiceError` bytes-missing where the source knows that it has no such file.
    """
    await source.require(file)
    headers = {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
    outcome = Outcome.SEND if file.etag is None else judge(headers, file.etag)
    if outcome is Outcome.FAILED:
        return problem(errors.precondition_failed())
    if outcome is Outcome.NOT_MODIFIED:
        return Response(status_code=304, headers=file.about())
    inside = source.redirect(file, request.method, headers)
    if inside is None:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{file.size}"})
    return Response(headers=inside, media_type=file.media_type)
