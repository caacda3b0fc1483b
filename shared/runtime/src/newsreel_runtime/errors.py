"""The one error that a service raises on purpose; it takes its public form at the edge only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: a stable code and a sentence that says what to mend."""

    field: str
    code: str
    detail: str


class ServiceError(Exception):
    """An expected refusal. `code` is stable (the end of the problem's type URI), `detail` says what to do.

    `retry_after` is whole seconds, `challenge` a WWW-Authenticate other than Bearer. Nothing in here may be
    personal or secret.
    """

    def __init__(
        self,
        code: str,
        status: int,
        title: str,
        detail: str,
        *,
        retry_after: int | None = None,
        fields: Sequence[FieldError] = (),
        extra: dict[str, Any] | None = None,
        challenge: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail
        self.retry_after = retry_after
        self.fields = tuple(fields)
        self.extra = extra or {}
        self.challenge = challenge
