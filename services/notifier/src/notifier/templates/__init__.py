"""What the mails say, one file for each language."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from notifier.domain.mail import LOCALES, Locale


def read_texts() -> Mapping[Locale, Mapping[str, Mapping[str, str]]]:
    """Subject and body by language and kind of mail."""
    return {
        locale: tomllib.loads((files(__name__) / f"{locale}.toml").read_text("utf-8")) for locale in LOCALES
    }
