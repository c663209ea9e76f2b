"""Cells of foreign tables → values of our fields: what people write for yes, for a date, for a kind."""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from geo_service.domain.fields import Field, Layer
from geo_service.domain.labels import choice_label
from geo_service.domain.values import checked_value
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import InvalidInput

_TRUE: Final = frozenset("true t yes y 1 是 有 对 真 √".split())
_FALSE: Final = frozenset("false f no n 0 否 无 没有 错 假 ×".split())
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?)?")
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_SPLIT: Final = re.compile(r"[;,、;,\s]+")


def reader_of(layer: Layer, field: Field, timezone: str) -> Callable[[Any], Any]:
    """Return the function that turns a cell into the stored value of ``field``.

    It raises InvalidInput with the codes of :func:`domain.values.checked_value`. An empty cell is the field's
    default, else None, else ``field_empty``. Moments without a zone are in ``timezone``.
    """
    known: dict[tuple[type, Any], Any] = {}

    def read(cell: Any) -> Any:
        key = (type(cell), cell)
        try:
            if key in known:
                return known[key]
        except TypeError:  # lists and objects of GeoJSON
            return _value(layer, field, cell, timezone)
        value = _value(layer, field, cell, timezone)
        if len(known) < 10_000:
            known[key] = value
        return value

    return read


def text_of(cell: Any) -> str | None:
    """Return a cell as the text a person sees in it, None if empty; 12.0 of a spreadsheet is ``12``."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(sep=" ")
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell).strip() or None


def number_of(cell: Any) -> float:
    """Return the number in a cell; InvalidInput ``field_wrong_kind`` or ``field_not_finite``."""
    if isinstance(cell, bool):
        raise InvalidInput("field_wrong_kind", wanted="real")
    if isinstance(cell, int | float):
        try:
            number = float(cell)
        except OverflowError:  # an integer of more than 308 digits
            raise InvalidInput("field_not_finite") from None
        if not math.isfinite(number):
            raise InvalidInput("field_not_finite")
        return number
    written = unicodedata.normalize("NFKC", str(cell)).strip()
    if written.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        raise InvalidInput("field_not_finite")
    if not _NUMBER.fullmatch(written):
        raise InvalidInput("field_wrong_kind", wanted="real")
    return float(written)


def _value(layer: Layer, field: Field, cell: Any, timezone: str) -> Any:
    written = text_of(cell)
    if written is None:
        return field.default if field.default is not None else checked_value(field, None)
    if field.kind in ("text", "reference"):
        return checked_value(field, written)
    if field.kind in ("integer", "real"):
        return _number(field, cell)
    if field.kind == "boolean":
        return checked_value(field, _truth(written))
    if field.kind == "choice":
        return checked_value(field, _choices(layer, field).get(_folded(written), written))
    if field.kind == "date":
        return checked_value(field, _date(cell, written))
    if field.kind == "moment":
        return checked_value(field, _moment(cell, written, timezone))
    return checked_value(field, cell if isinstance(cell, list | dict) else _json(written))


def _number(field: Field, cell: Any) -> Any:
    try:
        number = number_of(cell)
    except InvalidInput as error:
        if error.code == "field_wrong_kind":
            raise InvalidInput("field_wrong_kind", wanted=field.kind) from error
        raise
    return checked_value(field, int(number) if number.is_integer() else number)


def _truth(written: str) -> bool | str:
    folded = _folded(written)
    return True if folded in _TRUE else False if folded in _FALSE else written


def _date(cell: Any, written: str) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    match = _DATE.fullmatch(written) or _COMPACT.fullmatch(written)
    if match is None:
        return written
    year, month, day = map(int, match.groups()[:3])
    return f"{year:04d}-{month:02d}-{day:02d}"


def _moment(cell: Any, written: str, timezone: str) -> str:
    try:
        moment = cell if isinstance(cell, datetime) else datetime.fromisoformat(written.replace("/", "-"))
    except ValueError:
        return written
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return to_iso(moment.astimezone(UTC))


def _json(written: str) -> Any:
    if written[:1] in "[{":
        try:
            return json.loads(written)
        except (ValueError, RecursionError):
            return written
    return [part for part in _SPLIT.split(written) if part]


@cache
def _choices(layer: Layer, field: Field) -> dict[str, str]:
    """Return the values of a choice by everything that may be written for them."""
    found: dict[str, str] = {}
    for choice in field.choices:
        for written in (*choice_label(layer.name, field.name, choice).values(), choice):
            found[_folded(written)] = choice
    return found


def _folded(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip().casefold()
