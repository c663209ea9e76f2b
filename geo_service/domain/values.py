"""One value against its field: type, range, length, choice. The law of single values, whichever door they come by."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from geo_service.domain.fields import Field, Layer
from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import Lang, catalogue, text

_LARGEST_INTEGER: Final = 2**53 - 1  # exact in JSON, JavaScript and SQL alike
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST_JSON: Final = 20_000
_CODE_LENGTH: Final = 64


@dataclass(frozen=True)
class Fault:
    """What is wrong with one value: the field, the value as given (shortened), the error's code and facts.

    ``says`` names another sentence than the code's own, where not all of its facts are known.
    """

    field: str
    value: str
    code: str
    facts: Mapping[str, object]
    says: str = ""


class ValuesRefused(InvalidInput):
    """Values of one thing that cannot be taken; says of every one which field, what was given and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("values_refused", fields=", ".join(fault.field for fault in faults))

    def sentence(self, lang: Lang) -> str:
        """Return one sentence per fault."""
        return " ".join(fault_sentence(fault, lang) for fault in self.faults[:10])


def fault_sentence(fault: Fault, lang: Lang) -> str:
    """Return the sentence of one fault: field, value, what is wrong with it."""
    facts = dict(fault.facts)
    if "wanted" in facts:
        facts["wanted"] = catalogue(lang).get(f"kind.{facts['wanted']}", facts["wanted"])
    why = text(f"error.{fault.says or fault.code}", lang, **facts)
    key = "fault.value" if fault.value else "fault.missing"
    return text(key, lang, field=fault.field, value=fault.value, why=why)


def checked_values(layer: Layer, given: Mapping[str, Any], *, whole: bool) -> tuple[dict[str, Any], list[Fault]]:
    """Return the checked values by field key and everything that is wrong.

    ``whole``: a new row (required fields without a default must be there); otherwise a change of some.
    Fault codes: ``field_unknown``, ``field_missing`` and those of :func:`checked_value`.
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    fields = {field.key: field for field in layer.fields if field.kind != "bytes"}
    for key, raw in given.items():
        if key not in fields:
            faults.append(Fault(key[:64], shown(raw), "field_unknown", {"known": ", ".join(fields)}))
            continue
        try:
            values[key] = checked_value(fields[key], raw)
        except InvalidInput as error:
            faults.append(Fault(key, shown(raw), error.code, error.facts))
    if whole:
        faults += [
            Fault(key, "", "field_missing", {})
            for key, field in fields.items()
            if field.required and field.default is None and key not in given
        ]
    return values, faults


def checked_value(field: Field, raw: Any) -> Any:
    """Return ``raw`` as it is stored.

    Raises InvalidInput ``field_empty``, ``field_wrong_kind``, ``field_not_finite``, ``field_out_of_range``,
    ``field_too_long``, ``field_not_a_choice``, ``text_unprintable``.
    """
    if raw is None or raw == "":
        if field.required:
            raise InvalidInput("field_empty")
        return None
    match field.kind:
        case "boolean":
            return _of_kind(raw, bool, "boolean")
        case "integer" | "real":
            return _number(field, raw)
        case "date":
            return _date(raw)
        case "moment":
            return _moment(raw)
        case "choice":
            if raw not in field.choices:
                raise InvalidInput("field_not_a_choice", known=", ".join(field.choices))
            return raw
        case "json":
            return _json(raw)
        case "reference":
            return checked_text(_of_kind(raw, str, "text"), _CODE_LENGTH)
        case _:
            return checked_text(_of_kind(raw, str, "text"), field.max_length)


def checked_code(layer: Layer, raw: Any) -> str:
    """Return ``raw`` if it can be a code of ``layer``.

    Raises InvalidInput ``field_empty``, ``field_wrong_kind``, ``field_too_long``, ``code_form``.
    """
    if raw is None or raw == "":
        raise InvalidInput("field_empty")
    code = checked_text(_of_kind(raw, str, "text"), _CODE_LENGTH)
    if not re.fullmatch(layer.code_pattern, code):
        raise InvalidInput("code_form", pattern=layer.code_pattern)
    return code


def checked_text(raw: str, longest: int) -> str:
    """Return ``raw`` if every store can keep it: not longer than ``longest``, no control or broken characters."""
    if len(raw) > longest:
        raise InvalidInput("field_too_long", length=len(raw), longest=longest)
    for character in raw:
        if unicodedata.category(character) in ("Cs", "Cc") and character not in "\t\n\r":
            raise InvalidInput("text_unprintable", character=f"U+{ord(character):04X}")
    return raw


def shown(raw: object) -> str:
    """Return a value as a sentence may show it: one line, at most 80 characters, every character printable."""
    try:
        written = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        written = type(raw).__name__
    line = "".join(c if c.isprintable() else "�" for c in written[:81])
    return line if len(line) <= 80 else line[:79] + "…"


def _of_kind(raw: Any, kind: type, name: str) -> Any:
    if not isinstance(raw, kind):
        raise InvalidInput("field_wrong_kind", wanted=name)
    return raw


def _number(field: Field, raw: Any) -> int | float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise InvalidInput("field_wrong_kind", wanted=field.kind)
    if isinstance(raw, float) and not math.isfinite(raw):
        raise InvalidInput("field_not_finite")
    if field.kind == "integer" and raw != int(raw):
        raise InvalidInput("field_wrong_kind", wanted="integer")
    low = -_LARGEST_INTEGER if field.minimum is None else field.minimum
    high = _LARGEST_INTEGER if field.maximum is None else field.maximum
    if not low <= raw <= high:
        raise InvalidInput("field_out_of_range", minimum=f"{low:g}", maximum=f"{high:g}")
    return int(raw) if field.kind == "integer" else float(raw)


def _date(raw: Any) -> str:
    written = _of_kind(raw, str, "date")
    if _DATE.fullmatch(written):
        with suppress(ValueError):
            return date.fromisoformat(written).isoformat()
    raise InvalidInput("field_wrong_kind", wanted="date")


def _moment(raw: Any) -> str:
    written = _of_kind(raw, str, "moment")
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(written)
        if moment.tzinfo is not None:
            return to_iso(moment.astimezone(UTC))
    raise InvalidInput("field_wrong_kind", wanted="moment")


def _json(raw: Any) -> Any:
    if not isinstance(raw, dict | list):
        raise InvalidInput("field_wrong_kind", wanted="json")
    try:
        written = json.dumps(raw, allow_nan=False, ensure_ascii=False)
    except (ValueError, RecursionError):
        raise InvalidInput("field_not_finite") from None
    checked_text(written, _LONGEST_JSON)
    if "\\u0000" in written:
        raise InvalidInput("text_unprintable", character="U+0000")
    return raw
