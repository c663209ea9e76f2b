"""The log: one JSON line per event on stderr, without anything a person wrote or is called.

An exception is logged as its classes and the places it passed, never with its message: messages of databases,
parsers and libraries quote the values they stumbled over. What was sent is found by the request id with the asker.
"""

import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final, Literal

import structlog

Level = Literal["debug", "info", "warning", "error"]
_PACKAGE: Final = Path(__file__).resolve().parents[1]
_PLACES_KEPT: Final = 15
_CAUSES_KEPT: Final = 5


def configure(level: Level = "info") -> None:
    """Write our own events and those of the libraries to stderr, from ``level`` on."""
    _configure_events(level)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_LibraryLine())
    handler.addFilter(_concerns_us)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.raiseExceptions = False  # a line that cannot be written must not print its values instead
    logging.captureWarnings(True)


def ensure(level: Level = "info") -> None:
    """Write our own events as :func:`configure` does where nobody has said how; structlog's own way prints values."""
    if not structlog.is_configured():
        _configure_events(level)


def _configure_events(level: Level) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_messages,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_Stderr,
    )


def told(error: BaseException) -> dict[str, Any]:
    """Return classes, codes of ours, and places of an exception and its causes."""
    chain: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < _CAUSES_KEPT:
        one: dict[str, Any] = {"class": f"{type(seen).__module__}.{type(seen).__qualname__}"}
        code = getattr(seen, "code", None)
        if type(seen).__module__.startswith("geo_service.") and isinstance(code, str):
            one["code"] = code
        frames = extract_tb(seen.__traceback__)[-_PLACES_KEPT:]
        one["places"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        chain.append(one)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return {"error": chain[0]["class"], "chain": chain}


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(_PACKAGE):
        return str(path.relative_to(_PACKAGE))
    return "/".join(path.parts[-2:])


def _without_messages(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put :func:`told` in place of an exception."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if error is None and given:
        error = sys.exc_info()[1]
    if error is not None:
        event.update(told(error))
    return event


class _Stderr:
    """Writes lines to what stderr is now; a log that cannot be written must not fail what it tells of."""

    _lock: Final = threading.Lock()

    def __init__(self, *_: object) -> None:
        """Take the names structlog gives loggers."""

    def msg(self, line: str) -> None:
        """Write one line."""
        with self._lock, suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    debug = info = warning = error = critical = exception = log = msg


class _LibraryLine(logging.Formatter):
    """Which library said something where; its words may quote values, only the server's own are known not to."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON line."""
        line: dict[str, Any] = {
            "event": "library",
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "place": f"{_short(record.pathname)}:{record.lineno}",
        }
        if record.name.startswith("uvicorn"):
            line["message"] = str(record.msg).partition("\n")[0][:200]
        elif record.name == "py.warnings":
            line["message"] = _category(record)
        if record.exc_info and record.exc_info[1] is not None:
            line.update(told(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False)


def _concerns_us(record: logging.LogRecord) -> bool:
    """Leave out what libraries tell each other's authors about names that will go away."""
    return record.name != "py.warnings" or "DeprecationWarning" not in _category(record)


def _category(record: logging.LogRecord) -> str:
    """Return which warning it is and where it stands; its words may quote values."""
    words = str(record.args[0] if isinstance(record.args, tuple) and record.args else record.msg).split(":")
    return ":".join(_short(part) if "/" in part else part for part in words[:3]).strip()[:200]
