"""The account page: sign out everywhere, take the data along, close the account."""

import re

import pytest

from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import faults
from newsreel_testing.portal import Portal


async def test_the_page_is_a_link_away_and_needs_a_session(portal: Portal) -> None:
    first = await portal.get("/account")
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
    await portal.register_account()
    assert "to see your account" in (await portal.get("/sign-in")).text
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == "/account"
    assert 'href="/account"' in (await portal.get("/")).text
    assert portal.address in (await portal.get("/account")).text


async def test_the_page_lists_where_one_is_signed_in_and_signs_out_there(portal: Portal) -> None:
    await portal.sign_in()
    async with portal.another_browser() as other:
        other.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
        portal.browser, here = other, portal.browser
        await portal.post("/sign-in", address=portal.address, password=PASSWORD)
        portal.browser, there = here, portal.cookies()["newsreel"]
    page = (await portal.get("/account")).text
    assert "Firefox, Linux" in page
    assert "(this one)" in page
    [path] = re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/end)"', page)
    pressed = await portal.post(path, "/account")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/account#sessions")
    assert not await portal.lives(there)
    after = (await portal.get("/account")).text
    assert "That browser or program is signed out" in after
    assert "Firefox, Linux" not in after


async def test_the_browser_gets_the_next_token_of_its_session_with_any_page(portal: Portal) -> None:
    await portal.sign_in()
    first = portal.cookies()["newsreel"]
    await portal.get("/")
    assert portal.cookies()["newsreel"] == first
    async with portal.services.identity.database.begin() as tx:
        await tx.sql.execute("UPDATE session SET created_at = created_at - interval '11 minutes'")
    answer = await portal.get("/")
    assert portal.cookies()["newsreel"] != first
    cookie = next(text for text in answer.headers.get_list("set-cookie") if text.startswith("newsreel="))
    assert 42_900 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= 43_200
    assert portal.address in (await portal.get("/account")).text


async def test_signing_out_everywhere_signs_out_here_too(portal: Portal) -> None:
    await portal.sign_in()
    session = portal.cookies()["newsreel"]
    pressed = await portal.post("/account/sessions/end", "/account")
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/")
    assert "signed out everywhere" in (await portal.get("/")).text
    assert not await portal.lives(session)
    assert "newsreel" not in portal.cookies()


async def test_the_data_comes_as_a_file(portal: Portal) -> None:
    await portal.sign_in()
    answer = await portal.get("/account/export")
    assert answer.headers["content-type"] == "application/json"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["address"] == portal.address


async def test_the_language_of_mails_is_chosen(portal: Portal) -> None:
    await portal.sign_in()
    assert 'value="en" checked' in (await portal.get("/account")).text
    chosen = await portal.post("/account/language", "/account", language="fr")
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/account#language")
    page = (await portal.get("/account")).text
    assert 'value="fr" checked' in page
    assert "Nous vous écrirons dans cette langue." in page, "the pages are in it, too"
    refused = await portal.post("/account/language", "/account", language="tlh")
    assert refused.status_code == 422
    assert "Choisissez l’une des langues." in refused.text


async def test_a_name_is_said_changed_and_taken_away(portal: Portal) -> None:
    await portal.sign_in()
    named = await portal.post("/account/name", "/account", name="Ада <b>Лавлейс</b>")
    assert (named.status_code, named.headers["location"]) == (303, "/account#name-panel")
    page = (await portal.get("/account")).text
    assert "Your name has been changed." in page
    assert page.count("Ада &lt;b&gt;Лавлейс&lt;/b&gt;") == 2  # who is signed in, and the form
    assert faults(page) == []
    for name in ("\u202eAda", "1815", "A\tB", "x" * 101):
        refused = await portal.post("/account/name", "/account", name=name)
        assert refused.status_code == 422
        assert "100" in refused.text
        assert faults(refused.text) == []
    # A form beside it that fails does not forget the name.
    closing = await portal.post("/account/deletion", "/account", password="Wrong-Horse-77")
    assert 'value="Ада &lt;b&gt;Лавлейс&lt;/b&gt;"' in closing.text
    await portal.post("/account/name", "/account", name="")
    assert "Лавлейс" not in (await portal.get("/account")).text


async def test_another_password_takes_the_old_one_and_goes_on_here(portal: Portal) -> None:
    await portal.sign_in()
    before = portal.cookies()["newsreel"]
    for old, new, words in (
        ("", "Other-Horse-88", "Enter a password."),
        (PASSWORD, "", "Enter a new password."),
        ("Wrong-Horse-77", "Other-Horse-88", "This is not the password of your account."),
        (PASSWORD, "other-horse-88", "Add a capital letter."),
    ):
        refused = await portal.post("/account/password", password=old, new_password=new)
        assert refused.status_code == 422
        assert words in refused.text
        assert "Horse-" not in refused.text
    changed = await portal.post("/account/password", password=PASSWORD, new_password="Other-Horse-88")
    assert (changed.status_code, changed.headers["location"]) == (303, "/account")
    assert "Your password has been changed" in (await portal.get("/account")).text
    assert not await portal.lives(before)
    assert await portal.lives(portal.cookies()["newsreel"])


async def test_closing_takes_the_password(portal: Portal) -> None:
    await portal.sign_in()
    session = portal.cookies()["newsreel"]
    tries = {"": "Enter a password.", "Wrong-Horse-77": "This is not the password of your account."}
    for password, words in tries.items():
        refused = await portal.post("/account/deletion", "/account", password=password)
        assert refused.status_code == 422
        assert words in refused.text
        assert "Wrong-Horse" not in refused.text
    assert await portal.lives(session)
    closed = await portal.post("/account/deletion", "/account", password=PASSWORD)
    assert (closed.status_code, closed.headers["location"]) == (303, "/")
    assert "Your account is closed" in (await portal.get("/")).text
    again = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert again.status_code == 422


@pytest.mark.parametrize(
    "path",
    ["/account/name", "/account/language", "/account/sessions/end", "/account/password", "/account/deletion"],
)
async def test_a_session_that_is_over_signs_in_first(portal: Portal, path: str) -> None:
    await portal.sign_in()
    fields = {"form_token": await portal.token("/"), "password": PASSWORD, "new_password": PASSWORD}
    await portal.end_sessions()
    answer = await portal.send(path, fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert (await portal.get("/account/export")).headers["location"] == "/sign-in"


async def test_without_identity_nothing_is_lost(portal: Portal) -> None:
    await portal.sign_in()
    portal.identity.away = True
    assert (await portal.get("/account")).status_code == 503
    portal.identity.away = False
    assert (await portal.get("/account")).status_code == 200
