"""`newsreel keys`: a rotation in three steps, on a ring and on a JWK Set."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from identity.commands.key_file import KeyFileError, take_step
from identity.domain.access_token import TokenSigner
from newsreel_runtime.keyring import KeyRing


def ids(text: str) -> list[str]:
    if text.startswith("{"):
        return [key["kid"] for key in TokenSigner(lambda: text, "x").public_jwks]
    ring = KeyRing.parse(text)
    return [kid for kid in ("0", "k1", "k2", "k3") if ring.get(kid) is not None]


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    path = tmp_path / "newsreel_code_keys"
    path.write_text(f"k2:{'ab' * 32}\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def jwk(tmp_path: Path) -> Path:
    key = OKPKey.generate_key("Ed25519", private=True)
    path = tmp_path / "newsreel_identity_signing_key"
    path.write_text(json.dumps(key.as_dict(private=True)))
    return path


def test_a_ring_goes_from_one_key_to_another(ring: Path) -> None:
    old = KeyRing.parse(ring.read_text().strip()).current[1]
    assert take_step(ring, "add").startswith("add: k3; when every service")
    known = KeyRing.parse(ring.read_text().strip())
    assert (known.current[0], known.get("k3") is not None) == ("k2", True)
    take_step(ring, "use")
    used = KeyRing.parse(ring.read_text().strip())
    assert (used.current[0], used.get("k2")) == ("k3", old)
    assert take_step(ring, "withdraw").startswith("withdraw: k2; ")
    assert ids(ring.read_text().strip()) == ["k3"]
    assert ring.stat().st_mode & 0o777 == 0o640


def test_a_key_without_an_id_gets_company(tmp_path: Path) -> None:
    (path := tmp_path / "newsreel_portal_signing_key").write_text("cd" * 32)
    take_step(path, "add")
    assert path.read_text().startswith(f"0:{'cd' * 32},k1:")


def test_a_signing_key_becomes_a_set_and_one_key_again(jwk: Path) -> None:
    (first,) = ids(jwk.read_text())
    said = take_step(jwk, "add")
    old, new = ids(jwk.read_text())
    assert old == first
    assert said.startswith(f"add: {new}; ")
    take_step(jwk, "use")
    assert ids(jwk.read_text()) == [new, first]
    take_step(jwk, "withdraw")
    assert ids(jwk.read_text()) == [new]


@pytest.mark.parametrize("step", ["use", "withdraw"])
def test_the_last_key_stays(ring: Path, jwk: Path, step: str) -> None:
    for path in (ring, jwk):
        before = path.read_text()
        with pytest.raises(KeyFileError, match="`add` comes first"):
            take_step(path, step)
        assert path.read_text() == before


@pytest.mark.parametrize("text", ["", "k1:zz", "{}", '{"keys": []}', "k1", f"k1:{'ab' * 32},k1:{'cd' * 32}"])
def test_another_file_is_left_alone(tmp_path: Path, text: str) -> None:
    (path := tmp_path / "file").write_text(text)
    with pytest.raises(KeyFileError, match="no key ring") as refusal:
        take_step(path, "add")
    assert path.read_text() == text
    assert "abab" not in str(refusal.value)
