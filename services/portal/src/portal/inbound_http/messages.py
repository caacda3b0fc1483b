"""What people are told, by the code of a problem: the texts stand in `templates/messages.toml`."""

import tomllib
from pathlib import Path

from portal.domain.password_rule import PasswordRule

_TEXTS = tomllib.loads((Path(__file__).parents[1] / "templates" / "messages.toml").read_text("utf-8"))


def reason(code: str, rule: PasswordRule | None = None) -> str:
    """Why a form was refused; what is said of a length needs the `rule`."""
    texts = _TEXTS["form"]
    try:
        return str(texts[code]).format_map({} if rule is None else vars(rule))
    except KeyError:
        return str(texts["another"])


def progress(state: str) -> str:
    return str(_TEXTS["progress"].get(state, _TEXTS["progress"]["queued"]))


def page(code: str) -> dict[str, str]:
    return dict(_TEXTS["page"].get(code, _TEXTS["page"]["another"]))
