"""The checks of pages reject what they are there for."""

import pytest

from newsreel_testing.page_checks import faults

SOUND = (
    '<!doctype html><html lang="en"><head><title>t</title></head><body><header></header><main>'
    "<h1>One</h1>{}</main><footer></footer></body></html>"
)


def test_a_sound_page_has_no_fault() -> None:
    assert faults(SOUND.format('<label for="a">A</label><input id="a" name="a">')) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<input name="a">',
        "<h1>Two</h1>",
        "<h3>Skipped</h3>",
        "<script>1</script>",
        '<script type="module">1</script>',
        '<script src="https://elsewhere.test/x.js"></script>',
        '<p style="color: red">x</p>',
        '<p onclick="x()">x</p>',
        '<a href="javascript:x()">x</a>',
        '<a href="#nowhere">x</a>',
        '<a href="/"></a>',
        "<img src=x>",
        '<form method="post"></form>',
        '<form method="get" action="/a"><input type="hidden" name="form_token" value="x"></form>',
        '<form method="get" action="/a"></form><form method="post" action="/b"></form>',
        '<p id="x">1</p><p id="x">2</p>',
        '<p aria-describedby="nothing">x</p>',
        "<p><b>x</p></b>",
        '<p class="x"title="y">x</p>',
        "<p>To <strong>a@example.org</strong>.It works.</p>",
    ],
)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert faults(SOUND.format(planted)) != []
