"""JSON that people write: every field to mend is named, also one that is there twice."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from catalog.errors import ImportRefusedError
from catalog.representations.refusal_lines import field_name, refusal

Model = TypeVar("Model", bound=BaseModel)


def read_json(content: bytes, model: type[Model], document: str) -> tuple[Model, list[str]]:
    """The document, and a line for each field that is there twice.

    Raises `ImportRefusedError` with a line per field that is not valid.
    """
    try:
        decoded = content.decode("utf-8-sig")
        twice = list(_repeated(json.loads(decoded, object_pairs_hook=tuple), ()))
        return model.model_validate_json(decoded), twice
    except UnicodeDecodeError as error:
        raise ImportRefusedError(f"{document}: is not UTF-8 at byte {error.start + 1}") from None
    except ValidationError as error:
        raise ImportRefusedError("\n".join([*twice, str(refusal(error))])) from None
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(f"{document}: is not JSON: {error}") from None


def _repeated(part: object, place: tuple[str | int, ...]) -> Iterator[str]:
    """The names that an object has twice. An object is the tuple of its pairs here."""
    if isinstance(part, tuple):
        for name, count in Counter(name for name, _ in part).items():
            if count > 1:
                yield f"{field_name((*place, name))}: is there {count} times"
    for step, below in part if isinstance(part, tuple) else enumerate(part) if isinstance(part, list) else ():
        yield from _repeated(below, (*place, step))
