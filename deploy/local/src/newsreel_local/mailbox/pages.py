"""The inbox as a page and as JSON. Nothing of a mail is trusted: text is escaped, scripts are not allowed."""

from collections.abc import Awaitable, Callable
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from newsreel_local.mailbox.letters import Letter, Letters
from newsreel_local.page import page

_LONGEST_WAIT = 60.0


def _entry(letter: Letter) -> str:
    shown = letter.summary()
    return f"""<article>
<h2><a href="/messages/{letter.id}/source">{escape(letter.subject)}</a></h2>
<p>To {escape(", ".join(letter.to))} · <time>{shown["received_at"]}</time></p>
<pre>{escape(letter.text)}</pre>
</article>"""


def _page(letters: list[Letter], to: str | None) -> HTMLResponse:
    search = f"""<form><label for="to">Only mails to</label>
<input id="to" name="to" type="email" value="{escape(to or "")}"> <button>Show</button></form>"""
    shown = "\n".join(map(_entry, letters[:50])) or "<p>No mail yet.</p>"
    return page("Inbox", f"<h1>Inbox</h1>\n{search}\n{shown}")


def _wait(request: Request) -> float:
    try:
        return min(max(float(request.query_params.get("wait", "0")), 0.0), _LONGEST_WAIT)
    except ValueError:
        return 0.0


def _with_letter(
    letters: Letters, shown: Callable[[Letter], Response]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        letter = letters.get(request.path_params["number"])
        if letter is None:
            return JSONResponse({"title": "There is no such mail", "status": 404}, status_code=404)
        return shown(letter)

    return endpoint


def create_app(letters: Letters) -> Starlette:
    """`/`, `/messages?to=&after=&wait=`, `/messages/{id}`, `/messages/{id}/source`; DELETE `/messages`."""

    async def inbox(request: Request) -> Response:
        to = request.query_params.get("to") or None
        return _page(letters.find(to), to)

    async def listed(request: Request) -> Response:
        to, after = request.query_params.get("to") or None, request.query_params.get("after", "")
        found = await letters.wait(to, after, _wait(request))
        return JSONResponse({"messages": [letter.summary() for letter in found or letters.find(to, after)]})

    async def cleared(_: Request) -> Response:
        letters.clear()
        return Response(status_code=204)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/", inbox),
            Route("/messages", listed),
            Route("/messages", cleared, methods=["DELETE"]),
            Route("/messages/{number}", _with_letter(letters, lambda one: JSONResponse(one.summary()))),
            Route(
                "/messages/{number}/source",
                _with_letter(letters, lambda one: Response(one.content, media_type="text/plain")),
            ),
            Route("/health/ready", live),
        ]
    )
