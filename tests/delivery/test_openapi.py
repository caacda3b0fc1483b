"""Every answer of delivery's API is one that its document names."""

from collections.abc import Sequence
from typing import Any

import pytest
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection

from newsreel_testing.delivery_service import Delivery
from newsreel_testing.openapi import served, try_everything

OPERATIONS = {
    "POST /v1/grants",
    "GET /v1/downloads",
    "DELETE /v1/downloads/{grant_id}",
    "GET /v1/grants/{grant_id}/file",
    "HEAD /v1/grants/{grant_id}/file",
    "POST /v1/grants/{grant_id}/tickets",
    "DELETE /v1/grants/{grant_id}/tickets/{ticket_id}",
    "GET /t/{bearer}/{file}",
    "HEAD /t/{bearer}/{file}",
    "GET /download/{grant_id}",
    "HEAD /download/{grant_id}",
    "GET /r/{rendition_id}/{file}",
    "HEAD /r/{rendition_id}/{file}",
    "GET /posters/{video_id}.jpg",
    "HEAD /posters/{video_id}.jpg",
}


def excluded(operation: str) -> Sequence[Any]:
    """A token that a case leaves out is sent all the same, and unknown names in a query count for nothing."""
    return (negative_data_rejection,) if operation == "GET /v1/downloads" else ()


@pytest.mark.parametrize("mode", GenerationMode)
async def test_every_answer_is_documented(delivery: Delivery, mode: GenerationMode) -> None:
    bearer = delivery.issuer.bearer(await delivery.account())
    async with served(delivery.app) as address:
        await try_everything(address, mode, OPERATIONS, headers=lambda _: bearer, excluded=excluded)
