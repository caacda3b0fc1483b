"""The HTTP side that all services share: problems, tracing, limits and health."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel

from newsreel_runtime.http import problems
from newsreel_runtime.http.middleware import BodyLimit, HeadAsGet, LastResort, Tracing
from newsreel_runtime.http.problems import Problem

BODY_LIMIT = 64 * 1024  # bytes

Check = Callable[[], Awaitable[str | None]]


class Health(BaseModel):
    """`reasons` says what is missing, and is empty when nothing is."""

    status: str
    reasons: list[str]


def create_app(
    *,
    title: str,
    summary: str,
    explorer: bool = True,
    trusts_callers: bool = False,
    public_paths: tuple[str, ...] = (),
) -> FastAPI:
    """A FastAPI app with RFC 9457 problems, one span a request, a body limit, HEAD for each GET, and health.

    `explorer`: an API explorer at `/docs`, which needs scripts; it loads nothing from elsewhere.
    `trusts_callers`: services call, so a request goes on in the trace that its caller names, except below
    `public_paths`, which browsers ask for.
    """
    app = (FastAPIOffline if explorer else FastAPI)(
        title=title,
        summary=summary,
        version="1",
        docs_url="/docs" if explorer else None,
        redoc_url=None,
        redirect_slashes=False,  # the framework's redirect repeats the Host header of the request
        # FastAPI's own spans record the query, and a signed URL's signature is in it.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems.install(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT)
    app.add_middleware(Tracing, trusts_callers=trusts_callers, public_paths=public_paths)
    _publish_problem_schema(app)
    add_health(app)
    return app


def _publish_problem_schema(app: FastAPI) -> None:
    described = app.openapi

    def openapi() -> dict[str, object]:
        document: dict[str, object] = described()
        components = document.setdefault("components", {})
        assert isinstance(components, dict)  # noqa: S101 (OpenAPI 3.1 §4.8.7: an object)
        schemas = components.setdefault("schemas", {})
        template = "#/components/schemas/{model}"
        schema = Problem.model_json_schema(ref_template=template)
        schemas |= schema.pop("$defs", {}) | {"Problem": schema}
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def add_health(app: FastAPI) -> None:
    """`/health/live` fails for what a restart mends, `/health/ready` for what the process needs and lacks."""
    app.state.checks = []
    app.state.alive = []

    async def reasons(checks: list[Check]) -> list[str]:
        return [reason for check in checks if (reason := await check()) is not None]

    @app.get("/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        found = await reasons(app.state.alive)
        health = Health(status="not live" if found else "live", reasons=found)
        return JSONResponse(health.model_dump(), 503 if found else 200)

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        found = await reasons(app.state.checks)
        health = Health(status="not ready" if found else "ready", reasons=found)
        return JSONResponse(health.model_dump(), 503 if found else 200)
