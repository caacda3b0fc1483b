"""The portal's signing keys: a new one ends no open form and no request for a code."""

from newsreel_runtime.keyring import KeyRing
from portal.domain.flow import Flow
from portal.inbound_http.signatures import Signatures

OLD, NEW = ("k1", b"a" * 32), ("k2", b"b" * 32)


def signatures(*keys: tuple[str, bytes]) -> Signatures:
    return Signatures(KeyRing(dict(keys)))


def test_a_new_key_signs_and_the_old_one_still_counts() -> None:
    before, during, after = signatures(OLD), signatures(NEW, OLD), signatures(NEW)
    form, flow = before.form_token("browser"), before.seal("browser", Flow(address="ada@example.org"))
    assert during.form_token_holds("browser", form)
    assert during.unseal("browser", flow).address == "ada@example.org"
    assert not after.form_token_holds("browser", form)
    assert after.unseal("browser", flow) == Flow()
    assert after.form_token_holds("browser", during.form_token("browser"))
    assert not before.form_token_holds("browser", during.form_token("browser"))


def test_a_request_for_a_code_stays_this_browsers_until_the_old_key_goes() -> None:
    before, during, after = signatures(OLD), signatures(NEW, OLD), signatures(NEW)
    assert before.challenge_secret("browser") == during.challenge_secret("browser")
    assert during.challenge_secret("browser") != after.challenge_secret("browser")


def test_a_key_without_an_id_is_the_same_key_with_one() -> None:
    bare, named = KeyRing.parse("ab" * 32), KeyRing.parse(f"k2:{'cd' * 32},k1:{'ab' * 32}")
    assert Signatures(named).form_token_holds("browser", Signatures(bare).form_token("browser"))
