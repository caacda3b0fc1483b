"""The newsletter: one press when signed in, sign in and one press when not."""

import pytest

from newsreel_testing.portal import Portal
from newsreel_testing.portal_backends import ADDRESS, PASSWORD
from newsreel_testing.portal_catalog import VIDEO


@pytest.mark.parametrize("page", ["/", f"/videos/{VIDEO}", "/newsletter"])
async def test_one_press_and_the_same_page_confirms(portal: Portal, page: str) -> None:
    await portal.sign_in()
    pressed = await portal.post("/newsletter", page, wanted="yes", return_to=page)
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"{page}#newsletter")
    assert portal.identity.newsletter == {ADDRESS}
    confirmed = (await portal.get(page)).text
    assert "You are subscribed to the newsletter." in confirmed
    assert "Unsubscribe" in confirmed
    await portal.post("/newsletter", page, wanted="no", return_to=page)
    assert portal.identity.newsletter == set()
    assert "You are unsubscribed" in (await portal.get(page)).text


async def test_signed_out_one_signs_in_and_then_presses(portal: Portal) -> None:
    portal.identity.account()
    pressed = await portal.post("/newsletter", "/", wanted="yes", return_to="/")
    assert pressed.headers["location"] == "/sign-in"
    assert "to confirm the newsletter" in (await portal.get("/sign-in")).text
    back = await portal.post("/sign-in", address=ADDRESS, password=PASSWORD)
    assert back.headers["location"] == "/newsletter"
    assert portal.identity.newsletter == set()
    assert "Subscribe to the newsletter" in (await portal.get("/newsletter")).text


async def test_a_dead_session_signs_in_again(portal: Portal) -> None:
    await portal.sign_in()
    token = await portal.token("/")
    portal.identity.sessions.clear()
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
