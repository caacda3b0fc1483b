"""The HTTP side that all services share."""

import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field

from newsreel_runtime.errors import FieldError, ServiceError
from newsreel_runtime.http.app import BODY_LIMIT, create_app

SECRET = "someone@example.org"


class Thing(BaseModel):
    name: str = Field(max_length=5)


def an_app() -> FastAPI:
    app = create_app(title="Test", summary="A test")

    @app.post("/things")
    async def make(thing: Thing) -> Thing:
        return thing

    @app.get("/refused")
    async def refuse() -> None:
        raise ServiceError(
            "no-tea", 429, "No tea", "Wait.", retry_after=7, fields=[FieldError("cup", "empty", "Fill it.")]
        )

    @app.get("/broken")
    async def fail() -> None:
        raise RuntimeError(f"could not write to {SECRET}")

    @app.get("/things", status_code=202)
    async def things(response: Response) -> list[str]:
        response.headers["etag"] = '"1"'
        return ["a thing"]

    @app.get("/full")
    async def full() -> None:
        raise ServiceError("basket-full", 413, "The basket is full", "Empty it.")

    @app.head("/own")
    @app.get("/own")
    async def own(request: Request) -> Response:
        return Response(headers={"x-asked": request.method})

    @app.get("/away")
    async def away() -> None:
        raise ConnectionRefusedError(SECRET)

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(an_app()), base_url="http://test") as opened:
        yield opened


async def test_a_refusal_is_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.get("/refused")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:newsreel:problem:no-tea",
        "title": "No tea",
        "status": 429,
        "detail": "Wait.",
        "errors": [{"field": "cup", "code": "empty", "detail": "Fill it."}],
    }


async def test_bad_input_names_the_field_and_never_repeats_it(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": SECRET})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["name"]
    assert SECRET not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b'{"name": 1}'])
async def test_a_body_that_is_no_thing_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/things", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 1024 + 2):
            yield b" " * 1024

    for answer in (
        await client.post("/things", content=b" " * (BODY_LIMIT + 1)),
        await client.post("/things", content=endless(), headers={"content-type": "application/json"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:newsreel:problem:body-too-large")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_failure_says_nothing_of_its_cause(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "a request failed" in caplog.text


async def test_a_dependency_that_is_away_is_a_503(client: httpx.AsyncClient) -> None:
    answer = await client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert SECRET not in answer.text


async def test_unknown_paths_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).json()["status"] == 404
    answer = await client.delete("/things")
    assert (answer.json()["status"], answer.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_head_is_get_without_the_body(client: httpx.AsyncClient) -> None:
    """Trial B13 (RFC 9110 §9.3.2)."""
    for path in ("/things", "/refused", "/nowhere", "/health/live", "/openapi.json", "/docs"):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert dict(head.headers) == dict(got.headers), path


async def test_a_route_for_head_comes_first(client: httpx.AsyncClient) -> None:
    assert (await client.head("/own")).headers["x-asked"] == "HEAD"


@pytest.mark.parametrize("path", ["/things/", "/health/live/", "//evil.example/", "/docs/"])
async def test_a_slash_at_the_end_redirects_nowhere(path: str) -> None:
    """Trial B14: the framework's redirect repeats the Host of the request."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(an_app()), base_url="http://evil.example"
    ) as evil:
        answer = await evil.get(f"http://evil.example{path}")
    assert answer.status_code == 404
    assert "evil" not in str(answer.headers) + answer.text


async def test_a_refusal_of_the_app_keeps_its_413(client: httpx.AsyncClient) -> None:
    answer = await client.get("/full")
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:newsreel:problem:basket-full")


async def test_readiness_says_what_is_missing() -> None:
    app = an_app()

    async def missing() -> str | None:
        return "the kettle is cold"

    app.state.checks.append(missing)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["the kettle is cold"])


async def test_the_explorer_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assert "swagger-ui" in page
    assert "//" not in page.replace("http://www.w3.org", "").replace("//test", "")
