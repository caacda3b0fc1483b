"""When the newsletter goes out: `daily 06:00 Europe/Brussels`, `monday 06:00 Europe/Brussels`, or `never`."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TEXT = re.compile(r"(?P<day>[a-z]+) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d) (?P<zone>[A-Za-z0-9_+/-]+)")


@dataclass(frozen=True)
class Schedule:
    """A time of every day, or of one day of the week (0 is Monday), by the clocks of `zone`."""

    at: time
    zone: ZoneInfo
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Schedule | None":
        """None for `never`. Raises `ValueError` that says what is expected."""
        if text == "never":
            return None
        found = _TEXT.fullmatch(text)
        if found is None or found["day"] not in {"daily", *_DAYS}:
            raise ValueError("is `daily HH:MM <zone>`, `<day of the week> HH:MM <zone>`, or `never`")
        try:
            zone = ZoneInfo(found["zone"])
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{found['zone']} is no time zone of the IANA database") from None
        weekday = None if found["day"] == "daily" else _DAYS.index(found["day"])
        return cls(time(int(found["hour"]), int(found["minute"])), zone, weekday)

    def day(self, at: datetime) -> date:
        """Which day it is where the newsletter is made."""
        return at.astimezone(self.zone).date()

    def latest(self, at: datetime) -> datetime:
        """The slot that came last, in UTC; `at` itself if it is one."""
        return max(slot for slot in self._around(at) if slot <= at)

    def next(self, at: datetime) -> datetime:
        """The slot that comes next, in UTC."""
        return min(slot for slot in self._around(at) if slot > at)

    def _around(self, at: datetime) -> list[datetime]:
        """A time that the clocks skip or repeat in spring or autumn is the first that they could mean."""
        days = (self.day(at) + timedelta(days=offset) for offset in range(-8, 9))
        return [
            datetime.combine(day, self.at, self.zone).astimezone(UTC)
            for day in days
            if self.weekday in {None, day.weekday()}
        ]
