"""What may be said of an exception: its type and place. Its message may hold personal data."""

import asyncio
import logging
import sys
import threading
from collections.abc import Mapping
from typing import Any, TextIO

_log = logging.getLogger(__name__)


def failure_text(error: BaseException, depth: int = 5) -> str:
    """Types and places of a failure, of its causes, and of the parts of a group."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    inner = [*error.exceptions] if isinstance(error, BaseExceptionGroup) else []
    inner += [error.__cause__] if error.__cause__ is not None else []
    text = f"{type(error).__name__} at {' < '.join(reversed(frames))}"
    return "; from ".join([text, *(failure_text(each, depth - 1) for each in inner if depth)])


class PlacesFormatter(logging.Formatter):
    """Writes `failure_text` where logging writes a traceback."""

    def formatException(self, ei: object) -> str:  # noqa: N802 (logging's own name)
        return failure_text(ei[1]) if isinstance(ei, tuple) and ei[1] is not None else ""


class LogHandler(logging.StreamHandler[TextIO]):
    """A stream of log lines; says of one that it cannot write where it came from, and why."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's own name)
        # Logging's own prints the arguments of the line, too.
        error = failure_text(sys.exc_info()[1] or RuntimeError())
        print(f"a log line of {record.filename}:{record.lineno} is lost: {error}", file=sys.stderr)


def hide_exception_messages() -> None:
    """Print `failure_text` of what nothing handles, and of exceptions in log lines, from now on."""

    def on_exception(_: type[BaseException], error: BaseException, __: object) -> None:
        _log.critical("an error that nothing handled ended the process: %s", failure_text(error))

    def on_thread_exception(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None:
            _log.error("an error that nothing handled ended a thread: %s", failure_text(ended.exc_value))

    def on_unraisable(found: "sys.UnraisableHookArgs") -> None:
        if found.exc_value is not None:
            _log.error("an error that nothing could handle: %s", failure_text(found.exc_value))

    sys.excepthook = on_exception
    sys.unraisablehook = on_unraisable
    threading.excepthook = on_thread_exception
    if logging.lastResort is not None:  # the handler of programs that set up no other
        logging.lastResort.setFormatter(PlacesFormatter())


def log_loop_error(_: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """An event loop's exception handler: asyncio's own also prints the failed task, message and all."""
    error = context.get("exception")
    place = failure_text(error) if isinstance(error, BaseException) else "no exception"
    _log.error("asyncio: %s: %s", context["message"], place)
