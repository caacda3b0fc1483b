"""What is done to the deployment while people use it; each step says in a few words what happened."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.rollouts.deployed import Deployed, kill_container, kill_kubelet, release_kubelet
from newsreel_deploy.rollouts.engine import BROKEN, NEXT
from newsreel_deploy.rollouts.new_secret import new_secret
from newsreel_deploy.rollouts.objects import Object, of_kind, with_tag

_DRAINED = 0  # index of the node that is drained, and whose kubelet is killed
_MIGRATED = "identity"  # the service that gets a next version
_BROKEN = "portal"
_EVICTION = "150s"


@dataclass(frozen=True)
class Step:
    """One trial. `run` returns what is worth a remark; it raises `ClusterError` when it cannot be done."""

    title: str
    run: Callable[[Deployed], Awaitable[str]]


async def _nothing(_: Deployed) -> str:
    return ""


async def _drain(here: Deployed) -> str:
    node = here.cluster.nodes[_DRAINED].name
    try:
        await here.kubectl(
            "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", f"--timeout={_EVICTION}"
        )
        await here.rolled_out(*here.services)
    finally:
        await here.kubectl("uncordon", node)
    return f"{node} emptied, every service whole on the other"


async def _restart_all(here: Deployed) -> str:
    for name in here.services:
        await here.kubectl("rollout", "restart", f"deployment/{name}")
        await here.rolled_out(name)
    return f"{len(here.services)} Deployments, one after the other"


async def _next_version(here: Deployed) -> str:
    changed = with_tag(here.objects, _MIGRATED, NEXT)
    jobs = of_kind(changed, "Job")
    await here.apply(jobs)
    for job in jobs:
        await here.kubectl(
            "wait", "--for=condition=Complete", f"job/{job['metadata']['name']}", "--timeout=180s"
        )
    deployments = of_kind(changed, "Deployment")
    await here.apply(deployments)
    await here.rolled_out(*(found["metadata"]["name"] for found in deployments))
    return f"{_MIGRATED}: {len(jobs)} migration, then {len(deployments)} Deployments"


async def _kill_pods(here: Deployed) -> str:
    for name in here.services:
        pod = (await here.pods(name))[0]
        kill_container(pod)

        async def is_back(name: str = name, pod: Object = pod) -> bool:
            now = [one for one in await here.pods(name) if one["metadata"]["uid"] == pod["metadata"]["uid"]]
            statuses = [status for one in now for status in one["status"]["containerStatuses"]]
            return any(
                status["restartCount"] > pod["status"]["containerStatuses"][0]["restartCount"]
                and status["ready"]
                for status in statuses
            )

        await here.until(is_back, f"the killed pod of {name} to be back")
    return f"one pod of each of {len(here.services)} Deployments, one after the other"


async def _kill_kubelet(here: Deployed) -> str:
    node = here.cluster.nodes[_DRAINED].name

    async def ready(status: str) -> bool:
        conditions = (await here.get("node", node))[0]["status"]["conditions"]
        return any(one["type"] == "Ready" and one["status"] == status for one in conditions)

    kill_kubelet(here.cluster, _DRAINED)
    try:
        await here.until(lambda: ready("Unknown"), f"{node} to be found silent")
        await here.until(lambda: _no_endpoint_on(here, node), f"the endpoints on {node} to be left out")
    finally:
        release_kubelet(here.cluster, _DRAINED)
    await here.until(lambda: ready("True"), f"{node} to be back")
    await here.rolled_out(*here.services)
    return f"{node} left out of the endpoints, and back"


async def _no_endpoint_on(here: Deployed, node: str) -> bool:
    slices = await here.get("endpointslices")
    endpoints = [endpoint for found in slices for endpoint in found.get("endpoints") or []]
    return not any(
        endpoint.get("nodeName") == node and endpoint["conditions"].get("ready") for endpoint in endpoints
    )


async def _scale_consumers(here: Deployed) -> str:
    workers = [name for name in here.services if name.endswith("-worker")]
    for count in (3, 2):
        for name in workers:
            await here.kubectl("scale", f"deployment/{name}", f"--replicas={count}")
        await here.rolled_out(*workers)
    return f"{len(workers)} Deployments 2 → 3 → 2"


async def _broken_image(here: Deployed) -> str:
    before = {pod["metadata"]["name"] for pod in await here.pods(_BROKEN)}
    await here.apply(of_kind(with_tag(here.objects, _BROKEN, BROKEN), "Deployment"))

    async def fails() -> bool:
        return any(
            status["restartCount"] > 0
            for pod in await here.pods(_BROKEN)
            if pod["metadata"]["name"] not in before
            for status in pod["status"].get("containerStatuses", [])
        )

    await here.until(fails, "the broken image to fail")
    serving = before & {pod["metadata"]["name"] for pod in await here.pods(_BROKEN)}
    await here.kubectl("rollout", "undo", f"deployment/{_BROKEN}")
    await here.rolled_out(_BROKEN)
    if serving != before:
        raise ClusterError(f"the rollout of a broken {_BROKEN} took {len(before - serving)} old pods down")
    return f"{_BROKEN}: {len(serving)} old pods stayed, undone"


STEPS = (
    Step("nothing is done", _nothing),
    Step("a node is drained", _drain),
    Step("every service is rolled", _restart_all),
    Step("N → N+1 with a migration", _next_version),
    Step("kill -9 of pods", _kill_pods),
    Step("kill -9 of a kubelet", _kill_kubelet),
    Step("consumers 2 → 3 → 2", _scale_consumers),
    Step("a new secret, no restart", new_secret),
    Step("a broken image, rolled back", _broken_image),
)
