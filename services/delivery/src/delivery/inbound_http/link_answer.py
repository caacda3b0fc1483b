"""The JSON form of a ticket: a program is told where the bytes are, and takes them there."""

from datetime import datetime, timedelta

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from delivery.domain.grant import Grant, Rendition
from delivery.domain.s3_signer import S3Signer, object_key
from delivery.domain.signer import Signer
from delivery.representations import LinkBody


def wants_json(request: Request) -> bool:
    """Whether only JSON is asked for. Clients that take anything are to get the file, whatever they name."""
    accepted = request.headers.get("accept", "").lower()
    return "application/json" in accepted and "*/*" not in accepted


def signed_url(signer: Signer, grant: Grant, rendition: Rendition, at: datetime) -> str:
    """A fresh URL of the rendition. Where it leads to a bucket, the object's key is the file's sha256."""
    key = object_key(rendition.sha256) if isinstance(signer, S3Signer) else rendition.key
    return signer.issue(key, rendition.file, str(grant.grant_id), at)


def link_answer(signer: Signer, grant: Grant, rendition: Rendition, at: datetime) -> Response:
    """A fresh signed URL, how long it lives, and what comes from it."""
    url = signed_url(signer, grant, rendition, at)
    body = LinkBody.of(url, at.replace(microsecond=0) + timedelta(seconds=signer.seconds), rendition)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Vary": "Accept"}
    return JSONResponse(body.model_dump(mode="json"), headers=headers)
