"""The deployment under trial, as an operator sees it: kubectl, and the processes of its pods."""

import asyncio
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.two_nodes import Cluster
from newsreel_deploy.rollouts.objects import NAMESPACE, Object, as_text
from newsreel_local.secrets_file import DATABASE_OWNERS

_RELAYS_LOCK = str(0x6F757462)  # as in newsreel_runtime.publisher.relay
_LEADERS = """
SELECT datname, count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = :'lock'
GROUP BY datname
"""
_PATIENCE = 420  # seconds for a rollout on a busy machine


@dataclass(frozen=True)
class Deployed:
    """Runs inside the cluster's namespaces, so that process numbers are the cluster's."""

    cluster: Cluster
    objects: list[Object]
    services: list[str]
    """Names of the Deployments that are ours."""
    archives: Path
    """Folder of image archives for the trial."""

    async def kubectl(self, *arguments: str, text: str = "") -> str:
        """What kubectl prints, in the namespace. Raises `ClusterError`."""
        words = self.cluster.kubectl_command("--namespace", NAMESPACE, *arguments)
        child = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, said = await child.communicate(text.encode())
        if child.returncode != 0:
            raise ClusterError(f"kubectl {' '.join(arguments)[:200]}: {said.decode().strip()[-1500:]}")
        return printed.decode()

    async def get(self, *arguments: str) -> list[Object]:
        """The objects that `kubectl get` finds."""
        found: Any = json.loads(await self.kubectl("get", "-o", "json", *arguments))
        return list(found["items"]) if "items" in found else [found]

    async def apply(self, objects: list[Object]) -> None:
        await self.kubectl(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--validate=strict",
            "-f",
            "-",
            text=as_text(objects),
        )

    async def rolled_out(self, *names: str) -> None:
        """Until these Deployments have what they ask for. Raises `ClusterError` with the pods."""
        for name in names:
            try:
                await self.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={_PATIENCE}s")
            except ClusterError as error:
                raise ClusterError(f"{error}\n{await self.kubectl('get', 'pods', '-o', 'wide')}") from error

    async def pods(self, deployment: str) -> list[Object]:
        """The pods of a Deployment that are not on their way out."""
        found = (await self.get("deployment", deployment))[0]
        selector = ",".join(
            f"{key}={value}" for key, value in found["spec"]["selector"]["matchLabels"].items()
        )
        pods = await self.get("pods", "--selector", selector)
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    async def restarts(self) -> dict[str, int]:
        """How often containers were started again, by pod."""
        return {
            pod["metadata"]["name"]: sum(
                status["restartCount"] for status in pod["status"].get("containerStatuses", [])
            )
            for pod in await self.get("pods")
        }

    async def sql(self, query: str, **variables: str) -> list[str]:
        """The lines that PostgreSQL answers to its administrator; `:'name'` in the query is a variable."""
        set_variables = [f"--set={name}={value}" for name, value in variables.items()]
        psql = ("psql", "-U", "postgres", "-At", "--set=ON_ERROR_STOP=1", *set_variables, "-f", "-")
        return (await self.kubectl("exec", "-i", "postgres-0", "--", *psql, text=query)).splitlines()

    async def one_relay_leads(self) -> None:
        """Raises `ClusterError` unless one session holds the relay's lock in each service's database."""
        expected = sorted(f"{name}|1" for name in DATABASE_OWNERS)

        async def one_each() -> bool:
            return sorted(await self.sql(_LEADERS, lock=_RELAYS_LOCK)) == expected

        await self.until(one_each, "one leading relay in each database", patience=30)

    async def until(self, look: Any, what: str, patience: float = _PATIENCE) -> None:
        """Until `await look()` is true. Raises `ClusterError`."""
        end = time.monotonic() + patience
        while not await look():
            if time.monotonic() > end:
                raise ClusterError(f"waited {patience:.0f} s for {what}")
            await asyncio.sleep(0.5)


def kill_container(pod: Object) -> int:
    """SIGKILL for the first process of a pod's first container: its number. Raises `ClusterError`."""
    container = str(pod["status"]["containerStatuses"][0]["containerID"]).rpartition("/")[2]
    of_it = [
        int(entry.name) for entry in Path("/proc").glob("[0-9]*") if container in _text(entry / "cgroup")
    ]
    if not of_it:
        raise ClusterError(f"{pod['metadata']['name']} has no process here")
    first = min(of_it)
    os.kill(first, signal.SIGKILL)
    return first


def kill_kubelet(cluster: Cluster, number: int) -> None:
    """SIGKILL for the kubelet of a node; it stays away until `release_kubelet`."""
    node = cluster.nodes[number]
    node.hold.touch()
    config = str(node.folder / "kubelet.json")
    for entry in Path("/proc").glob("[0-9]*"):
        if config in _text(entry / "cmdline"):
            os.kill(int(entry.name), signal.SIGKILL)


def release_kubelet(cluster: Cluster, number: int) -> None:
    """Let the service manager start it again."""
    cluster.nodes[number].hold.unlink(missing_ok=True)


def _text(path: Path) -> str:
    """What a file of a process says; nothing when the process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
