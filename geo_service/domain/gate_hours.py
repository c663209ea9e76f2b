"""Opening hours of a gate as they are written, and whether it is open at a time of day."""

import re
from typing import Final

from geo_service.foundation.errors import InvalidInput

ALWAYS: Final = frozenset(("24/7", "24小时", "全天", "全天开放"))
_DAY_MINUTES: Final = 24 * 60
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_CLOCK: Final = r"(\d{1,2})(?::(\d{2})|[时点](?:(\d{1,2})分?)?)"
_SPAN: Final = re.compile(rf"{_CLOCK}[-–—~～至到]+{_CLOCK}", re.ASCII)
_EVERY_DAY: Final = re.compile(r"^(mo-su|每天|每日|daily)[:,，]?", re.IGNORECASE)


def time_of_day(given: str | None) -> str | None:
    """Return a time of day as ``HH:MM``, None for None; InvalidInput ``time_of_day`` for anything but 0:00–23:59."""
    if given is None:
        return None
    found = _TIME.fullmatch(given.strip())
    if found is None:
        raise InvalidInput("time_of_day", given=given[:20])
    return f"{int(found[1]):02d}:{found[2]}"


def is_open(hours: str | None, at: str) -> bool | None:
    """Return whether a gate with ``hours`` is open at ``at`` (HH:MM), None where the hours cannot be read.

    Read are the words of :data:`ALWAYS`, nothing at all (always open) and spans of time for every day, such as
    ``06:00-22:00``, ``06:00-09:00, 17:00-19:00``, ``22:00-05:00`` (over midnight), ``每日6时至22时``; a span begins
    with its first minute and ends before its last. Hours by weekday are not read: a time of day names no day.
    """
    written = "".join((hours or "").split()).replace("：", ":")
    if not written or written in ALWAYS:
        return True
    spans = [_span(part) for part in re.split(r"[,，、;；]", _EVERY_DAY.sub("", written)) if part]
    if not spans or None in spans:
        return None
    hour, minute = at.split(":")
    now = 60 * int(hour) + int(minute)
    return any(_holds(start, end, now) for start, end in (span for span in spans if span is not None))


def _span(written: str) -> tuple[int, int] | None:
    """Return first and last minute of a written span, None for anything else."""
    found = _SPAN.fullmatch(written)
    if found is None:
        return None
    start, end = _minute(*found.group(1, 2, 3)), _minute(*found.group(4, 5, 6))
    if start is None or end is None or start in (end, _DAY_MINUTES):
        return None
    return start, end


def _minute(hour: str, minute: str | None, spoken: str | None) -> int | None:
    """Return the minute of the day, None where there is none such; 24:00 is the end of the day."""
    past = int(minute or spoken or 0)
    whole = 60 * int(hour) + past
    return whole if past < 60 and whole <= _DAY_MINUTES else None


def _holds(start: int, end: int, now: int) -> bool:
    return start <= now < end if start < end else now >= start or now < end
