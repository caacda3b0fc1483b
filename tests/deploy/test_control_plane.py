"""A real API server judges objects; it has seen wrong ones."""

import pytest

from newsreel_deploy.cluster.binaries import SOURCES, version
from newsreel_deploy.cluster.control_plane import ControlPlane
from newsreel_deploy.cluster.errors import ClusterError

SAMPLE = (SOURCES / "sample/sample.yaml").read_text()


def judge(api_server: ControlPlane, text: str) -> str:
    """A strict dry run on the server, in a namespace that is there."""
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    return api_server.kubectl(*words, text=text.replace("namespace: sample", "namespace: default"))


def test_it_is_the_version_that_go_mod_names(api_server: ControlPlane) -> None:
    assert f"v{version()}" in api_server.kubectl("version")


def test_it_takes_what_is_right(api_server: ControlPlane) -> None:
    assert "deployment.apps/sample serverside-applied (server dry run)" in judge(api_server, SAMPLE)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("readOnlyRootFilesystem", "readOnlyRootFileSystem", "field not declared in schema"),
        (
            "seconds: 5",
            "seconds: 21",
            "must be non-negative and less than terminationGracePeriodSeconds",
        ),
        (
            "maxUnavailable: 0, maxSurge: 1",
            "maxUnavailable: 0, maxSurge: 0",
            "may not be 0 when `maxSurge` is 0",
        ),
        (
            "matchLabels: {app: sample}}\n  template",
            "matchLabels: {app: other}}\n  template",
            "does not match",
        ),
        ("port: 80,", "port: 70000,", "must be between 1 and 65535"),
    ],
)
def test_it_refuses_what_is_wrong(api_server: ControlPlane, right: str, wrong: str, said: str) -> None:
    assert right in SAMPLE
    with pytest.raises(ClusterError, match=said):
        judge(api_server, SAMPLE.replace(right, wrong))
