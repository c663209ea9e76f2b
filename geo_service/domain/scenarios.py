"""Edits of a what-if: what may be supposed, and which suppositions cannot stand together (PRODUCT §3.12)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geo_service.domain.bands import BANDS
from geo_service.domain.facilities import LEAST_CAPACITY, MOST_CAPACITY
from geo_service.domain.reference import categories
from geo_service.domain.values import checked_text, shown
from geo_service.foundation.errors import Conflict, InvalidInput, TooMuch

MOST_EDITS: Final = 200
_MOST_VERTICES: Final = 2_000
_MOST_PEOPLE: Final = 1_000_000
_LONGEST: Final = 200
PUBLIC: Final = "public"  # admits everybody
# what each edit says: fields it must have, fields it may have
FORMS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "facility_add": (("category", "position"), ("name", "capacity", "bands", "admits")),
    "facility_move": (("facility", "position"), ()),
    "facility_close": (("facility",), ()),
    "facility_resize": (("facility", "capacity"), ()),
    "facility_share": (("facility",), ()),
    "gate_open": (("gate",), ()),
    "path_add": (("line",), ("step_free",)),
    "path_cut": (("position",), ()),
    "homes_add": (("position", "residents"), ("people", "name")),
}


@dataclass(frozen=True)
class Edit:
    """One supposition.

    Attributes
    ----------
    edit
        What is supposed, a key of :data:`FORMS`.
    facility, gate
        Code of what is changed.
    category, name, capacity, bands, admits
        Of a new facility; ``capacity`` of a resized one; ``bands`` it admits, empty for those its category is there
        for; ``admits`` is :data:`PUBLIC` for everybody.
    position, line
        Degrees (longitude, latitude).
    step_free
        Whether a new path has no steps.
    residents, people
        Of new homes: everybody, and by age band.
    """

    edit: str
    facility: str | None = None
    gate: str | None = None
    category: str | None = None
    name: str | None = None
    capacity: float | None = None
    bands: tuple[str, ...] = ()
    admits: str | None = None
    position: tuple[float, float] | None = None
    line: tuple[tuple[float, float], ...] = ()
    step_free: bool = True
    residents: float = 0.0
    people: Mapping[str, float] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the edit as JSON has it, with what was said only."""
        must, may = FORMS[self.edit]
        values: dict[str, Any] = {}
        for key in (*must, *may):
            value = getattr(self, key)
            if value is None or value == () or (key == "people" and not value):
                continue
            if key == "line":
                value = [list(one) for one in value]
            elif isinstance(value, tuple):
                value = list(value)
            elif key == "people":
                value = dict(value)
            values[key] = value
        return {"edit": self.edit, **values}


