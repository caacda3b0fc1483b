"""What a person does with the own account: see what is kept, change the password, close it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import SecretStr

from identity.inbound_http.dependencies import (
    Dependencies,
    KnownBrowser,
    access_check,
    origin_of,
)
from identity.representations import (
    AccountExport,
    ActExport,
    ConsentExport,
    DeletionRequest,
    FormerAddressExport,
    LanguageChange,
    NameChange,
    PasswordChange,
    SessionExport,
    SessionStarted,
)
from identity.usecases.change_language import change_language
from identity.usecases.change_name import change_name
from identity.usecases.change_password import change_password
from identity.usecases.check_own_password import Claim
from identity.usecases.delete_account import delete_account
from identity.usecases.export_account import export_account
from newsreel_runtime.clock import now
from newsreel_runtime.http.access_token import Access
from newsreel_runtime.http.problems import documented


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["account"])
    caller = access_check(dependencies.signer)

    @router.get("/v1/account", responses=documented(401, 413, 503))
    async def export(access: Annotated[Access, Depends(caller)]) -> AccountExport:
        """All that identity keeps of the person, as JSON (GDPR, article 20)."""
        async with dependencies.database.read() as sql:
            found = await export_account(sql, access.account_id, access.auth_time, now())
        return AccountExport(
            account_id=found.account.account_id,
            address=found.address,
            name=found.account.name,
            language=found.account.locale,
            status=found.account.status,
            roles=list(found.account.roles),
            newsletter=found.account.newsletter,
            registered_at=found.registered_at,
            verified_at=found.verified_at,
            sessions=[SessionExport.of(session) for session in found.sessions],
            newsletter_consents=[ConsentExport.model_validate(consent) for consent in found.consents],
            acts_of_operators=[ActExport.model_validate(act) for act in found.acts],
            former_addresses=[FormerAddressExport.model_validate(former) for former in found.former],
        )

    @router.put("/v1/account/name", status_code=204, responses=documented(400, 401, 413, 422, 503))
    async def name(body: NameChange, access: Annotated[Access, Depends(caller)]) -> None:
        """Be called by that name; the person alone and the notifier get to know it."""
        wanted = dependencies.read_name(body.name)
        async with dependencies.database.begin() as tx:
            await change_name(tx, access.account_id, access.auth_time, wanted)

    @router.put("/v1/account/language", status_code=204, responses=documented(400, 401, 413, 422, 503))
    async def language(body: LanguageChange, access: Annotated[Access, Depends(caller)]) -> None:
        """Write mails in that language from now on."""
        async with dependencies.database.begin() as tx:
            await change_language(tx, access.account_id, access.auth_time, body.language)

    @router.post("/v1/account/password", responses=documented(400, 401, 413, 422, 429, 503))
    async def new_password(
        body: PasswordChange,
        request: Request,
        access: Annotated[Access, Depends(caller)],
        known_browser: KnownBrowser = None,
    ) -> SessionStarted:
        """Set another password, with the old one. Every session ends; the answer has a new one."""
        password = body.new_password.get_secret_value()
        dependencies.check_password(password, field="new_password")
        started = await change_password(
            dependencies.database,
            dependencies.hashing,
            claim(request, access, body.password, known_browser, body.browser),
            password,
            keys=dependencies.keys,
        )
        return SessionStarted(
            session=started.token, expires_at=started.expires_at, known_browser=started.known_browser
        )

    @router.post("/v1/account/deletion", status_code=204, responses=documented(400, 401, 413, 422, 429, 503))
    async def delete(
        body: DeletionRequest,
        request: Request,
        access: Annotated[Access, Depends(caller)],
        known_browser: KnownBrowser = None,
    ) -> None:
        """Close the account for good, with its password; every service forgets it."""
        await delete_account(
            dependencies.database,
            dependencies.hashing,
            claim(request, access, body.password, known_browser),
            buckets=dependencies.keys.buckets,
        )

    return router


def claim(
    request: Request,
    access: Access,
    password: SecretStr,
    known_browser: str | None,
    browser: str | None = None,
) -> Claim:
    """What the caller says to be."""
    origin = origin_of(request, known_browser, browser)
    return Claim(access.account_id, access.auth_time, password.get_secret_value(), origin)
