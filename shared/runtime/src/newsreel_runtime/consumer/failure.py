"""What a failure means: wait, try again at once, or park; and what may be said of it."""

from enum import Enum

import asyncpg
from aiokafka.errors import KafkaError

from newsreel_events import MalformedError
from newsreel_runtime.database import DATABASE_AWAY
from newsreel_runtime.errors import ServiceError

MESSAGE_LIMIT = 1024  # bytes
_OF_THE_RECORD = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
_BROKEN = (*DATABASE_AWAY, KafkaError)
_FATAL = (MalformedError, asyncpg.DataError)


class Failure(Enum):
    """What to do with a record that failed."""

    BROKEN = "a dependency is broken: wait, keep the offset, park nothing"
    SLOW = "broken if the database is away, else the record's own fault"
    PASSING = "try again at once, a few times"
    FATAL = "it would fail each time: park"


class TooLongError(Exception):
    """A handler did not come to an end."""


class BehindError(Exception):
    """An earlier record of the same key is parked: this one waits behind it."""


def classify(error: BaseException) -> Failure:
    """Which of them `error` is."""
    if isinstance(error, _FATAL):
        return Failure.FATAL
    if isinstance(error, TimeoutError | asyncpg.QueryCanceledError):
        return Failure.SLOW
    if isinstance(error, _BROKEN) and not isinstance(error, _OF_THE_RECORD):
        return Failure.BROKEN
    return Failure.PASSING


def describe(error: BaseException) -> str:
    """Text for operators: the message of our own errors; for any other error only file, line and function.

    Its message may contain personal data. What a database or a header cannot hold is replaced.
    """
    if isinstance(error, MalformedError | ServiceError | TooLongError | BehindError):
        text = str(error)
    else:
        last = error.__traceback__
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        if last is None:
            return ""
        code = last.tb_frame.f_code
        text = f"raised at {code.co_filename.rpartition('/')[2]}:{last.tb_lineno} in {code.co_name}"
    return text.replace("\0", "?").encode(errors="replace")[:MESSAGE_LIMIT].decode(errors="ignore")
