"""M4: where the links in mails lead is the office's setting, whatever a request says of hosts."""

import re

import pytest

from newsreel_events.identity import ResetCodeRequestedV1, SignupCodeRequestedV1
from newsreel_runtime.clock import now
from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.portal import Portal
from notifier.domain.mime import MailTemplates
from notifier.inbound_kafka import request_of
from notifier.templates import read_texts

EVIL = "evil.example"
FORGED = [
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "444"},
    {"Forwarded": f"for={EVIL};host={EVIL};proto=https"},
    {"X-Original-URL": f"//{EVIL}/", "X-Rewrite-URL": f"//{EVIL}/", "X-Forwarded-Prefix": f"//{EVIL}"},
    {"Referer": f"https://{EVIL}/", "X-Host": EVIL, "X-HTTP-Host-Override": EVIL},
]


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("path", ["/register", "/forgot"])
async def test_m4_a_forged_host_is_in_no_mail(portal: Portal, path: str, forged: dict[str, str]) -> None:
    await portal.register_account()
    address = portal.address if path == "/forgot" else f"new.{portal.address}"
    form = await portal.form(path) | {"address": address, "password": PASSWORD}
    answer = await portal.browser.post(path, data=form, headers={"Origin": portal.origin} | forged)
    assert EVIL not in str(answer.headers)
    wanted = ResetCodeRequestedV1 if path == "/forgot" else SignupCodeRequestedV1
    rows = await portal.services.identity.outbox("identity.code.v1")
    [data] = [row.data for row in rows if row.data["address"] == address and row.type == wanted.type]
    assert EVIL not in str(data)
    mail = a_mail(request_of(wanted.model_validate(data)))
    raw = MailTemplates(read_texts(), SENDER, PORTAL).fill_in(mail, "04081234", now())
    assert set(re.findall(rb"https?://[^/]*", raw)) == {PORTAL.encode()}
