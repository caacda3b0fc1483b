"""etcd, the API server, the controllers and the scheduler: enough to have an object judged."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsreel_deploy.cluster.binaries import Binaries, binaries
from newsreel_deploy.cluster.certificates import Authority
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.program import last_words, run, start, stop

SERVICE_ADDRESS = "10.96.0.1"  # the API server as pods see it
SERVICE_RANGE = "10.96.0.0/16"
_PATIENCE = 120.0  # seconds until the API server is ready; four on an idle machine


@dataclass(frozen=True)
class Listening:
    """Where the control plane listens: an address that nodes reach, or this machine's loopback alone."""

    address: str
    api: int
    etcd: int
    peers: int

    @classmethod
    def on_loopback(cls) -> "Listening":
        """Ports that nobody listens on just now."""
        return cls("127.0.0.1", *_free_ports(3))


@dataclass(frozen=True)
class ControlPlane:
    """One that runs, and its administrator's kubectl."""

    binaries: Binaries
    folder: Path
    authority: Authority
    processes: list[subprocess.Popen[bytes]]

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.folder / "pki/admin.kubeconfig"

    def kubectl(self, *arguments: str, text: str = "") -> str:
        """What kubectl prints; `text` is its input. Raises `ClusterError` with what it said."""
        return run(
            [self.binaries.kubernetes, "kubectl", "--kubeconfig", self.kubeconfig, *arguments], text=text
        )


@contextmanager
def control_plane() -> Iterator[ControlPlane]:
    """A control plane on loopback for as long as the block lasts; needs no root. Build the programs before.

    There are no nodes: pods stay pending. It takes and refuses what any cluster of this version would.
    """
    with tempfile.TemporaryDirectory(prefix="newsreel-control-plane-") as folder:
        running = start_control_plane(binaries(), Path(folder), Listening.on_loopback())
        try:
            yield running
        finally:
            stop(running.processes)


def start_control_plane(built: Binaries, folder: Path, listening: Listening) -> ControlPlane:
    """Start it and return when it is ready. Raises `ClusterError`; then nothing is left running."""
    authority = _certificates(folder / "pki", listening)
    processes: list[subprocess.Popen[bytes]] = []
    running = ControlPlane(built, folder, authority, processes)
    logs = folder / "logs"

    def begin(name: str, *flags: str) -> None:
        processes.append(start([built.kubernetes, name, *flags], logs / f"{name}.log"))

    try:
        begin("etcd", *_etcd(folder, listening))
        begin("kube-apiserver", *_api_server(authority, listening))
        _await_ready(running)
        begin("kube-controller-manager", *_controllers(authority))
        begin("kube-scheduler", *_scheduler(authority))
    except BaseException:
        stop(processes)
        raise
    return running


def _certificates(folder: Path, listening: Listening) -> Authority:
    authority = Authority.create(folder)
    inside = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", SERVICE_ADDRESS)
    authority.issue(
        "api-server", "kube-apiserver", hosts=(*inside, "localhost", "127.0.0.1", listening.address)
    )
    authority.issue("front-proxy", "front-proxy")
    authority.issue("admin", "admin", "system:masters")
    authority.issue("controllers", "system:kube-controller-manager")
    authority.issue("scheduler", "system:kube-scheduler")
    for name in ("admin", "controllers", "scheduler"):
        authority.kubeconfig(name, f"https://{listening.address}:{listening.api}")
    return authority


def _etcd(folder: Path, listening: Listening) -> list[str]:
    client, peer = (f"http://127.0.0.1:{port}" for port in (listening.etcd, listening.peers))
    return [
        "--name=one",
        f"--data-dir={folder / 'etcd'}",
        "--unsafe-no-fsync",  # what it holds is worth nothing after a crash
        "--log-level=warn",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=one={peer}",
    ]


def _api_server(authority: Authority, listening: Listening) -> list[str]:
    pki = authority.folder
    return [
        f"--etcd-servers=http://127.0.0.1:{listening.etcd}",
        f"--bind-address={listening.address}",
        f"--secure-port={listening.api}",
        # An address of loopback cannot be an endpoint of the service `kubernetes`.
        "--endpoint-reconciler-type=none"
        if listening.address.startswith("127.")
        else f"--advertise-address={listening.address}",
        f"--tls-cert-file={pki / 'api-server.crt'}",
        f"--tls-private-key-file={pki / 'api-server.key'}",
        f"--client-ca-file={authority.certificate}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki / 'service-accounts.pub'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        f"--kubelet-client-certificate={pki / 'admin.crt'}",
        f"--kubelet-client-key={pki / 'admin.key'}",
        f"--kubelet-certificate-authority={authority.certificate}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--requestheader-client-ca-file={authority.certificate}",
        "--requestheader-allowed-names=front-proxy",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki / 'front-proxy.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy.key'}",
        "--enable-aggregator-routing",
    ]


def _controllers(authority: Authority) -> list[str]:
    pki = authority.folder
    return [
        f"--kubeconfig={pki / 'controllers.kubeconfig'}",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={pki / 'service-accounts.key'}",
        f"--root-ca-file={authority.certificate}",
        "--leader-elect=false",
        "--secure-port=0",
        # A node that does not answer is found in 15 seconds, not in 50.
        "--node-monitor-grace-period=15s",
        "--node-monitor-period=2s",
    ]


def _scheduler(authority: Authority) -> list[str]:
    config = f"--kubeconfig={authority.folder / 'scheduler.kubeconfig'}"
    return [config, "--leader-elect=false", "--secure-port=0"]


def _await_ready(running: ControlPlane) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            running.kubectl("get", "--raw=/readyz")
        except ClusterError as error:
            gone = [process for process in running.processes if process.poll() is not None]
            if gone or time.monotonic() > end:
                logs = running.folder / "logs"
                words = " / ".join(last_words(log) for log in sorted(logs.glob("*.log")))
                raise ClusterError(f"the API server does not get ready: {words}") from error
            time.sleep(0.2)
        else:
            return


def _free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on just now, different ones."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
