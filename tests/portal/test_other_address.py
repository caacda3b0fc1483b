"""Have another address: the password, a code that is mailed there, and on in the same browser."""

import pytest

from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.portal import Portal

FORM, CODE = "/account/address", "/account/address/code"


async def asked(portal: Portal, address: str) -> None:
    sent = await portal.post(FORM, password=PASSWORD, address=address)
    assert (sent.status_code, sent.headers["location"]) == (303, CODE)


async def test_the_code_changes_the_address_and_goes_on_here(portal: Portal) -> None:
    await portal.sign_in()
    before, new = portal.cookies()["newsreel"], f"new.{portal.address}"
    assert f'href="{FORM}"' in (await portal.get("/account")).text
    await asked(portal, new)
    page = (await portal.get(CODE)).text
    assert new in page
    assert f'data-from="{CODE}/progress"' in page
    assert (await portal.get(f"{CODE}/progress")).json()["state"] == "queued"
    assert "to confirm your new address" in (await portal.get("/")).text
    form = await portal.form(CODE) | {"code": await portal.code(new)}
    changed = await portal.send(CODE, form)
    assert (changed.status_code, changed.headers["location"]) == (303, "/account")
    account = (await portal.get("/account")).text
    assert "Your account has its new address." in account
    assert new in account
    assert not await portal.lives(before)
    assert await portal.lives(portal.cookies()["newsreel"])
    again = await portal.send(CODE, form)  # gone back, and pressed once more
    assert (again.status_code, again.headers["location"]) == (303, "/account")
    assert (await portal.get(CODE)).headers["location"] == "/account"
    assert (await portal.get("/account/export")).json()["address"] == new


@pytest.mark.parametrize(
    ("password", "address", "words"),
    [
        ("", "new@example.org", "Enter a password."),
        (PASSWORD, "", "Enter your e-mail address."),
        ("Wrong-Horse-77", "new@example.org", "This is not the password of your account."),
        (PASSWORD, "new@", "Enter one e-mail address, like name@example.org."),
        (PASSWORD, "{own}", "Your account already has this address."),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(
    portal: Portal, password: str, address: str, words: str
) -> None:
    await portal.sign_in()
    refused = await portal.post(FORM, password=password, address=address.format(own=portal.address))
    assert refused.status_code == 422
    assert words in refused.text
    assert "Horse" not in refused.text
    assert await portal.codes("new@example.org") == []


async def test_e2_an_address_with_an_account_has_the_same_page(portal: Portal) -> None:
    await portal.sign_in()
    taken = f"owner.{portal.address}"
    own, portal.address = portal.address, taken
    await portal.register_account()
    portal.address = own
    await asked(portal, taken)
    assert taken in (await portal.get(CODE)).text
    assert (await portal.get(f"{CODE}/progress")).json()["state"] == "queued"
    refused = await portal.post(CODE, code="12345678")
    assert refused.status_code == 422
    assert "The code is wrong or has expired" in refused.text


async def test_signed_out_in_between_the_code_waits_for_who_signs_in_again(portal: Portal) -> None:
    await portal.sign_in()
    new = f"new.{portal.address}"
    await asked(portal, new)
    await portal.end_sessions()
    first = await portal.post(CODE, code=await portal.code(new))
    assert (first.status_code, first.headers["location"]) == (303, "/sign-in")
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert back.headers["location"] == "/account"
    assert f'href="{CODE}"' in (await portal.get("/account")).text
    changed = await portal.post(CODE, code=await portal.code(new))
    assert (changed.status_code, changed.headers["location"]) == (303, "/account")


async def test_a_new_code_is_sent_and_the_first_one_works_on(portal: Portal) -> None:
    await portal.sign_in()
    own, new = portal.address, f"new.{portal.address}"
    await asked(portal, new)
    first = await portal.code(new)
    portal.address = new
    await portal.pause("address")
    portal.address = own
    renewed = await portal.post(f"{CODE}/new", CODE)
    assert (renewed.status_code, renewed.headers["location"]) == (303, CODE)
    assert "A new code is on its way." in (await portal.get(CODE)).text
    assert len(await portal.codes(new)) == 2
    assert (await portal.post(CODE, code=first)).status_code == 303


async def test_without_a_request_the_page_leads_on(portal: Portal) -> None:
    await portal.sign_in()
    page = await portal.get(CODE)
    assert page.status_code == 410
    assert f'href="{FORM}"' in page.text


async def test_five_wrong_codes_end_the_request(portal: Portal) -> None:
    await portal.sign_in()
    new = f"new.{portal.address}"
    await asked(portal, new)
    right = await portal.code(new)
    form = await portal.form(CODE) | {"code": f"{(int(right) + 1) % 10**8:08}"}
    answers = [(await portal.send(CODE, form)).status_code for _ in range(6)]
    assert answers == [422] * 5 + [410]


async def test_without_a_session_one_signs_in_first(portal: Portal) -> None:
    await portal.sign_in()
    token = await portal.token("/")
    await portal.end_sessions()
    assert (await portal.get(FORM)).headers["location"] == "/sign-in"
    sent = await portal.send(FORM, {"form_token": token, "password": PASSWORD, "address": "new@example.org"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")


async def test_without_identity_nothing_is_lost(portal: Portal) -> None:
    await portal.sign_in()
    new = f"new.{portal.address}"
    await asked(portal, new)
    form = await portal.form(CODE) | {"code": await portal.code(new)}
    portal.identity.away = True
    assert (await portal.send(CODE, form)).status_code == 503
    portal.identity.away = False
    assert (await portal.send(CODE, form)).status_code == 303
