"""Pages on which a password is chosen show the rule that identity applies: P6, and the words of P1."""

from collections.abc import AsyncIterator

import pytest

from identity.domain.password import POLICIES, Policy
from newsreel_testing.databases import Databases
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal, open_portal
from newsreel_testing.portal_services import Services, open_services

# As a manager makes it: 128 characters, of every kind.
MADE = ("aZ3!kQ9#vT6%" * 11)[:128]
WORDS = {
    "portal": "Use at least 12 characters, without spaces, including a capital letter, a small letter,"
    " a number and a symbol. ",
    "nist": "Use at least 15 characters of any kind, including spaces. ",
}


@pytest.fixture(scope="module", params=POLICIES)
async def by_profile(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Services, Policy]]:
    """The services, with identity under one of the profiles."""
    policy = POLICIES[request.param]
    async with open_services(databases, tmp_path_factory.mktemp("media"), policy) as opened:
        yield opened, policy


async def forgotten(portal: Portal) -> None:
    """Forget the password, up to the form for the new one."""
    await portal.post("/forgot", address=portal.address)
    await portal.post("/forgot/code", code=await portal.code())


async def test_p1_every_form_says_the_rule_and_refuses_in_its_words(
    by_profile: tuple[Services, Policy],
) -> None:
    services, policy = by_profile
    async with open_portal(services) as portal:
        await portal.sign_in()
        await forgotten(portal)
        short = "Kx7#vQ2!mP9z-4tW"[: policy.min_length - 1]
        for path, field in (
            ("/register", "password"),
            ("/account/password", "new_password"),
            ("/forgot/password", "password"),
        ):
            hint = Html.of((await portal.get(path)).text).by_id(f"{field}-hint").text
            assert hint.startswith(WORDS[policy.profile])
            typed = {"address": portal.address, "password": PASSWORD} | {field: short}
            refused = Html.of((await portal.post(path, **typed)).text)
            reasons = refused.by_id(f"{field}-errors").text.strip()
            assert reasons == f"Use at least {policy.min_length} characters."
            assert refused.by_id(f"{field}-hint").text == hint


async def test_p6_a_password_manager_sees_what_to_fill_in_and_what_it_makes_is_taken(
    by_profile: tuple[Services, Policy],
) -> None:
    services, policy = by_profile
    async with open_portal(services) as portal:
        await portal.register_account()
        await forgotten(portal)
        page = Html.of((await portal.get("/forgot/password")).text)
        fields = {element.get("autocomplete"): element for element in page.all("input")}
        assert fields["username"].get("value") == portal.address
        entry = fields["new-password"]
        # A maxlength cuts what is pasted, unseen; a rule of the browser's would be a second one.
        assert not {"maxlength", "minlength", "pattern", "onpaste", "readonly"} & set(entry.attributes)
        password = MADE if policy.profile == "portal" else f" {MADE[:126]} "
        assert (await portal.post("/forgot/password", password=password)).status_code == 303
        back = await portal.post("/sign-in", address=portal.address, password=password)
        assert back.status_code == 303


async def test_without_identity_the_form_stands_without_the_rule(portal: Portal) -> None:
    portal.identity.away = True
    page = Html.of((await portal.get("/register")).text)
    assert page.by_id("password").get("aria-describedby") == ""
