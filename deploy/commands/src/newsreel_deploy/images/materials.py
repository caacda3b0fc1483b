"""The bill of materials of an image: CycloneDX 1.6, JSON, with the hashes of the lock."""

import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from newsreel_deploy.compose.project import docker

_OURS = "newsreel-"
_LIST = (
    "import json; from importlib.metadata import distributions; "
    "print(json.dumps([[d.metadata['Name'], d.version, d.metadata.get('License-Expression')]"
    " for d in distributions()]))"
)
_PINNED = re.compile(r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ;]+)(?P<rest>(?:.*\\\n)*.*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class LockError(RuntimeError):
    """An image holds what the lock does not name."""


@dataclass(frozen=True)
class Installed:
    """A distribution in an image; `license` is its SPDX expression, where it says one."""

    name: str
    version: str
    license: str | None


async def installed_in(image: str) -> list[Installed]:
    """What its environment holds. Raises `ComposeError`."""
    shown = await docker("run", "--rm", "--network=none", "--entrypoint=python", image, "-c", _LIST)
    return [Installed(_canonical(name), version, terms) for name, version, terms in json.loads(shown)]


def bill(image: str, version: str, digest: str, installed: Iterable[Installed], lock: str) -> str:
    """CycloneDX of `image`: the same bytes for the same image.

    Raises `LockError` for a distribution that is neither ours nor in the lock, in that version.
    """
    pinned = {(found["name"], found["version"]): found["rest"] for found in _PINNED.finditer(lock)}
    described = Component(name=image, version=version, type=ComponentType.CONTAINER, bom_ref=image)
    described.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:")))
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, digest))
    bom.metadata.component = described
    bom.metadata.timestamp = datetime.fromtimestamp(0, UTC)
    for found in installed:
        rest = pinned.get((found.name, found.version))
        if rest is None and not found.name.startswith(_OURS):
            raise LockError(
                f"{image} holds {found.name} {found.version}, requirements.lock does not: `make lock`"
            )
        bom.components.add(_component(found, _HASH.findall(rest or "")))
    bom.register_dependency(described, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def _component(found: Installed, hashes: list[str]) -> Component:
    url = PackageURL("pypi", name=found.name, version=found.version)
    return Component(
        name=found.name,
        version=found.version,
        bom_ref=str(url),
        purl=url,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in hashes],
        licenses=[LicenseFactory().make_from_string(found.license)] if found.license else [],
    )


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
