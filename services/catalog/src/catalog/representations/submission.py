"""From the text of a manifest to a submission of the domain."""

import json
from collections import Counter
from collections.abc import Iterator

from pydantic import TypeAdapter, ValidationError

from catalog.domain.revision import Submission
from catalog.errors import ImportRefusedError
from catalog.representations.manifest import Manifest
from catalog.representations.manifest_rules import broken_rules
from catalog.representations.refusal_lines import field_name, refusal

_SUBMISSION = TypeAdapter(Submission)


def read_manifest(text: bytes) -> Submission:
    """The submission that a manifest describes; its files are not looked at.

    Raises `ImportRefusedError` with a line per field that is not valid.
    """
    try:
        decoded = text.decode("utf-8-sig")
        broken = list(_repeated(json.loads(decoded, object_pairs_hook=tuple), ()))
        manifest = Manifest.model_validate_json(decoded)
    except UnicodeDecodeError as error:
        raise ImportRefusedError(f"manifest: is not UTF-8 at byte {error.start + 1}") from None
    except ValidationError as error:
        raise ImportRefusedError("\n".join([*broken, str(refusal(error))])) from None
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(f"manifest: is not JSON: {error}") from None
    broken += broken_rules(manifest)
    if broken:
        raise ImportRefusedError("\n".join(broken))
    return _submission(manifest)


def _repeated(part: object, place: tuple[str | int, ...]) -> Iterator[str]:
    """The names that an object has twice. An object is the tuple of its pairs here."""
    if isinstance(part, tuple):
        for name, count in Counter(name for name, _ in part).items():
            if count > 1:
                yield f"{field_name((*place, name))}: is there {count} times"
    for step, below in part if isinstance(part, tuple) else enumerate(part) if isinstance(part, list) else ():
        yield from _repeated(below, (*place, step))


def _submission(manifest: Manifest) -> Submission:
    """The names of the manifest are the domain's."""
    parts = manifest.model_dump()
    return _SUBMISSION.validate_python({**parts, "details": parts, "media": parts["renditions"]})
