"""A new password for one service's database role, read without a restart."""

import base64
import json
import secrets

from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.rollouts.deployed import Deployed
from newsreel_deploy.rollouts.objects import Object

_SERVICE = "catalog"
_FILE = "newsreel_postgres_password"
_PATIENCE = 60.0  # seconds; a kubelet looks for changes every ten


async def new_secret(here: Deployed) -> str:
    """The Secret first, then the role; idle connections are cut, so that the new password must be used."""
    password = secrets.token_hex(16)
    pods = await _pods(here)
    secret = (await here.get("secret", f"{_SERVICE}-secrets"))[0]
    before = base64.b64decode(secret["data"][_FILE]).decode()
    data = {"data": {_FILE: base64.b64encode(password.encode()).decode()}}
    await here.kubectl("patch", "secret", f"{_SERVICE}-secrets", "-p", json.dumps(data))

    async def arrived() -> bool:
        show = ("--", "cat", f"/run/secrets/newsreel/{_FILE}")
        read = [await here.kubectl("exec", pod["metadata"]["name"], *show) for pod in pods]
        return set(read) == {password}

    await here.until(arrived, "the new secret in every pod", _PATIENCE)
    began = (await here.sql("SELECT now()"))[0]
    named = {"role": _SERVICE, "password": password, "began": began}
    await here.sql("""ALTER ROLE :"role" PASSWORD :'password'""", **named)
    await here.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'role' AND state = 'idle'",
        **named,
    )

    async def connected_again() -> bool:
        count = "SELECT count(*) FROM pg_stat_activity WHERE usename = :'role' AND backend_start > :'began'"
        return int((await here.sql(count, **named))[0]) >= len(pods)

    try:
        await here.until(connected_again, f"{_SERVICE} to connect with its new password", _PATIENCE)
    except ClusterError:
        await here.sql("""ALTER ROLE :"role" PASSWORD :'before'""", **named, before=before)
        raise
    if {pod["metadata"]["uid"] for pod in await _pods(here)} != {pod["metadata"]["uid"] for pod in pods}:
        raise ClusterError(f"pods of {_SERVICE} were replaced")
    return f"PostgreSQL password of {_SERVICE}; {len(pods)} pods use it"


async def _pods(here: Deployed) -> list[Object]:
    return [pod for name in (_SERVICE, f"{_SERVICE}-worker") for pod in await here.pods(name)]
