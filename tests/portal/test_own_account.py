"""The account page: sign out everywhere, take the data along, close the account."""

import pytest

from newsreel_testing.identity_service import PASSWORD
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


async def test_closing_takes_the_password(portal: Portal) -> None:
    await portal.sign_in()
    session = portal.cookies()["newsreel"]
    tries = {"": "Enter a password.", "Wrong-Horse-77": "Enter the password of this account."}
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


@pytest.mark.parametrize("path", ["/account/sessions/end", "/account/deletion"])
async def test_a_session_that_is_over_signs_in_first(portal: Portal, path: str) -> None:
    await portal.sign_in()
    fields = {"form_token": await portal.token("/"), "password": PASSWORD}
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
