"""What a browser takes away with the answer: every page and redirect is made here."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import allowed_methods
from portal.domain.accounts import Access, Origin, Session
from portal.domain.browsers import browser_name
from portal.domain.flow import Flash, Flow
from portal.domain.languages import preferred
from portal.domain.places import Place, place_at
from portal.inbound_http.forms import ADDRESS, PASSWORD, Form, Sent, empty, refused
from portal.inbound_http.signatures import FLOW_SECONDS, FORM_SECONDS
from portal.inbound_http.site import Site

_PLACE_SECONDS = 60
_KNOWN_SECONDS = 400 * 24 * 60 * 60  # as long as browsers keep a cookie


def wants_page(headers: Headers) -> bool:
    """Whether a person looks at the answer. Programs that save files ask for anything (`*/*`)."""
    return "text/html" in headers.get("accept", "").lower()


class SignInFirstError(Exception):
    """`response` leads to the sign-in page."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


@dataclass
class Visit:
    """One request of one browser. Changes to `flow` and `session` become cookies on the answer."""

    site: Site
    request: Request
    browser: str
    session: str | None
    flow: Flow
    sent: Sent = field(default_factory=dict)
    known_browser: str | None = None
    chosen_language: str | None = None
    session_ends: datetime | None = None
    flow_seconds: int = FLOW_SECONDS

    def __post_init__(self) -> None:
        self._brought = (self.session, self.flow, self.chosen_language)
        self._is_known_anew = False

    @property
    def challenge_secret(self) -> str:
        """By what identity knows that it was this browser that asked for a code."""
        return self.site.signatures.challenge_secret(self.browser)

    @property
    def origin(self) -> Origin:
        """Where the request comes from, behind the proxies that are trusted."""
        return Origin(self.request.client.host if self.request.client else None, self.known_browser)

    @property
    def browser_name(self) -> str | None:
        """How the person may recognise this browser."""
        return browser_name(self.request.headers.get("user-agent", ""))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of a video's texts, best first: the link's, then the page's."""
        return preferred((self._lang, self.language), self.request.headers.get("accept-language", ""))

    @property
    def language(self) -> str:
        """The page's: chosen in this browser, or for the account, else by Accept-Language.

        Who says nothing (a search engine) gets the one that the link names.
        """
        accepted = self.request.headers.get("accept-language", "")
        return preferred((self.chosen_language, None if accepted else self._lang), accepted)[0]

    @property
    def _lang(self) -> str | None:
        return self.request.query_params.get("lang")

    @property
    def this_page(self) -> str:
        """Where a browser gets this page again, in whatever language."""
        path = self.request.url.path
        if self.request.method not in {"GET", "HEAD"}:
            return path if "GET" in allowed_methods(self.request) else "/"
        query = urlencode([pair for pair in self.request.query_params.multi_items() if pair[0] != "lang"])
        return f"{path}?{query}" if query else path

    async def access(self, session: str) -> Access:
        """An access token for the session, whose next token the browser gets when there is one.

        Raises `ServiceError` 401 session-ended.
        """
        access = await self.site.identity.access(session)
        self.chosen_language = self.chosen_language or access.account.language
        if access.session is not None:
            self.session, self.session_ends = access.session, access.session_expires_at
        return access

    async def access_for(self, place: Place) -> Access:
        """A token for the session; who has none, or one that is over, signs in and comes back to `place`.

        Raises `SignInFirstError` then, and every other refusal as it is.
        """
        if self.session is not None:
            try:
                return await self.access(self.session)
            except ServiceError as error:
                if error.status != 401:
                    raise
                self.session = None
        raise SignInFirstError(self.sign_in_first(place))

    async def reader(self) -> Access | None:
        """Who is signed in. None also when identity is away: pages for everybody stay readable then."""
        if self.session is None:
            return None
        try:
            return await self.access(self.session)
        except ServiceError as error:
            if error.status == 401:
                self.session = None
            return None

    def start(self) -> None:
        """Begin to sign in, register or reset: a `return_to` that names a page of ours is kept as a place.

        A link on another site cannot change where a person who is under way is brought.
        """
        wanted = self.request.query_params.get("return_to")
        foreign = self.request.headers.get("sec-fetch-site") == "cross-site"
        if wanted is not None and not (foreign and self.flow != Flow()):
            self.flow = replace(self.flow, place=place_at(wanted))

    def signed_in(self, session: Session, address: str) -> None:
        """Take the new session; what the browser was in the middle of is over, except for other addresses.

        The place is kept for a second press of the same button.
        """
        self.session, self.session_ends = session.session, session.expires_at
        self.known_browser = session.known_browser or self.known_browser
        self._is_known_anew = True
        others = [known for known in self.flow.challenges if known.address.casefold() != address.casefold()]
        self.flow = Flow(place=self.flow.place, challenges=tuple(others))
        self.flow_seconds = FLOW_SECONDS if others else _PLACE_SECONDS

    def sign_in_first(self, place: Place) -> Response:
        """To the sign-in page, and from there to `place`."""
        self.flow = replace(self.flow, place=place)
        return self.see_other("/sign-in")

    def sign_in_again(self, error: ServiceError, place: Place) -> Response:
        """When a service says that the session is over. Raises every other refusal."""
        if error.status != 401:
            raise error
        self.session = None
        return self.sign_in_first(place)

    def note(self, flash: Flash) -> None:
        """Tell it on the next page, once."""
        self.flow = replace(self.flow, flash=flash)

    def page(
        self, template: str, *, status: int = 200, retry_after: int | None = None, **values: Any
    ) -> Response:
        """A page; what is to be told once is told."""
        given = {
            "reader": None,
            "here": "",
            "form": None,
            "target": self.flow.place,
            "sign_in_form": empty(ADDRESS, PASSWORD, address=self.flow.address),
        } | values
        text = (
            self.site.templates[self.language]
            .get_template(template)
            .render(
                **given,
                flash=self.flow.flash,
                awaited=self.flow.awaited(self.site.clock()),
                site=self.site,
                signed_in=self.session is not None,
                form_token=self.site.signatures.form_token(self.browser),
                languages=self.languages,
                lang=self._lang_query(),
                this_page=self.this_page,
                retry_after=retry_after,
            )
        )
        self.flow = replace(self.flow, flash=None)
        response = HTMLResponse(text, status, {"Content-Language": self.language})
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return self._with_cookies(response)

    def form_page(
        self, template: str, form: Form, error: ServiceError | None = None, **values: Any
    ) -> Response:
        if error is None:
            return self.page(template, status=422, form=form, **values)
        status = error.status if error.status in {429, 503} else 422
        return self.page(
            template,
            status=status,
            retry_after=error.retry_after,
            form=refused(form, error, values.get("rule")),
            **values,
        )

    async def password_page(
        self, template: str, form: Form, error: ServiceError | None = None, **values: Any
    ) -> Response:
        """A page on which a password is chosen: identity's rule stands there, unless identity is away."""
        try:
            rule = await self.site.identity.password_rule()
        except ServiceError:
            rule = None
        if error is None and not form.errors:
            return self.page(template, form=form, rule=rule, **values)
        return self.form_page(template, form, error, rule=rule, **values)

    def see_other(self, path: str) -> Response:
        """303: the browser goes on with GET (RFC 9110 §15.4.4)."""
        return self._with_cookies(RedirectResponse(path, 303))

    def _lang_query(self) -> str:
        chosen = self._lang
        return "?" + urlencode({"lang": chosen}) if chosen == self.languages[0] else ""

    def _with_cookies(self, response: Response) -> Response:
        # Every page has forms: the id that they are bound to begins its 24 hours again with them.
        self._set(response, "newsreel-browser", self.browser, FORM_SECONDS)
        session, flow, language = self._brought
        if self.chosen_language != language:
            self._set(response, "newsreel-language", self.chosen_language, _KNOWN_SECONDS)
        if self.session != session:
            left = (self.session_ends - self.site.clock()).total_seconds() if self.session_ends else 0
            self._set(response, "newsreel", self.session, int(left))
        if self._is_known_anew:
            self._set(response, "newsreel-known", self.known_browser, _KNOWN_SECONDS)
        is_other_life = self.flow_seconds != FLOW_SECONDS
        if self.flow != flow or is_other_life or (self._had("newsreel-flow") and flow == Flow()):
            sealed = None if self.flow == Flow() else self.site.signatures.seal(self.browser, self.flow)
            self._set(response, "newsreel-flow", sealed, self.flow_seconds)
        return response

    def _had(self, name: str) -> bool:
        return self.site.cookie(name) in self.request.cookies

    def _set(self, response: Response, name: str, value: str | None, seconds: int) -> None:
        response.set_cookie(
            self.site.cookie(name),
            value or "",
            max_age=seconds if value else 0,
            path="/",
            secure=self.site.secure,
            httponly=True,
            samesite="lax",
        )
