"""The inbox as a page and as JSON. Nothing of a mail is trusted: text is escaped, scripts are not allowed."""

from collections.abc import Awaitable, Callable
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from newsreel_local.mailbox.mail_store import MailStore, StoredMail
from newsreel_local.page import page

_LONGEST_WAIT = 60.0


def _entry(mail: StoredMail) -> str:
    shown = mail.summary()
    return f"""<article>
<h2><a href="/messages/{mail.id}/source">{escape(mail.subject)}</a></h2>
<p>To {escape(", ".join(mail.to))} · <time>{shown["received_at"]}</time></p>
<pre>{escape(mail.text)}</pre>
</article>"""


def _page(mails: list[StoredMail], to: str | None) -> HTMLResponse:
    search = f"""<form><label for="to">Only mails to</label>
<input id="to" name="to" type="email" value="{escape(to or "")}"> <button>Show</button></form>"""
    shown = "\n".join(map(_entry, mails[:50])) or "<p>No mail yet.</p>"
    return page("Inbox", f"<h1>Inbox</h1>\n{search}\n{shown}")


def _wait(request: Request) -> float:
    try:
        return min(max(float(request.query_params.get("wait", "0")), 0.0), _LONGEST_WAIT)
    except ValueError:
        return 0.0


def _with_mail(
    mails: MailStore, shown: Callable[[StoredMail], Response]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        mail = mails.get(request.path_params["number"])
        if mail is None:
            return JSONResponse({"title": "There is no such mail", "status": 404}, status_code=404)
        return shown(mail)

    return endpoint


def create_app(mails: MailStore) -> Starlette:
    """`/`, `/messages?to=&after=&wait=`, `/messages/{id}`, `/messages/{id}/source`; DELETE `/messages`."""

    async def inbox(request: Request) -> Response:
        to = request.query_params.get("to") or None
        return _page(mails.find(to), to)

    async def listed(request: Request) -> Response:
        to, after = request.query_params.get("to") or None, request.query_params.get("after", "")
        found = await mails.wait(to, after, _wait(request))
        return JSONResponse({"messages": [mail.summary() for mail in found or mails.find(to, after)]})

    async def cleared(_: Request) -> Response:
        mails.clear()
        return Response(status_code=204)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/", inbox),
            Route("/messages", listed),
            Route("/messages", cleared, methods=["DELETE"]),
            Route("/messages/{number}", _with_mail(mails, lambda mail: JSONResponse(mail.summary()))),
            Route(
                "/messages/{number}/source",
                _with_mail(mails, lambda mail: Response(mail.content, media_type="text/plain")),
            ),
            Route("/health/ready", live),
        ]
    )
