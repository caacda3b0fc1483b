"""The page of attacks is what the tests' names say."""

from pathlib import Path

from newsreel_testing.attacks import ATTACKS, TESTS, holders, page


def test_the_page_is_made_of_the_tests() -> None:
    shown = (TESTS.parent / "docs" / "security" / "attacks.md").read_text("utf-8")
    assert shown == page(holders()), "python -m newsreel_testing.attacks > docs/security/attacks.md"


def test_every_attack_is_held_by_a_test() -> None:
    assert set(holders()) == set(ATTACKS)


def test_an_attack_without_a_test_is_seen(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("async def test_c1_c10_both(): ...\ndef test_cold(): ...\n")
    held = holders(tmp_path)
    assert held == {"C1": ["test_some.py::test_c1_c10_both"], "C10": ["test_some.py::test_c1_c10_both"]}
    assert "| C2 | Guessing goes on" in page(held)
    assert page(held).count("not held yet") == len(ATTACKS) - 2
