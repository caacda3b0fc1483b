"""The newsletter: the button, with identity's own access token, and the link in each mail."""

from typing import Annotated

from fastapi import APIRouter, Depends

from identity.domain.account import Consent
from identity.inbound_http.dependencies import Dependencies, access_check
from identity.representations import Newsletter, NewsletterRequest, UnsubscribeRequest
from identity.usecases.change_newsletter import change_newsletter, leave_newsletter
from newsreel_runtime.clock import now
from newsreel_runtime.http.access_token import Access
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["newsletter"])
    caller = access_check(dependencies.signer)

    async def change(access: Access, wanted: bool, wording: str | None) -> Newsletter:
        consent = Consent(wanted, now(), "account", wording)
        async with dependencies.database.begin() as tx:
            return Newsletter(
                newsletter=await change_newsletter(tx, access.account_id, access.auth_time, consent)
            )

    @router.put("/v1/newsletter", responses=documented(400, 401, 413, 422, 503))
    async def subscribe(
        access: Annotated[Access, Depends(caller)], body: NewsletterRequest | None = None
    ) -> Newsletter:
        """Get the newsletter; pressing again changes nothing."""
        return await change(access, True, body.wording if body is not None else None)

    @router.delete("/v1/newsletter", responses=documented(401, 413, 503))
    async def unsubscribe(access: Annotated[Access, Depends(caller)]) -> Newsletter:
        """Leave the newsletter; pressing again changes nothing."""
        return await change(access, False, None)

    @router.post("/v1/newsletter/unsubscriptions", status_code=204, responses=documented(400, 413, 422, 503))
    async def leave(body: UnsubscribeRequest) -> None:
        """Leave the newsletter by the link of a mail; nobody has to be signed in (RFC 8058 §3.2)."""
        async with dependencies.database.begin() as tx:
            await leave_newsletter(tx, body.token, dependencies.keys.unsubscribe, now())

    return router
