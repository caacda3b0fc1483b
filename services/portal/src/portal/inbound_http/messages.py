"""What people are told, by the code of a problem: the texts stand in `templates/messages.toml`."""

import tomllib
from pathlib import Path

_TEXTS = tomllib.loads((Path(__file__).parents[1] / "templates" / "messages.toml").read_text("utf-8"))


def reason(code: str) -> str:
    return str(_TEXTS["form"].get(code, _TEXTS["form"]["another"]))


def page(code: str) -> dict[str, str]:
    return dict(_TEXTS["page"].get(code, _TEXTS["page"]["another"]))
