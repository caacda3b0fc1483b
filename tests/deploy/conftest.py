"""A control plane, started once for those tests that need it; skipped where it cannot be."""

from collections.abc import Iterator

import pytest

from newsreel_deploy.cluster.control_plane import ControlPlane, control_plane
from newsreel_deploy.cluster.machine import why_not_quickly


@pytest.fixture(scope="session")
def api_server() -> Iterator[ControlPlane]:
    """A Kubernetes without nodes: what it takes and refuses is what any would."""
    reason = why_not_quickly(nodes=False)
    if reason:
        pytest.skip(reason)
    with control_plane() as running:
        yield running
