"""What each field of a rule may hold, and what to say to who gives something else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.foundation.errors import InvalidInput

LEVELS: Final = ("5min", "10min", "15min", "community", "block", "city", "grid", "township", "village")
USES: Final = ("item", "level", "green", "service_floor", "indicator", "target", "scale", "reach", "capacity")
STATUSES: Final = ("in_force", "trial", "local", "local_draft", "draft")
ESTATES: Final = ("all", "new", "existing")
STRENGTHS: Final = ("requirement", "advice")
EVIDENCE: Final = ("quoted", "secondary", "derived", "computed", "unverified")
_LONGEST: Final = 2000
_LARGEST: Final = 1e9


@dataclass(frozen=True)
class Checked:
    """How a value is taken (raises TypeError, ValueError, KeyError or AttributeError), and what is wanted.

    What is said in words is an error of its own, so that a refusal has it in the language it is in.
    """

    of: Callable[[Any], Any]
    wanted: str | InvalidInput
    is_text: bool = False


def _text(longest: int) -> Checked:
    def take(value: Any) -> str:
        found = value.strip()
        if not found or len(found) > longest or not found.isprintable():
            raise ValueError(value)
        return str(found)

    return Checked(take, InvalidInput("rule_wants_text", longest=longest), is_text=True)


def _choice(*known: str) -> Checked:
    def take(value: Any) -> str:
        return known[known.index(value)]

    return Checked(take, " | ".join(known))


def _number(largest: float = _LARGEST) -> Checked:
    def take(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= largest:
            raise ValueError(value)
        return value

    return Checked(take, InvalidInput("rule_wants_number", largest=f"{largest:,.0f}"))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _codes(value: Any) -> tuple[str, ...]:
    found = tuple(CATEGORY_CODES[CATEGORY_CODES.index(code)] for code in value)
    if isinstance(value, str) or not found or len(set(found)) != len(found):
        raise ValueError(value)
    return found


def _name(value: Any) -> dict[str, str]:
    return {lang: _text(200).of(value[lang]) for lang in ("zh", "en")}


def _ratio(value: Any) -> dict[str, Any]:
    return {"value": _figure(value["value"]), "unit": _text(60).of(value["unit"])}


def _alternative(value: Any) -> dict[str, Any]:
    size = _number().of(value["min_floor_area_m2"])
    count = value["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= 100:
        raise ValueError(value)
    return {"categories": list(_codes(value["categories"])), "count": count, "min_floor_area_m2": size}


def _figure(value: Any, depth: int = 0) -> Any:
    """Return a JSON value of finite numbers and short texts, at most three levels deep."""
    if depth > 3:
        raise ValueError(value)
    if isinstance(value, Mapping) and len(value) <= 20:
        return {_text(60).of(key): _figure(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list) and len(value) <= 20:
        return [_figure(one, depth + 1) for one in value]
    if isinstance(value, str):
        return _text(200).of(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or abs(value) > _LARGEST:
        raise ValueError(value)
    return value


def _unconfirmed(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError(value)
    return tuple(_text(60).of(one) for one in value)


def _item(value: Any) -> str:
    if not re.fullmatch(r"CRC-(0[1-9]|1\d|20)", value):
        raise ValueError(value)
    return str(value)


CHECKED: Final[Mapping[str, Checked]] = {
    "standard": _text(200),
    "clause": _text(100),
    "name": Checked(_name, '{"zh": "…", "en": "…"}'),
    "categories": Checked(_codes, '["service_station", …]'),
    "level": _choice(*LEVELS),
    "use": _choice(*USES),
    "checklist_item": Checked(_item, "CRC-01 … CRC-20"),
    "status": _choice(*STATUSES),
    "in_force": Checked(_flag, "true | false"),
    "applies_to": _choice(*ESTATES),
    "strength": _choice(*STRENGTHS),
    "strength_text": _text(20),
    "service_radius_m": _number(100_000),
    "walk_minutes": _number(120),
    "min_floor_area_m2": _number(),
    "max_floor_area_m2": _number(),
    "min_land_area_m2": _number(),
    "max_land_area_m2": _number(),
    "per_household": Checked(_ratio, '{"value": 30, "unit": "m2/100 households"}'),
    "per_person": Checked(_ratio, '{"value": 1.0, "unit": "m2/person"}'),
    "metric": _text(60),
    "value": Checked(_figure, "JSON"),
    "unit": _text(60),
    "alternative": Checked(_alternative, '{"categories": […], "count": 2, "min_floor_area_m2": 50}'),
    "existing_share": _number(1),
    "evidence": _choice(*EVIDENCE),
    "unconfirmed_fields": Checked(_unconfirmed, "[…]"),
    "note": _text(_LONGEST),
}


def is_text(field: str) -> bool:
    """Whether a field holds a text, which may look like a number."""
    return field in CHECKED and CHECKED[field].is_text
