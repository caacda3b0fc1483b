"""The configuration files of one node: containerd, the pods' network, kubelet, kube-proxy."""

import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from newsreel_deploy.cluster.packages import Packages

DNS_ADDRESS = "10.96.0.10"
HOST_ADDRESS = "10.88.0.1"  # the control plane, as nodes see it
PAUSE_IMAGE = "newsreel.example/pause:1"
RUN = Path("/run/node")  # in the node's own mounts: paths of sockets must be short
KUBELET = RUN / "kubelet"  # where a folder of the node is mounted


@dataclass(frozen=True)
class Node:
    """The `number`-th node (from 1) of a cluster whose files are in `state`."""

    state: Path
    number: int

    @property
    def name(self) -> str:
        return f"node{self.number}"

    @property
    def address(self) -> str:
        return f"10.88.0.1{self.number}"

    @property
    def pods(self) -> str:
        """The network of its pods."""
        return f"10.244.{self.number}.0/24"

    @property
    def folder(self) -> Path:
        return self.state / self.name

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def cgroup(self) -> str:
        """Below each controller's root."""
        return f"/newsreel-{self.state.name}/{self.name}"

    @property
    def socket(self) -> Path:
        """containerd's, in the node's own mount namespace."""
        return RUN / "containerd.sock"

    @property
    def hold(self) -> Path:
        """While this file is there, a kubelet that ended is not started again."""
        return self.folder / "kubelet.hold"

    def kubelet_command(self, kubernetes: Path) -> list[str]:
        return [
            str(kubernetes),
            "kubelet",
            f"--config={self.folder / 'kubelet.json'}",
            f"--kubeconfig={self.pki / f'{self.name}.kubeconfig'}",
            f"--hostname-override={self.name}",
            f"--node-ip={self.address}",
            f"--root-dir={KUBELET}",
            f"--cert-dir={self.pki}",
            f"--node-labels=topology.kubernetes.io/zone=zone{self.number}",
        ]

    def write(self, packages: Packages) -> None:
        """Write all of them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("cni", "kubelet"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
        self._json("cni/pods.conflist", self._network())
        self._json("kubelet.json", self._kubelet())
        self._json("proxy.json", self._proxy())
        (self.folder / "containerd.toml").write_text(self._containerd(packages))

    def _json(self, name: str, content: object) -> None:
        (self.folder / name).write_text(json.dumps(content, indent=1))

    def _network(self) -> object:
        return {
            "cniVersion": "0.4.0",
            "name": "pods",
            "plugins": [
                {
                    "type": "bridge",
                    "bridge": "pods",
                    "isGateway": True,
                    "hairpinMode": True,
                    "ipam": {
                        "type": "host-local",
                        "dataDir": str(RUN / "ipam"),
                        "ranges": [[{"subnet": self.pods}]],
                        "routes": [{"dst": "0.0.0.0/0"}],
                    },
                },
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        }

    def _kubelet(self) -> object:
        return yaml.safe_load(f"""
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false # 1.35 refuses the older kind of cgroups unless told otherwise
cgroupDriver: cgroupfs
cgroupRoot: {self.cgroup}
enforceNodeAllocatable: []
failSwapOn: false
containerRuntimeEndpoint: unix://{self.socket}
address: {self.address}
port: 10250
readOnlyPort: 0
authentication:
  anonymous: {{enabled: false}}
  webhook: {{enabled: true}}
  x509: {{clientCAFile: {self.pki}/ca.crt}}
authorization: {{mode: Webhook}}
tlsCertFile: {self.pki}/{self.name}.crt
tlsPrivateKeyFile: {self.pki}/{self.name}.key
clusterDNS: [{DNS_ADDRESS}]
clusterDomain: cluster.local
resolvConf: {self.folder}/resolv.conf
evictionHard: {{nodefs.available: 1Gi, imagefs.available: 1Gi, memory.available: 200Mi}}
imageGCHighThresholdPercent: 100 # nothing could be fetched again
nodeStatusUpdateFrequency: 5s
syncFrequency: 10s # how late a changed secret is seen
podLogsDir: {self.folder}/pod-logs
volumePluginDir: {self.folder}/volume-plugins
""")

    def _proxy(self) -> object:
        return yaml.safe_load(f"""
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {{kubeconfig: {self.pki}/proxy.kubeconfig}}
mode: iptables
clusterCIDR: 10.244.0.0/16
hostnameOverride: {self.name}
conntrack: {{maxPerCore: 0, min: 0}} # the machine's limits are not ours to change
""")

    def _containerd(self, packages: Packages) -> str:
        return f"""version = 2
root = "{self.folder}/containerd"
state = "{RUN}/containerd"
[grpc]
  address = "{self.socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{packages.plugins}"
    conf_dir = "{self.folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
"""
