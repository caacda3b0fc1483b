"""An issue as a mail, its schedule, and the link that ends the subscription."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from identity.domain.unsubscribe import account_of
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail, a_request
from newsreel_testing.newsletter_stage import a_schedule
from notifier.domain.mail import LOCALES, Locale
from notifier.domain.news import NewsItem
from notifier.domain.newsletter import NewsletterMail
from notifier.domain.schedule import Schedule
from notifier.domain.sender import Sender
from notifier.domain.unsubscribe import unsubscribe_token
from notifier.templates import read_texts

TEXTS = read_texts()
AT = datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC)
RING = KeyRing({"k2": bytes(range(32)), "k1": bytes(32)})
TOKEN = unsubscribe_token(RING, uuid4())
PUBLISHED = datetime(2026, 11, 24, 9, tzinfo=UTC)


def item(title: str = "Press conference", headline: str = "Questions, answers") -> NewsItem:
    titles = {"en": title, "uk": "Пресконференція"}
    return NewsItem(new_id(), titles, {"en": headline}, PUBLISHED)


def composed(
    items: list[NewsItem], locale: Locale = "en", portal: str = PORTAL
) -> tuple[bytes, EmailMessage]:
    issue = NewsletterMail(TEXTS[locale]["newsletter"], items, locale, SENDER, portal)
    raw = issue.fill_in(a_mail(a_request("newsletter", locale)), TOKEN, AT)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return raw, message


def content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content())


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


@pytest.mark.parametrize("locale", LOCALES)
def test_m8_the_headers_say_how_to_leave(locale: Locale) -> None:
    raw, message = composed([item()], locale)
    assert not message.defects
    assert message["List-Unsubscribe"] == f"<{PORTAL}/newsletter/unsubscribe?token={TOKEN}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Newsreel <newsletter.newsreel.test>"
    assert message["Content-Language"] == locale
    assert len(message.keys()) == len({name.lower() for name in message})
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("portal", [PORTAL, "https://" + "press." * 12 + "example", "http://[::1]:8080"])
def test_the_link_stands_in_text_and_page(locale: Locale, portal: str) -> None:
    raw, message = composed([item()], locale, portal)
    link = f"{portal}/newsletter/unsubscribe?token={TOKEN}"
    assert link in content(message, "plain").split()
    assert link in Links(content(message, "html")).found
    body = raw.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 78  # as the library writes them


def test_m8_a_long_domain_stands_in_list_id_as_it_is() -> None:
    sender = Sender.parse(f"no-reply@{'press.' * 12}example")
    mail = a_mail(a_request("newsletter"))
    raw = NewsletterMail(TEXTS["en"]["newsletter"], [item()], "en", sender, PORTAL).fill_in(mail, TOKEN, AT)
    assert f"\r\nList-Id: Newsreel <newsletter.{sender.domain}>\r\n".encode() in raw


def test_a_reader_gets_own_language_where_there_is_one() -> None:
    one = item("A & B <c>", 'Say "no"')
    _, english = composed([one])
    _, ukrainian = composed([one], "uk")
    _, french = composed([one], "fr")
    assert english["Subject"] == "New on Newsreel: A & B <c>"
    assert ukrainian["Subject"] == "Нове на Newsreel: Пресконференція"
    assert french["Subject"] == "Nouveau sur Newsreel : A & B <c>"
    assert "A &amp; B &lt;c&gt;" in content(english, "html")
    assert 'lang="uk"><a' in content(ukrainian, "html")
    assert f"{PORTAL}/videos/{one.video_id}" in content(english, "plain")


def test_of_many_videos_the_first_are_shown_and_the_others_counted() -> None:
    _, message = composed([item(f"Number {number}") for number in range(33)])
    text = content(message, "plain")
    assert (text.count("/videos/"), "And 3 more" in text) == (30, True)
    assert "more" not in content(composed([item()] * 30)[1], "plain")


@example("Déclaration de la présidente de la Commission européenne à Strasbourg — réponses", "")
@example("Пресконференція президента, після зустрічі голів держав Європи в Брюсселі, Бельгія", "")
@example("x " * 60, "=?utf-8?q?x?=")
@example("=?utf-8?q?x?=  and  more", "")
@given(title=st.text(max_size=300), headline=st.text(max_size=300))
def test_no_title_breaks_the_mail(title: str, headline: str) -> None:
    """Of trial A16's kind: trust in folding."""
    shown = "".join(letter for letter in title if letter.isprintable())
    said = "".join(letter for letter in headline if letter.isprintable())
    in_subject = " ".join(shown.split())[:100].strip()
    raw, message = composed([item(shown, said)])
    assert not message.defects
    subject = message_from_bytes(raw, policy=compat32)["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(subject))) == f"New on Newsreel: {in_subject}".strip()
    assert b"?==?" not in raw  # two encoded words need a space between them (RFC 2047 §5)
    assert raw.count(b"List-Unsubscribe:") == 1
    assert content(message, "plain").count(TOKEN) == 1


def test_identity_reads_the_token_that_the_notifier_makes() -> None:
    account_id = uuid4()
    token = unsubscribe_token(RING, account_id)
    assert re.fullmatch(r"k2\.[A-Za-z0-9_-]{43}", token)
    assert account_of(token, RING) == account_id
    assert account_of(unsubscribe_token(KeyRing({"k1": bytes(32)}), account_id), RING) == account_id
    assert account_of(token, KeyRing({"k1": bytes(32)})) is None


@pytest.mark.parametrize(
    "token",
    ["", "k2", "k2.", f"k3.{TOKEN[3:]}", TOKEN[:-1], f"{TOKEN}A", TOKEN.replace(".", ""), "k2." + "A" * 43]
    + [f"{TOKEN[:at]}{'A' if TOKEN[at] != 'A' else 'B'}{TOKEN[at + 1 :]}" for at in (3, 20, 44)]
    + [f"k1.{TOKEN[3:]}", f" {TOKEN}", f"{TOKEN}\n", "k2." + "é" * 43],
)
def test_no_other_token_is_one(token: str) -> None:
    assert account_of(token, RING) is None


@pytest.mark.parametrize(
    ("text", "at", "latest", "following"),
    [
        ("daily 06:00 UTC", "2026-11-24T06:00:00", "2026-11-24T06:00:00", "2026-11-25T06:00:00"),
        ("daily 06:00 UTC", "2026-11-24T05:59:59", "2026-11-23T06:00:00", "2026-11-24T06:00:00"),
        ("monday 06:00 UTC", "2026-11-24T05:59:59", "2026-11-23T06:00:00", "2026-11-30T06:00:00"),
        ("daily 06:00 Europe/Brussels", "2026-07-01T12:00:00", "2026-07-01T04:00:00", "2026-07-02T04:00:00"),
        # 02:30 is skipped on 29 March, and comes twice on 25 October: the first one counts.
        ("daily 02:30 Europe/Brussels", "2026-03-29T12:00:00", "2026-03-29T01:30:00", "2026-03-30T00:30:00"),
        ("daily 02:30 Europe/Brussels", "2026-10-25T00:45:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"),
        ("daily 02:30 Europe/Brussels", "2026-10-25T01:45:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"),
    ],
)
def test_the_slots_of_a_schedule(text: str, at: str, latest: str, following: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    schedule = a_schedule(text)
    assert schedule.latest(moment).isoformat()[:19] == latest
    assert schedule.next(moment).isoformat()[:19] == following


@given(st.integers(0, 730 * 86400))
def test_every_day_has_one_slot(seconds: int) -> None:
    at = AT + timedelta(seconds=seconds)
    schedule = a_schedule("daily 02:30 Europe/Kyiv")
    latest, following = schedule.latest(at), schedule.next(at)
    assert latest <= at < following
    assert schedule.day(following) - schedule.day(latest) == timedelta(days=1)
    assert schedule.latest(following) == following


@pytest.mark.parametrize(
    "text",
    [
        *("", "daily", "daily 6:00 UTC", "daily 24:00 UTC", "someday 06:00 UTC", "daily 06:00"),
        *("daily 06:60 UTC", "daily 06:00 Europe/Atlantis", "daily 06:00 ../../etc/passwd"),
        *("Daily 06:00 UTC", "never 06:00 UTC"),
    ],
)
def test_another_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is"):
        Schedule.parse(text)


def test_never_is_no_schedule() -> None:
    assert Schedule.parse("never") is None
