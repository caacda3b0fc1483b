"""Whatever secret goes through a client of ours, to a page, a service or the inbox, is noted."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx

from newsreel_local.mailbox_reader import CODE
from newsreel_local.stack import RunningStack
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.secrecy.forms import Kind, Secret
from portal.inbound_http.signatures import Signatures

_TYPED: Mapping[str, Kind] = {
    "address": "address",
    "password": "password",
    "new_password": "password",
    "code": "code",
    "challenge_secret": "challenge secret",
    "client_secret": "client secret",
    "reset_token": "reset token",
    "form_token": "form token",
    "token": "unsubscribe token",
}
_ANSWERED: Mapping[str, Kind] = {
    "session": "session token",
    "known_browser": "known browser",
    "access_token": "access token",
    "challenge_secret": "challenge secret",
    "reset_token": "reset token",
    "grant_id": "ticket",
}
_COOKIES: Mapping[str, Kind] = {
    "newsreel": "session token",
    "newsreel-flow": "flow cookie",
    "newsreel-known": "known browser",
    "newsreel-browser": "browser id",
}
_NOT_SECRET = {"newsreel-language"}
_COOKIE = re.compile(r"(newsreel[a-z-]*)=([^;]+)")
_LINK = re.compile(r"/newsletter/unsubscribe\?token=([A-Za-z0-9._-]+)")
_BEARER = re.compile(r"/t/([A-Za-z0-9_-]{43})/")
_TICKET = re.compile(r"/download/([0-9a-f-]{36})")


class Collected:
    """The secrets so far; with the portal's key also those that it keeps from browsers."""

    def __init__(self, stack: RunningStack) -> None:
        self.secrets: set[Secret] = set()
        self._inbox = stack.ports.origin("mailbox")
        self._portal = Signatures(KeyRing.parse(stack.layout.secrets.portal_signing_key))

    def add(self, kind: Kind, text: str) -> None:
        if text:
            self.secrets.add(Secret(kind, text))

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A browser's or a program's, with which nothing passes unnoticed."""
        return httpx.AsyncClient(event_hooks={"request": [self._sent], "response": [self._got]}, **options)

    async def _sent(self, request: httpx.Request) -> None:
        if str(request.url).startswith(self._inbox):
            return
        content = request.content.decode()
        kind = request.headers.get("content-type", "")
        fields = json.loads(content) if kind.startswith("application/json") else dict(parse_qsl(content))
        for name, text in {**dict(request.url.params), **fields}.items():
            if name in _TYPED:
                self.add(_TYPED[name], text)

    async def _got(self, response: httpx.Response) -> None:
        location = response.headers.get("location", "")
        for signature in parse_qs(urlsplit(location).query).get("s", []):
            self.add("signature", signature)
        for ticket in _TICKET.findall(location):
            self.add("ticket", ticket)
        self._cookies(response)
        if response.headers.get("content-type", "").startswith(("text/html", "application/json")):
            for bearer in _BEARER.findall((await response.aread()).decode()):
                self.add("bearer ticket", bearer)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        if is_json and await response.aread():  # a redirect may have the type without a body
            self._answered(response)

    def _cookies(self, response: httpx.Response) -> None:
        found = dict(
            kept for text in response.headers.get_list("set-cookie") for kept in _COOKIE.findall(text)
        )
        for name, text in found.items():
            if name not in _NOT_SECRET:
                self.add(_COOKIES[name], text.strip('"'))
        browser = found.get("newsreel-browser")
        if browser is None:
            return
        self.add("challenge secret", self._portal.challenge_secret(browser))
        flow = self._portal.unseal(browser, found.get("newsreel-flow", "").strip('"'))
        for challenge in flow.challenges:
            self.add("reset token", challenge.reset_token or "")

    def _answered(self, response: httpx.Response) -> None:
        body = response.json()
        if str(response.url).startswith(self._inbox):
            for mail in body.get("messages", []):
                self._mail(mail["text"])
            return
        for name, kind in _ANSWERED.items():
            if isinstance(body, dict) and isinstance(text := body.get(name), str):
                self.add(kind, text)
                if kind == "access token":  # every token of that key begins so, those of the portal too
                    self.add(kind, text.partition(".")[0])

    def _mail(self, text: str) -> None:
        if code := CODE.search(text):
            self.add("code", code[1])
        for token in _LINK.findall(text):
            self.add("unsubscribe token", token)
