"""Every mail as it goes over the wire; and in a browser as wide as a small telephone."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from playwright.async_api import Browser, async_playwright

from identity.domain.code import read_typed
from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail
from notifier.domain.mail import KINDS, LOCALES, NEWSLETTER, PURPOSES, Kind, Locale, MailRequest
from notifier.domain.mime import MailTemplates, spelled
from notifier.domain.news import NewsItem
from notifier.domain.newsletter import NewsletterMail
from notifier.templates import read_texts

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM = shutil.which("chromium")
TEMPLATES = MailTemplates(read_texts(), SENDER, PORTAL)
AT = datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC)
SHORT, LONG = "04081234", "4YHXJKNF5KV3FNF6WMT4H0PRBP"
FORMS = [(kind, False) for kind in (*KINDS, NEWSLETTER)] + [(kind, True) for kind in PURPOSES]
EVERY = [(kind, is_long, locale) for kind, is_long in FORMS for locale in LOCALES]
NEWS = [
    NewsItem(
        UUID(int=number),
        {"en": f"Press conference {number}: questions & <answers>", "uk": f"Пресконференція {number}"},
        {"en": "Statement after the meeting", "fr": "Déclaration à l\u2019issue de la réunion"},
        AT,
    )
    for number in (1, 2)
]
COPIED = "getSelection().selectAllChildren(document.querySelector('p[style]')), String(getSelection())"


def composed(kind: Kind, locale: Locale, *, is_long: bool) -> bytes:
    mail = a_mail(MailRequest(UUID(int=7), kind, 2, "k1", "reporter@desk.example", locale, AT, is_long))
    if kind == NEWSLETTER:
        issue = NewsletterMail(read_texts()[locale][NEWSLETTER], NEWS, locale, SENDER, PORTAL)
        return issue.fill_in(mail, "k1." + "A" * 43, AT)
    code = (LONG if is_long else SHORT) if kind in PURPOSES else None
    return TEMPLATES.fill_in(mail, code, AT)


@pytest.mark.parametrize(("kind", "is_long", "locale"), EVERY)
def test_a_mail_looks_as_it_did(kind: Kind, is_long: bool, locale: Locale, tmp_path: Path) -> None:
    golden = GOLDEN / f"{kind}{'_long' if is_long else ''}.{locale}.eml"
    new = tmp_path / golden.name
    new.write_bytes(composed(kind, locale, is_long=is_long))
    same = golden.exists() and golden.read_bytes() == new.read_bytes()
    assert same, f"look at it; if it is meant: cp {new} {golden}"


def test_no_golden_mail_is_left_over() -> None:
    assert len(list(GOLDEN.glob("*.eml"))) == len(EVERY)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (Debian: apt install chromium)")
@pytest.mark.parametrize(("scheme", "ink"), [("light", "rgb(0, 0, 0)"), ("dark", "rgb(255, 255, 255)")])
async def test_a_small_telephone_shows_all_of_it(scheme: Literal["light", "dark"], ink: str) -> None:
    """No sideways scrolling at 320 px, nothing loaded, and each symbol of a code is a word of its own."""
    loaded: list[str] = []
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
        page.on("request", lambda request: loaded.append(request.url))
        for kind, is_long, locale in EVERY:
            message = message_from_bytes(composed(kind, locale, is_long=is_long), policy=default)
            part = message.get_body(("html",))
            assert part is not None
            await page.set_content(part.get_content())
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320, (kind, locale)
            assert await page.evaluate("getComputedStyle(document.body).color") == ink
            if kind in PURPOSES:
                code = LONG if is_long else SHORT
                assert read_typed(await page.evaluate(COPIED)) == code
                assert " ".join(code) in " ".join((await page.locator("body").aria_snapshot()).split())
    assert loaded == []


def test_a_long_code_that_is_copied_is_not_too_long_to_be_read() -> None:
    copied = spelled(LONG).replace("&nbsp;", "\u00a0").replace("\r\n", " ")
    assert read_typed(f"{copied}\r\n") == LONG
