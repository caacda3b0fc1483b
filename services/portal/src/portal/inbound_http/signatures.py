"""Signatures on what the browser keeps for the portal: the flow cookie, and the token in each form."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from pydantic import TypeAdapter, ValidationError

from newsreel_runtime.clock import now
from newsreel_runtime.keyring import KeyRing
from portal.domain.flow import Flow

FLOW_SECONDS = 60 * 60  # the longest that a code can live
FORM_SECONDS = 24 * 60 * 60
# What one process signs, the next one may read before its own clock says so. Ours is the signature, so a time
# in the future costs no more than a life that is longer by as much; a minute is more than NTP lets pass.
LEEWAY_SECONDS = 60
_FLOW = TypeAdapter(Flow)


class Signatures:
    """What is signed is bound to one browser's random id: taken to another browser, it counts for nothing."""

    def __init__(self, keys: KeyRing, clock: Callable[[], datetime] = now) -> None:
        self._keys = keys
        self._clock = clock

    def form_token(self, browser: str) -> str:
        """A fresh token for a form that this browser is shown."""
        return self._sign("form", browser, secrets.token_urlsafe(9))

    def form_token_holds(self, browser: str, token: str) -> bool:
        """Whether this browser was shown the token in the last 24 hours."""
        try:
            self._read("form", browser, token, FORM_SECONDS)
        except BadData:
            return False
        return True

    def seal(self, browser: str, flow: Flow) -> str:
        """The flow as a cookie's value."""
        return self._sign("flow", browser, _FLOW.dump_python(flow, mode="json"))

    def unseal(self, browser: str, cookie: str) -> Flow:
        """The flow in the cookie; an empty one when it is too old, another browser's, or not ours."""
        try:
            return _FLOW.validate_python(self._read("flow", browser, cookie, FLOW_SECONDS))
        except (BadData, ValidationError):
            return Flow()

    def challenge_secret(self, browser: str) -> str:
        """By what identity knows this browser's challenges; as long as the id is kept, it is not lost.

        The oldest key makes it, so that a new one ends no request that is open.
        """
        digest = hmac.digest(self._keys.every[-1], f"challenge\0{browser}".encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _serializer(self, purpose: str, browser: str) -> URLSafeSerializer:
        algorithm: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        oldest_first = self._keys.every[::-1]  # itsdangerous signs with the last
        return URLSafeSerializer(oldest_first, salt=f"{purpose}:{browser}", signer_kwargs=algorithm)

    def _sign(self, purpose: str, browser: str, content: object) -> str:
        signed_at = int(self._clock().timestamp())
        return str(self._serializer(purpose, browser).dumps([signed_at, content]))

    def _read(self, purpose: str, browser: str, text: str, seconds: int) -> object:
        """The one place where a signed time is judged. Raises `BadData`."""
        signed_at, content = self._serializer(purpose, browser).loads(text)
        if not -LEEWAY_SECONDS <= self._clock().timestamp() - signed_at <= seconds:
            raise BadData("too old, or too far in the future")
        found: object = content
        return found
