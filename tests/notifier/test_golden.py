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
from playwright.async_api import Browser, Page, async_playwright

from identity.domain.code import read_typed
from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail
from notifier.domain.mail import KINDS, LOCALES, NEWSLETTER, PURPOSES, Kind, Locale, MailRequest
from notifier.domain.mime import MailTemplates, spelled
from notifier.domain.news import NewsItem
from notifier.domain.newsletter import NewsletterMail
from notifier.domain.recall import RecalledVideo, RecallMail
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
RECALLS = [(kind, has_note) for kind in ("withdrawn", "corrected") for has_note in (True, False)]
NOTE = {
    "en": "The date that is named in it is wrong: <see the statement>.",
    "fr": "La date qui y est citée est fausse : <voir la déclaration>.",
    "uk": "Названа в ньому дата хибна: <див. заяву>.",
}
COPIED = "getSelection().selectAllChildren(document.querySelector('p[style]')), String(getSelection())"


def composed(kind: Kind, locale: Locale, *, is_long: bool) -> bytes:
    mail = a_mail(MailRequest(UUID(int=7), kind, 2, "k1", "reporter@desk.example", locale, AT, is_long))
    if kind == NEWSLETTER:
        issue = NewsletterMail(read_texts()[locale][NEWSLETTER], NEWS, locale, SENDER, PORTAL)
        return issue.fill_in(mail, "k1." + "A" * 43, AT)
    code = (LONG if is_long else SHORT) if kind in PURPOSES else None
    return TEMPLATES.fill_in(mail, code, AT)


def recall(kind: str, locale: Locale, *, has_note: bool) -> bytes:
    mail = a_mail(MailRequest(UUID(int=7), "recall", 1, None, "reporter@desk.example", locale, AT))
    titles = {"en": "Questions & <answers>", "uk": "Запитання й <відповіді>"}
    note = NOTE if has_note else {}
    recalled = RecalledVideo(UUID(int=8), UUID(int=9), kind, "NR-2026-0042", titles, note)
    text = read_texts()[locale][f"recall_{kind}"]
    return RecallMail(text, recalled, locale, SENDER, PORTAL).fill_in(mail, AT)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "has_note"), RECALLS)
def test_a_recall_looks_as_it_did(kind: str, has_note: bool, locale: Locale, tmp_path: Path) -> None:
    name = f"recall_{kind}{'_note' if has_note else ''}.{locale}.eml"
    golden, new = GOLDEN / name, tmp_path / name
    new.write_bytes(recall(kind, locale, has_note=has_note))
    same = golden.exists() and golden.read_bytes() == new.read_bytes()
    assert same, f"look at it; if it is meant: cp {new} {golden}"


@pytest.mark.parametrize(("kind", "is_long", "locale"), EVERY)
def test_a_mail_looks_as_it_did(kind: Kind, is_long: bool, locale: Locale, tmp_path: Path) -> None:
    golden = GOLDEN / f"{kind}{'_long' if is_long else ''}.{locale}.eml"
    new = tmp_path / golden.name
    new.write_bytes(composed(kind, locale, is_long=is_long))
    same = golden.exists() and golden.read_bytes() == new.read_bytes()
    assert same, f"look at it; if it is meant: cp {new} {golden}"


async def width(page: Page, mail: bytes) -> int:
    """How wide the page of a mail is."""
    part = message_from_bytes(mail, policy=default).get_body(("html",))
    assert part is not None
    await page.set_content(part.get_content())
    return int(await page.evaluate("document.documentElement.scrollWidth"))


def test_no_golden_mail_is_left_over() -> None:
    assert len(list(GOLDEN.glob("*.eml"))) == len(EVERY) + len(RECALLS) * len(LOCALES)


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
        recalls = [
            recall(kind, locale, has_note=True) for kind in ("withdrawn", "corrected") for locale in LOCALES
        ]
        for mail in recalls:
            assert await width(page, mail) <= 320
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
