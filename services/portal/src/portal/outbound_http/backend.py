"""One call to one service: its problem becomes a ServiceError, its silence a 503."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, TypedDict, TypeVar, Unpack

import httpx
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from newsreel_runtime.errors import FieldError, ServiceError
from portal.errors import LATER, away

Shape = TypeVar("Shape")
_log = logging.getLogger(__name__)
_NOTHING_IN_RANGE = 416  # an answer of a file, not a refusal
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
# The other side was killed, or closed an idle connection in the moment that we took it from the pool.
_LOST = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


class _FieldProblem(BaseModel):
    field: str = ""
    code: str = ""
    detail: str = ""


class _Problem(BaseModel):
    type: str = "about:blank"
    title: str = "Refused"
    detail: str = "This could not be accepted."
    errors: list[_FieldProblem] = Field(default_factory=list)


class _Sent(TypedDict, total=False):
    """What goes along with a call; `json` and `params` are httpx's."""

    bearer: str
    headers: Mapping[str, str]
    json: Mapping[str, str]
    params: Mapping[str, str]


class Backend:
    """A named service behind a client that `newsreel_runtime.http.client` made."""

    def __init__(self, name: str, client: httpx.AsyncClient) -> None:
        self._name = name
        self._client = client

    async def ask(self, shape: type[Shape], method: str, path: str, **sent: Unpack[_Sent]) -> Shape:
        """The answer's body as `shape`; 503 when it is something else, since no person can mend that."""
        response = await self.call(method, path, **sent)
        try:
            body: Shape = _adapter(shape).validate_json(response.content)
        except ValidationError as error:
            places = [problem["loc"] for problem in error.errors()]
            _log.error("%s answered another shape: %s", self._name, places)
            raise away(self._name) from None
        return body

    async def call(self, method: str, path: str, **sent: Unpack[_Sent]) -> httpx.Response:
        """The answer when it is below 400, or 416. Raises ServiceError: the problem it came with, or 503.

        A call whose connection is lost is sent once more, whatever its method: each call of the portal may be
        repeated, as each of its buttons may be pressed twice.
        """
        headers = dict(sent.get("headers", {}))
        if "bearer" in sent:
            headers["Authorization"] = f"Bearer {sent['bearer']}"
        body, query = sent.get("json"), sent.get("params")
        send = partial(self._client.request, method, path, headers=headers, json=body, params=query)
        try:
            try:
                response = await send()
            except _LOST:
                response = await send()
        except httpx.TransportError as error:
            _log.warning("%s does not answer: %s", self._name, type(error).__qualname__)
            raise away(self._name) from None
        if response.status_code < 400 or response.status_code == _NOTHING_IN_RANGE:
            return response
        refusal = _refusal(response)
        if response.status_code >= 500 and refusal.code not in LATER:
            _log.warning("%s answered %d", self._name, response.status_code)
            raise away(self._name, refusal.retry_after)
        raise refusal


def _adapter(shape: type[Any]) -> TypeAdapter[Any]:
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    return _ADAPTERS[shape]


def _seconds(response: httpx.Response) -> int | None:
    text = response.headers.get("retry-after", "")
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _refusal(response: httpx.Response) -> ServiceError:
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        problem = _Problem()
    return ServiceError(
        problem.type.rpartition(":")[2],
        response.status_code,
        problem.title,
        problem.detail,
        retry_after=_seconds(response),
        fields=[FieldError(wrong.field, wrong.code, wrong.detail) for wrong in problem.errors],
    )
