"""The bodies of requests: how long, how slow and of which type they may be, and JSON without traps.

A body is read whole before a route is called, so that a slow client holds no thread and no transaction.
"""

import asyncio
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from geo_service.api.errors import BodyTooLarge, Busy, MediaTypeRefused, TooSlow
from geo_service.domain.values import shown
from geo_service.foundation.errors import InvalidInput

DEEPEST_JSON: Final = 32
LONGEST_NUMBER: Final = 40  # characters; 64-bit integers and doubles written in full need less
_HELD_AT_MOST_BYTES: Final = 256 * 1024 * 1024
_SMALL_BYTES: Final = 64 * 1024
_PARSED_AT_ONCE_BYTES: Final = 64 * 1024  # longer ones are parsed beside the event loop
_STRINGS: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)  # one that is left open, too: never looks twice
_BRACKETS: Final = re.compile(rb"[\[\]{}]")
_RISKY_ESCAPE: Final = re.compile(rb"\\u(?:d[89a-f]|0000)", re.IGNORECASE)
_JSON_TYPES: Final = frozenset({"application/json", "application/geo+json", "application/merge-patch+json"})
_IMAGE_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})


@dataclass(frozen=True)
class BodyKind:
    """What a route takes: types, length, and how long the whole body may take to arrive."""

    media_types: frozenset[str]
    limit_bytes: int
    within_s: float

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON."""
        return self.media_types is _JSON_TYPES


JSON: Final = BodyKind(_JSON_TYPES, 2 * 1024 * 1024, 30.0)
PHOTO: Final = BodyKind(_IMAGE_TYPES, 20 * 1024 * 1024, 120.0)
_KINDS: Final = {("POST", "/api/photos"): PHOTO}


def kind_of(method: str, path: str) -> BodyKind:
    """Return what the route takes; JSON unless it is listed."""
    return _KINDS.get((method, path), JSON)


def check_announced(kind: BodyKind, headers: Headers) -> None:
    """Refuse by its headers a body that would be refused anyway.

    Raises MediaTypeRefused ``json_only``, ``image_only``, ``encoding_refused``; BodyTooLarge ``body_too_large``.
    """
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > kind.limit_bytes:
        raise BodyTooLarge("body_too_large", limit_bytes=kind.limit_bytes)
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise MediaTypeRefused("encoding_refused", given=shown(encoding))
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_empty = length in ("", "0") and "transfer-encoding" not in headers
    if given not in kind.media_types and (given or not is_empty):
        if kind.is_json:
            raise MediaTypeRefused("json_only", given=shown(given))
        raise MediaTypeRefused("image_only", given=shown(given))


class Held:
    """How many bytes of large bodies this process holds: more than it may hold is refused until others are done.

    One address may hold a quarter of it. What every body begins with is not counted: small ones, a sign-in among
    them, are taken in however many large ones are on their way (connections are limited elsewhere).
    """

    def __init__(self, limit_bytes: int = _HELD_AT_MOST_BYTES) -> None:
        self._limit = limit_bytes
        self._held: Counter[str] = Counter()

    @contextmanager
    def room(self, address: str = "") -> "Iterator[Room]":
        """Yield room for one body from ``address``, given back when the block is left."""
        room = Room(self, address)
        try:
            yield room
        finally:
            self._held[address] -= room.counted
            if self._held[address] <= 0:
                del self._held[address]

    def take(self, address: str, more: int) -> None:
        """Count bytes; Busy ``server_busy`` where they do not fit."""
        if self._held.total() + more > self._limit or self._held[address] + more > self._limit // 4:
            raise Busy("server_busy")
        self._held[address] += more


class Room:
    """The bytes one request holds."""

    def __init__(self, held: Held, address: str) -> None:
        self._held = held
        self._address = address
        self.bytes = 0
        self.counted = 0

    def grow(self, more: int) -> None:
        """Hold ``more`` bytes."""
        counted = max(self.bytes + more - _SMALL_BYTES, 0)
        self._held.take(self._address, counted - self.counted)
        self.bytes, self.counted = self.bytes + more, counted


async def read_body(receive: Receive, kind: BodyKind, room: Room, within_s: float | None = None) -> bytes:
    """Return the whole body.

    Raises BodyTooLarge ``body_too_large``, TooSlow ``body_too_slow``, Busy ``server_busy``, ClientDisconnect.
    """
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(within_s if within_s is not None else kind.within_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                part = message.get("body", b"")
                if room.bytes + len(part) > kind.limit_bytes:
                    raise BodyTooLarge("body_too_large", limit_bytes=kind.limit_bytes)
                room.grow(len(part))
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise TooSlow("body_too_slow") from None


_parsers: Final = CapacityLimiter(2)


async def read_json(body: bytes) -> Any:
    """Return what :func:`parse_json` does, long bodies beside the event loop."""
    if len(body) <= _PARSED_AT_ONCE_BYTES:
        return parse_json(body)
    return await to_thread.run_sync(parse_json, body, limiter=_parsers)


def parse_json(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises InvalidInput ``json_invalid`` (also NaN and infinities), ``json_too_deep``, ``json_number``,
    ``json_key_twice``, ``json_text``.
    """
    if _deepest(body) > DEEPEST_JSON:
        raise InvalidInput("json_too_deep", deepest=DEEPEST_JSON)
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_real,
        )
    except (ValueError, RecursionError):
        raise InvalidInput("json_invalid") from None
    if _RISKY_ESCAPE.search(body):
        _check_texts(value)
    return value


def _deepest(body: bytes) -> int:
    """Return how deep brackets nest, at most one more than is allowed."""
    deep = deepest = 0
    for found in _BRACKETS.finditer(_STRINGS.sub(b"", body)):
        deep += 1 if found[0] in b"[{" else -1
        deepest = max(deepest, deep)
        if deepest > DEEPEST_JSON:
            break
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidInput("json_key_twice")
    return value


def _constant(name: str) -> None:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise InvalidInput("json_number", longest=LONGEST_NUMBER)
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits) if len(digits) <= LONGEST_NUMBER else math.inf
    if not math.isfinite(number):
        raise InvalidInput("json_number", longest=LONGEST_NUMBER)
    return number


def _check_texts(value: Any) -> None:
    """Refuse texts no store and no file can hold: with U+0000 or half a surrogate pair."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in one):
                raise InvalidInput("json_text")
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
