"""How the pages write times, sizes and rates, in English."""

from datetime import UTC, date, datetime

from portal.domain.password_rule import PasswordRule

_KINDS = {"upper": "a capital letter", "lower": "a small letter", "digit": "a digit", "symbol": "a symbol"}


def duration(milliseconds: int) -> str:
    """`1 min 12 s`; whole seconds, never zero."""
    minutes, seconds = divmod(max(1, round(milliseconds / 1000)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def time_code(milliseconds: int) -> str:
    """`00:01:12`, cut to the second."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def day(moment: date | datetime) -> str:
    """`14 May 2026`."""
    return f"{moment.day} {moment:%B %Y}"


def moment(at: datetime) -> str:
    """`14 May 2026, 09:05 UTC`."""
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def size(count: int) -> str:
    """Bytes in decimal units, as file managers and networks count them."""
    if count < 1000:
        return f"{count} bytes"
    value, unit = float(count), "bytes"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 (the unit reached is the answer)
        value /= 1000
        if value < 999.95:
            break
    return f"{value:.1f} {unit}"


def bit_rate(bits_per_second: int) -> str:
    """`8.0 Mbit/s`, or kbit/s below one."""
    if bits_per_second < 1_000_000:
        return f"{bits_per_second / 1000:.0f} kbit/s"
    return f"{bits_per_second / 1_000_000:.1f} Mbit/s"


def wait(seconds: int) -> str:
    """How long to wait, never shorter than `seconds`."""
    if seconds <= 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes <= 90 else f"{-(-minutes // 60)} hours"


def frame_rate(fraction: str) -> str:
    """Frames per second: `25/1` as `25`, `30000/1001` as `29.97`."""
    frames, _, seconds = fraction.partition("/")
    if not (frames.isdecimal() and seconds.isdecimal() and int(seconds)):
        return fraction
    return f"{int(frames) / int(seconds):.2f}".rstrip("0").rstrip(".")


def words(name: str) -> str:
    """`press_conference` as `Press conference`."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def paragraphs(text: str) -> list[str]:
    """The lines of a text that have words."""
    return [line for line in text.splitlines() if line.strip()]


def in_words(rule: PasswordRule | None) -> str:
    """The hint beside a new password: nothing while identity is away, names that are not known left out."""
    if rule is None:
        return ""
    kinds = [_KINDS[kind] for kind in rule.requires if kind in _KINDS]
    said = f"At least {rule.min_length} characters"
    said += (
        " and no spaces"
        if "space" in rule.refuses
        else ", spaces too"
        if kinds
        else " of any kind, spaces too"
    )
    if kinds:
        said += ", with " + " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
    if "common" in rule.refuses:
        said += ". Common words and your own address hardly count"
    return (
        f"{said}. Long is good: up to {rule.max_length} characters, made by a password manager for example."
    )
