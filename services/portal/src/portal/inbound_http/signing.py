"""Signatures on what the browser keeps for the portal: the flow cookie, and the token in each form."""

import hashlib
import secrets
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError

from portal.domain.flow import Flow

FLOW_SECONDS = 60 * 60  # the longest that a code can live
FORM_SECONDS = 24 * 60 * 60
_FLOW = TypeAdapter(Flow)


class Signing:
    """What is signed is bound to one browser's random id: taken to another browser, it counts for nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _serializer(self, purpose: str, browser: str) -> URLSafeTimedSerializer:
        algorithm: dict[str, Any] = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._key, salt=f"{purpose}:{browser}", signer_kwargs=algorithm)

    def form_token(self, browser: str) -> str:
        """A fresh token for a form that this browser is shown."""
        return str(self._serializer("form", browser).dumps(secrets.token_urlsafe(9)))

    def form_token_holds(self, browser: str, token: str) -> bool:
        """Whether this browser was shown the token in the last 24 hours."""
        try:
            self._serializer("form", browser).loads(token, max_age=FORM_SECONDS)
        except BadData:
            return False
        return True

    def seal(self, browser: str, flow: Flow) -> str:
        """The flow as a cookie's value."""
        return str(self._serializer("flow", browser).dumps(_FLOW.dump_python(flow, mode="json")))

    def unseal(self, browser: str, cookie: str) -> Flow:
        """The flow in the cookie; an empty one when it is too old, another browser's, or not ours."""
        try:
            return _FLOW.validate_python(
                self._serializer("flow", browser).loads(cookie, max_age=FLOW_SECONDS)
            )
        except (BadData, ValidationError):
            return Flow()
