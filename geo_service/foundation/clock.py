"""Time: stored in UTC ISO-8601, dates and deadlines in the office's zone, always through an injected clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return now as an aware UTC datetime."""
    return datetime.now(UTC)


def fixed_clock(moment: datetime) -> Clock:
    """Return a clock that always says ``moment`` (must be aware)."""
    if moment.tzinfo is None:
        raise ValueError("a clock needs an aware datetime")
    return lambda: moment.astimezone(UTC)


def to_iso(moment: datetime) -> str:
    """Return ``moment`` as UTC ISO-8601 with milliseconds and ``Z``, the form that is stored."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def from_iso(stored: str) -> datetime:
    """Return the aware UTC datetime of a stored moment."""
    return datetime.fromisoformat(stored).astimezone(UTC)


def local_date(moment: datetime, zone: str = "Asia/Shanghai") -> date:
    """Return the calendar date of ``moment`` in the office's ``zone``."""
    return moment.astimezone(ZoneInfo(zone)).date()
