"""Generated files are what the models and the table say; the page needs nothing from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path

from newsreel_contracts.__main__ import main
from newsreel_contracts.generated import CHECKOUT, generated, outdated, write
from newsreel_events import EVENTS, TOPICS

MADE = generated()
LOADING = {"src", "srcset", "href", "action", "data", "poster"}


class Loads(HTMLParser):
    """What a page loads or links to, and the scripts in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {str(value) for name, value in attrs if name in LOADING}
        self.found |= {tag} & {"script", "iframe"}


def test_committed_files_are_fresh() -> None:
    assert outdated(MADE, CHECKOUT) == {}


def test_a_stale_or_missing_file_is_noticed_and_mended(tmp_path: Path) -> None:
    write(MADE, tmp_path)
    (tmp_path / "docs/flow.md").write_text("by hand")
    (tmp_path / "docs/asyncapi/identity.json").unlink()
    stale = outdated(MADE, tmp_path)
    assert set(map(str, stale)) == {"docs/flow.md", "docs/asyncapi/identity.json"}
    write(stale, tmp_path)
    assert outdated(MADE, tmp_path) == {}


def test_no_file_of_a_type_that_is_gone_is_left() -> None:
    for folder in ("shared/events/schemas", "docs/asyncapi"):
        there = {path.relative_to(CHECKOUT) for path in (CHECKOUT / folder).iterdir()}
        assert there <= MADE.keys()


def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    assert main(["--html", str(tmp_path)]) == 0
    text = (tmp_path / "index.html").read_text()
    for name in [*EVENTS, *(topic.name for topic in TOPICS)]:
        assert f'id="{name}"' in text
    links = [link for link in Loads(text).found if not link.startswith("#")]
    assert links
    assert all((tmp_path / link).exists() for link in links)
    assert "url(" not in text
    assert "@import" not in text


def test_the_page_is_not_committed() -> None:
    assert not [path for path in MADE if path.suffix == ".html"]


def test_a_page_that_loads_something_is_seen() -> None:
    assert Loads('<script src="https://cdn.example.org/x.js"></script>').found == {
        "script",
        "https://cdn.example.org/x.js",
    }