def checked_edits(given: object) -> tuple[Edit, ...]:
    """Return edits given as JSON, in an order that does not depend on the given one.

    Raises InvalidInput ``scenario_empty``, ``scenario_form``, ``scenario_edit_unknown``, ``scenario_field_unknown``,
    ``scenario_field_missing``, ``scenario_field_value``, ``scenario_capacity_zero``, ``scenario_people_negative``,
    ``scenario_people_over``; TooMuch ``scenario_too_many``; Conflict ``scenario_contradiction``.
    """
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise InvalidInput("scenario_form")
    if not given:
        raise InvalidInput("scenario_empty")
    if len(given) > MOST_EDITS:
        raise TooMuch("scenario_too_many", count=len(given), maximum=MOST_EDITS)
    edits = [_edit(number, one) for number, one in enumerate(given, 1)]
    _refuse_contradictions(edits)
    return ordered(edits)


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Return edits in their fixed order: what is supposed does not depend on what was said first."""
    return tuple(sorted(edits, key=lambda one: json.dumps(one.body(), sort_keys=True)))


def _edit(number: int, given: object) -> Edit:
    if not isinstance(given, Mapping) or not isinstance(given.get("edit"), str):
        raise InvalidInput("scenario_form")
    kind = str(given["edit"])
    if kind not in FORMS:
        raise InvalidInput("scenario_edit_unknown", number=number, given=shown(kind), known=", ".join(FORMS))
    must, may = FORMS[kind]
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key == "edit" or (value is None and key in may):
            continue
        if key not in (*must, *may):
            known = ", ".join((*must, *may))
            raise InvalidInput("scenario_field_unknown", number=number, edit=kind, field=shown(key), known=known)
        values[key] = _READERS[key](_Place(number, kind, str(key)), value)
    for key in must:
        if key not in values:
            raise InvalidInput("scenario_field_missing", number=number, edit=kind, field=key)
    made = Edit(kind, **values)
    if made.admits and made.bands:
        raise _Place(number, kind, "admits").refused(made.admits)
    if sum(made.people.values()) > made.residents:
        banded = sum(made.people.values())
        raise InvalidInput("scenario_people_over", number=number, bands=banded, residents=made.residents)
    return made


def _refuse_contradictions(edits: Sequence[Edit]) -> None:
    """Refuse two edits of one kind of the same thing, and anything else of a facility that is closed."""
    seen: dict[tuple[str, str], list[str]] = {}
    for one in edits:
        for what, code in (("facility", one.facility), ("gate", one.gate)):
            if code is None:
                continue
            before = seen.setdefault((what, code), [])
            for other in before:
                if other == one.edit or "facility_close" in (other, one.edit):
                    raise Conflict("scenario_contradiction", thing=code, one=other, other=one.edit)
            before.append(one.edit)


@dataclass(frozen=True)
class _Place:
    """Where a value stands: number and kind of the edit, name of the field."""

    number: int
    edit: str
    field: str

    def refused(self, value: object) -> InvalidInput:
        return InvalidInput(
            "scenario_field_value", number=self.number, edit=self.edit, field=self.field, given=shown(value)
        )


def _text(place: _Place, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise place.refused(value)
    return checked_text(value.strip(), _LONGEST)


def _category(place: _Place, value: object) -> str:
    if not isinstance(value, str) or value not in categories():
        raise place.refused(value)
    return value


def _number(place: _Place, value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise place.refused(value)
    return float(value)


def _capacity(place: _Place, value: object) -> float:
    if value == 0 and not isinstance(value, bool):
        raise InvalidInput("scenario_capacity_zero", number=place.number, edit=place.edit)
    return _number(place, value, LEAST_CAPACITY, MOST_CAPACITY)


def _flag(place: _Place, value: object) -> bool:
    if not isinstance(value, bool):
        raise place.refused(value)
    return value


def _persons(place: _Place, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        raise InvalidInput("scenario_people_negative", number=place.number, given=value)
    persons = _number(place, value, 0, _MOST_PEOPLE)
    if not persons.is_integer():
        raise place.refused(value)
    return persons


def _people(place: _Place, value: object) -> dict[str, float]:
    if not isinstance(value, Mapping) or not all(band in BANDS for band in value):
        raise place.refused(value)
    return {band: _persons(place, value[band]) for band in BANDS if band in value}


def _bands(place: _Place, value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise place.refused(value)
    if not all(isinstance(band, str) and band in BANDS for band in value):
        raise place.refused(value)
    return tuple(band for band in BANDS if band in value)


def _admits(place: _Place, value: object) -> str:
    if value != PUBLIC:
        raise place.refused(value)
    return PUBLIC


def _position(place: _Place, value: object) -> tuple[float, float]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise place.refused(value)
    for one, most in zip(value, (180, 90), strict=True):
        if isinstance(one, bool) or not isinstance(one, int | float) or not -most <= one <= most:
            raise place.refused(value)
    return float(value[0]), float(value[1])


def _line(place: _Place, value: object) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 < len(value) <= _MOST_VERTICES:
        raise place.refused(value)
    line = tuple(_position(place, one) for one in value)
    if line[0] == line[-1]:
        raise place.refused(value)
    return line


_READERS: Final = {
    "facility": _text,
    "gate": _text,
    "name": _text,
    "category": _category,
    "capacity": _capacity,
    "bands": _bands,
    "admits": _admits,
    "position": _position,
    "line": _line,
    "step_free": _flag,
    "residents": _persons,
    "people": _people,
}
