"""How the pages write times, sizes and rates, in one language."""

from datetime import UTC, date, datetime

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from portal.domain.password_rule import PasswordRule
from portal.inbound_http.translations import Translatable, translatable, translations

_LOCALES = {"en": "en_GB"}
_KINDS = {
    "upper": translatable("a capital letter"),
    "lower": translatable("a small letter"),
    "digit": translatable("a number"),
    "symbol": translatable("a symbol"),
}
_SIZES = (
    translatable("{value} kB"),
    translatable("{value} MB"),
    translatable("{value} GB"),
    translatable("{value} TB"),
)
# The open lists of the contracts, as far as they are known: a value that came later is shown as it is named.
_NAMES = {
    "press_conference": translatable("Press conference"),
    "doorstep": translatable("Doorstep"),
    "b_roll": translatable("B-roll"),
    "speech": translatable("Speech"),
    "handshake": translatable("Handshake"),
    "feature": translatable("Feature"),
    "broadcast": translatable("Broadcast"),
    "web": translatable("Web"),
    "proxy": translatable("Preview"),
    "verbatim": translatable("Verbatim"),
    "translation": translatable("Translation"),
    "question": translatable("Question"),
    "answer": translatable("Answer"),
    "statement": translatable("Statement"),
    "close_up": translatable("Close-up"),
    "cutaway": translatable("Cutaway"),
    "medium": translatable("Medium shot"),
    "soundbite": translatable("Soundbite"),
    "wide": translatable("Wide shot"),
}


def time_code(milliseconds: int) -> str:
    """`00:01:12`, cut to the second."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def paragraphs(text: str) -> list[str]:
    """The lines of a text that have words."""
    return [line for line in text.splitlines() if line.strip()]


class Formats:
    """Each method is a filter of the templates of that language."""

    def __init__(self, language: str) -> None:
        self._locale = Locale.parse(_LOCALES.get(language, language))
        self._texts = translations(language)

    def _say(self, text: Translatable, **values: object) -> str:
        return self._texts.gettext(text).format_map(values)

    def _count(self, one: str, many: str, count: int) -> str:
        return self._texts.ngettext(one, many, count).format(count=count)

    def duration(self, milliseconds: int) -> str:
        """`1 min 12 s`; whole seconds, never zero."""
        minutes, seconds = divmod(max(1, round(milliseconds / 1000)), 60)
        hours, minutes = divmod(minutes, 60)
        parts = [
            (hours, translatable("{count} h")),
            (minutes, translatable("{count} min")),
            (seconds, translatable("{count} s")),
        ]
        return " ".join(self._say(text, count=count) for count, text in parts if count)

    def day(self, moment: date | datetime) -> str:
        """`14 May 2026`."""
        return format_date(moment, "long", locale=self._locale)

    def moment(self, at: datetime) -> str:
        """`14 May 2026, 09:05 UTC`."""
        return f"{self.day(at)}, {at.astimezone(UTC):%H:%M} UTC"

    def number(self, value: float) -> str:
        """`12,345`."""
        return format_decimal(value, locale=self._locale)

    def size(self, count: int) -> str:
        """Bytes in decimal units, as file managers and networks count them."""
        if count < 1000:
            return self.byte_count(count)
        value, text = float(count), _SIZES[0]
        for text in _SIZES:  # noqa: B007 (the unit reached is the answer)
            value /= 1000
            if value < 999.95:
                break
        return self._say(text, value=self._rounded(value))

    def byte_count(self, count: int) -> str:
        """`1234567 bytes`: digits that can be compared with another list."""
        return self._count("{count} byte", "{count} bytes", count)

    def bit_rate(self, bits_per_second: int) -> str:
        """`8.0 Mbit/s`, or kbit/s below one."""
        if bits_per_second < 1_000_000:
            return self._say(translatable("{value} kbit/s"), value=f"{bits_per_second / 1000:.0f}")
        return self._say(translatable("{value} Mbit/s"), value=self._rounded(bits_per_second / 1_000_000))

    def _rounded(self, value: float) -> str:
        return format_decimal(round(value, 1), format="#,##0.0", locale=self._locale)

    def wait(self, seconds: int) -> str:
        """How long to wait, never shorter than `seconds`."""
        if seconds <= 90:
            return self._count("{count} second", "{count} seconds", seconds)
        minutes = -(-seconds // 60)
        if minutes <= 90:
            return self._count("{count} minute", "{count} minutes", minutes)
        return self._count("{count} hour", "{count} hours", -(-minutes // 60))

    def frame_rate(self, fraction: str) -> str:
        """Frames per second: `25/1` as `25`, `30000/1001` as `29.97`."""
        frames, _, seconds = fraction.partition("/")
        if not (frames.isdecimal() and seconds.isdecimal() and int(seconds)):
            return fraction
        return format_decimal(round(int(frames) / int(seconds), 2), format="0.##", locale=self._locale)

    def words(self, name: str) -> str:
        """`press_conference` as `Press conference`."""
        if name in _NAMES:
            return self._say(_NAMES[name])
        return name.replace("_", " ").replace("-", " ").capitalize()

    def in_words(self, rule: PasswordRule | None) -> str:
        """The hint beside a new password: nothing while identity is away, unknown names are left out."""
        if rule is None:
            return ""
        kinds = format_list(
            [self._say(_KINDS[kind]) for kind in rule.requires if kind in _KINDS], locale=self._locale
        )
        if "space" in rule.refuses:
            text = translatable("Use at least {min_length} characters, without spaces.")
            if kinds:
                text = translatable(
                    "Use at least {min_length} characters, without spaces, including {kinds}."
                )
        else:
            text = translatable("Use at least {min_length} characters of any kind, including spaces.")
            if kinds:
                text = translatable(
                    "Use at least {min_length} characters, including {kinds}. Spaces may be used."
                )
        said = [self._say(text, min_length=rule.min_length, kinds=kinds)]
        if "common" in rule.refuses:
            said.append(self._say(translatable("Common words and your own address are not enough.")))
        long = translatable(
            "A long password is better, such as one made by a password manager: up to {max_length}"
            " characters."
        )
        return " ".join([*said, self._say(long, max_length=rule.max_length)])
