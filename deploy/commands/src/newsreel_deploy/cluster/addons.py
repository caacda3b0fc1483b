"""What every cluster has beside Kubernetes: names (CoreDNS) and volumes."""

import json

from newsreel_deploy.cluster.control_plane import ControlPlane
from newsreel_deploy.cluster.node_files import DNS_ADDRESS, HOST_ADDRESS, Node
from newsreel_deploy.cluster.program import start

_DNS_PORT = 53
_VOLUMES = 8
Object = dict[str, object]


def add_dns(plane: ControlPlane) -> None:
    """CoreDNS as a process beside the control plane, behind the Service `kube-dns` that pods ask."""
    corefile = plane.folder / "Corefile"
    corefile.write_text(
        f""".:{_DNS_PORT} {{
    errors
    kubernetes cluster.local {{
        kubeconfig {plane.kubeconfig}
    }}
}}
"""
    )
    plane.processes.append(start([plane.binaries.dns, "-conf", corefile], plane.folder / "logs/dns.log"))
    name: Object = {"name": "kube-dns", "namespace": "kube-system"}
    ports = [{"name": f"dns-{kind.lower()}", "port": _DNS_PORT, "protocol": kind} for kind in ("UDP", "TCP")]
    service: Object = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": name,
        "spec": {"clusterIP": DNS_ADDRESS, "ports": ports},
    }
    endpoints: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": name | {"labels": {"kubernetes.io/service-name": "kube-dns"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [HOST_ADDRESS]}],
        "ports": ports,
    }
    _apply(plane, [service, endpoints])


def add_storage(plane: ControlPlane, nodes: list[Node]) -> None:
    """A default storage class and volumes for it. All nodes see the same files."""
    storage: Object = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "standard",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "kubernetes.io/no-provisioner",
    }
    _apply(plane, [storage, *(_volume(plane, nodes, number) for number in range(1, _VOLUMES + 1))])


def _volume(plane: ControlPlane, nodes: list[Node], number: int) -> Object:
    place = plane.folder / f"volumes/{number}"
    place.mkdir(parents=True)
    place.chmod(0o777)  # as network file systems do, it gives no group of its own to who mounts it second
    names = [node.name for node in nodes]
    here = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": names}]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"volume-{number}"},
        "spec": {
            "storageClassName": "standard",
            "capacity": {"storage": "100Gi"},
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"],
            "local": {"path": str(place)},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [here]}},
        },
    }


def _apply(plane: ControlPlane, objects: list[Object]) -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": objects}
    plane.kubectl("apply", "--server-side", "-f", "-", text=json.dumps(listed))
