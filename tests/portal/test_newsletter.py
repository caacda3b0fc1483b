"""The newsletter: one press when signed in, sign in and one press when not."""

import pytest

from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import VIDEO


@pytest.mark.parametrize("page", ["/", f"/videos/{VIDEO}", "/newsletter"])
async def test_one_press_and_the_same_page_confirms(portal: Portal, page: str) -> None:
    await portal.sign_in()
    pressed = await portal.post("/newsletter", page, wanted="yes", return_to=page)
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"{page}#newsletter")
    assert await portal.subscribed()
    confirmed = (await portal.get(page)).text
    assert "You are subscribed to the newsletter." in confirmed
    assert "Unsubscribe" in confirmed
    await portal.post("/newsletter", page, wanted="no", return_to=page)
    assert not await portal.subscribed()
    assert "You are unsubscribed" in (await portal.get(page)).text


async def test_signed_out_one_signs_in_and_then_presses(portal: Portal) -> None:
    await portal.register_account()
    pressed = await portal.post("/newsletter", "/", wanted="yes", return_to="/")
    assert pressed.headers["location"] == "/sign-in"
    assert "Sign in to confirm the newsletter" in (await portal.get("/sign-in")).text
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == "/newsletter"
    assert not await portal.subscribed()
    assert "Subscribe to the newsletter" in (await portal.get("/newsletter")).text


async def test_a_dead_session_signs_in_again(portal: Portal) -> None:
    await portal.sign_in()
    token = await portal.token("/")
    await portal.end_sessions()
    fields = {"form_token": token, "wanted": "yes", "return_to": "/"}
    pressed = await portal.browser.post("/newsletter", data=fields, headers={"Origin": portal.origin})
    assert pressed.headers["location"] == "/sign-in"
    assert (await portal.get("/newsletter")).headers["location"] == "/sign-in"


@pytest.mark.parametrize("wanted", ["", "maybe", "yes" * 100, "\0", "\ufffd"])
async def test_another_choice_is_the_form_again(portal: Portal, wanted: str) -> None:
    await portal.sign_in()
    answer = await portal.post("/newsletter", "/", wanted=wanted, return_to="/")
    assert answer.status_code == 422
    assert "Press the button" in answer.text
