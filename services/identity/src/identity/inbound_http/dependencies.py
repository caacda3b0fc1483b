"""What the routes work with, and how they read what several of them get."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc.errors import JoseError

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.address import Address, AddressRefusedError, parse_address
from identity.domain.display_name import NameRefusedError, parse_name
from identity.domain.keys import Keys
from identity.domain.network import Origin, network_of
from identity.domain.password import Policy
from identity.usecases.hash_password import Hashing
from newsreel_runtime.database import Database
from newsreel_runtime.errors import FieldError
from newsreel_runtime.http.access_token import Access, read_claims, refused

_access = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="AccessToken")
_session = HTTPBearer(auto_error=False, scheme_name="Session", description="The opaque session.")


KnownBrowser = Annotated[
    str | None,
    Header(
        alias="Newsreel-Known-Browser",
        description="What an earlier session was begun with: this browser has tries of its own.",
    ),
]


def origin_of(request: Request, known_browser: str | None, browser: str | None = None) -> Origin:
    """Where the request comes from, behind the proxies that are trusted."""
    host = request.client.host if request.client else None
    return Origin(network_of(host), known_browser, browser)


@dataclass(frozen=True)
class Dependencies:
    """Made once by the composition root."""

    database: Database
    hashing: Hashing
    keys: Keys
    signer: TokenSigner
    policy: Policy
    smtputf8: bool

    def read_address(self, text: str, others: Sequence[FieldError] = ()) -> Address:
        """An address that mail can go to. Raises `ServiceError` 422 with what else is wrong."""
        try:
            address = parse_address(text)
        except AddressRefusedError:
            raise errors.address_refused(others) from None
        if not (self.smtputf8 or address.stored.isascii()):
            raise errors.address_refused(others, errors.ONLY_ASCII)
        return address

    def read_name(self, text: str) -> str | None:
        """A name that a page can show, or none. Raises `ServiceError` 422 name-refused."""
        try:
            return parse_name(text)
        except NameRefusedError:
            raise errors.name_refused() from None

    def password_errors(self, password: str, *own: str, field: str = "password") -> list[FieldError]:
        """Every clause of the policy that the password breaks; `own` are texts that belong to the person."""
        broken = self.policy.refusals(password, own)
        return [FieldError(field, clause.code, clause.detail) for clause in broken]

    def check_password(self, password: str, *own: str, field: str = "password") -> None:
        """Raises `ServiceError` 422 password-refused with every reason."""
        if broken := self.password_errors(password, *own, field=field):
            raise errors.password_refused(broken)


def access_check(signer: TokenSigner) -> Callable[..., Access]:
    """A dependency: who calls, by an access token. Identity verifies with its own keys, and asks nobody."""

    def caller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_access)]) -> Access:
        if credentials is None:
            raise refused()
        try:
            access = read_claims(credentials.credentials, signer.key_set, signer.issuer)
        except (JoseError, ValueError, KeyError, TypeError):
            raise refused() from None
        if not isinstance(access, Access):  # a client has no account
            raise refused()
        return access

    return caller


def _session_token(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_session)],
) -> str:
    if credentials is None:
        raise errors.session_ended()
    return credentials.credentials


SessionToken = Annotated[str, Depends(_session_token)]
