"""From the text of a manifest to a submission of the domain."""

from pydantic import TypeAdapter

from catalog.domain.revision import Submission
from catalog.errors import ImportRefusedError
from catalog.representations.manifest import Manifest
from catalog.representations.manifest_rules import broken_rules
from catalog.representations.strict_json import read_json

_SUBMISSION = TypeAdapter(Submission)


def read_manifest(text: bytes) -> Submission:
    """The submission that a manifest describes; its files are not looked at.

    Raises `ImportRefusedError` with a line per field that is not valid.
    """
    manifest, broken = read_json(text, Manifest, "manifest")
    broken += broken_rules(manifest)
    if broken:
        raise ImportRefusedError("\n".join(broken))
    return _submission(manifest)


def _submission(manifest: Manifest) -> Submission:
    """The names of the manifest are the domain's."""
    parts = manifest.model_dump()
    return _SUBMISSION.validate_python({**parts, "details": parts, "media": parts["renditions"]})
