"""The own account: where it is signed in, sign out there, take the data along, close it."""

from dataclasses import replace
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from newsreel_runtime.errors import ServiceError
from portal.domain.accounts import Access
from portal.domain.flow import Flow
from portal.domain.places import AccountPage
from portal.inbound_http.arrival import visit_check
from portal.inbound_http.forms import NAME, PASSWORD, Form, described, empty, read
from portal.inbound_http.site import Site
from portal.inbound_http.visit import Visit


def create_router(site: Site) -> APIRouter:
    router = APIRouter(default_response_class=HTMLResponse)
    Checked: TypeAlias = Annotated[Visit, Depends(visit_check(site))]

    @router.get("/account", summary="What a person can do with the own account")
    async def show(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        return await account_page(visit, access)

    @router.get("/account/export", summary="All that is kept of the person, as a JSON file")
    async def export(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        kept = await site.identity.export(access.access_token)
        headers = {"Content-Disposition": 'attachment; filename="newsreel-account.json"'}
        return Response(kept, media_type="application/json", headers=headers)

    @router.post(
        "/account/sessions/end", status_code=303, summary="Sign out everywhere", openapi_extra=described()
    )
    async def sign_out_everywhere(visit: Checked) -> Response:
        access = await visit.access_for(AccountPage())
        await site.identity.sign_out_everywhere(access.access_token)
        visit.session, visit.flow = None, Flow(flash="signed-out-everywhere")
        return visit.see_other("/")

    @router.post(
        "/account/sessions/{session_id}/end",
        status_code=303,
        summary="Sign out in one of the browsers",
        openapi_extra=described(),
    )
    async def sign_out_there(visit: Checked, session_id: UUID) -> Response:
        access = await visit.access_for(AccountPage())
        await site.identity.end_session(access.access_token, session_id)
        visit.note("signed-out-there")
        return visit.see_other("/account#sessions")

    @router.post(
        "/account/deletion",
        status_code=303,
        summary="Close the account, with its password",
        openapi_extra=described(PASSWORD),
    )
    async def close(visit: Checked) -> Response:
        return await _close(visit)

    return router


async def _close(visit: Visit) -> Response:
    access = await visit.access_for(AccountPage())
    form = read(visit.sent, PASSWORD)
    if form.errors:
        return await account_page(visit, access, form)
    try:
        await visit.site.identity.delete_account(access.access_token, form["password"], origin=visit.origin)
    except ServiceError as error:
        if error.status == 401:
            return visit.sign_in_again(error, AccountPage())
        return await account_page(visit, access, form, error)
    visit.session, visit.flow = None, Flow(flash="account-closed")
    return visit.see_other("/")


async def account_page(
    visit: Visit, access: Access, form: Form | None = None, error: ServiceError | None = None
) -> Response:
    sessions = await visit.site.identity.sessions(access.access_token)
    shown: dict[str, Any] = {"reader": access, "here": "/account", "sessions": sessions}
    form = form or empty(PASSWORD)
    form = replace(form, values={NAME.name: access.account.name or ""} | dict(form.values))
    if not form.errors and error is None:
        return visit.page("account.html", form=form, **shown)
    return visit.form_page("account.html", form, error, **shown)
