"""The public door: the same host everywhere, a gateway that is there, a certificate that somebody makes."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsreel_deploy.manifests.rendered import Object, names, of_kind, title


def doors(objects: list[Object]) -> Iterator[str]:
    """Gateway, routes and certificate are about the host of NEWSREEL_ORIGIN, and know each other."""
    origins = {
        urlsplit(found["data"]["NEWSREEL_ORIGIN"]).hostname
        for found in of_kind(objects, "ConfigMap")
        if "NEWSREEL_ORIGIN" in found.get("data", {})
    }
    certificates = list(of_kind(objects, "Certificate"))
    for found in (*of_kind(objects, "Gateway", "HTTPRoute"), *certificates):
        for host in _hosts(found) - origins:
            yield f"{title(found)}: {host} is not the host of NEWSREEL_ORIGIN"
    for route in of_kind(objects, "HTTPRoute"):
        for parent in route["spec"]["parentRefs"]:
            if parent["name"] not in names(objects, "Gateway"):
                yield f"{title(route)}: there is no Gateway {parent['name']}"
    made = {found["spec"]["secretName"] for found in certificates}
    for gateway in of_kind(objects, "Gateway"):
        for listener in gateway["spec"]["listeners"]:
            for reference in listener["tls"]["certificateRefs"]:
                if made and reference["name"] not in made:
                    yield f"{title(gateway)}: no Certificate makes {reference['name']}"


def _hosts(found: Object) -> set[str]:
    spec = found["spec"]
    listeners = [listener["hostname"] for listener in spec.get("listeners", ())]
    return {*spec.get("hostnames", ()), *spec.get("dnsNames", ()), *listeners}
