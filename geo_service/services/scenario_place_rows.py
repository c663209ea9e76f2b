"""Rows of places (capacity) before, after and their difference, and which of it is withheld on both sides."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo_service.services.homes import WHOLE
from geo_service.services.scenario_rows import SIDES
from geo_service.services.scenario_stock import Stock, changes_of

Row = dict[str, Any]
_OF_PEOPLE: Final = ("total", "enough", "below_needed", "reached", "beyond_reach", "unknown", "partly_known")
_OF_HOMES: Final = ("total", "reached", "beyond_reach", "unknown", "partly_known", "without_people")
_PEOPLE: Final = tuple(f"people_{one}" for one in _OF_PEOPLE)
_HOMES: Final = tuple(f"buildings_{one}" for one in _OF_HOMES)
_RATES: Final = ("places_per_1000", "enough_share")
PLACE_FIGURES: Final = (*_RATES, *_PEOPLE, *_HOMES)
PLACE_COLUMNS: Final = (
    *("scenario", "category", "level", "code", "name"), *(f"{one}_{side}" for one in PLACE_FIGURES for side in SIDES),
)  # fmt: skip
_FACILITY_FIGURES: Final = ("capacity", "people_within", "demand_persons", "places_per_1000", "load_share")
_FACILITY_NAMES: Final = (
    "scenario", "category", "code", "name", "edit_number", "change", "status_before", "status_after",
)  # fmt: skip
FACILITY_SIDE_COLUMNS: Final = (
    *_FACILITY_NAMES, *(f"{one}_{side}" for one in _FACILITY_FIGURES for side in SIDES), "lon", "lat",
)  # fmt: skip
_NOTHING: Final[Mapping[str, Any]] = {
    **dict.fromkeys(_RATES), **dict.fromkeys(_PEOPLE, 0), **dict.fromkeys(_HOMES, 0), "withheld": False
}  # fmt: skip


def beside(
    before: Sequence[Row], after: Sequence[Row], *, told: bool, only_changed: bool, **same: Any
) -> tuple[list[Row], list[Row]]:
    """Return one row of everybody and one of each area or grid, from those of both sides (``capacity_rows``).

    What is withheld on one side is on the other. An area where nobody lived before has the figures of nobody.
    """
    was = {_place(row): row for row in before}
    totals, groups = [], []
    for row in after:
        one, two = dict(was.get(_place(row), _NOTHING)), dict(row)
        if only_changed and one == two and row["level"] != WHOLE and not row.get("withheld"):
            continue
        if two["buildings_total"] and not one["buildings_total"]:
            one = dict(_NOTHING)
        hides = told and _hide(one, two)
        made: Row = {**same, "level": row["level"], "code": row["code"], "name": row["name"]}
        for key in PLACE_FIGURES:
            made |= _three(key, one[key], two[key])
        if told:
            made["withheld"] = hides or one["withheld"] or two["withheld"]
        if row["level"] == WHOLE:
            totals.append(made)
        elif not only_changed or is_changed(made):
            groups.append(made)
    return totals, groups


def _hide(one: Row, two: Row) -> bool:
    """Withhold on both sides what is on either; return whether anything more is."""
    lost = [key for key in _PEOPLE if (one[key] is None) != (two[key] is None)]
    for row in (one, two):
        row.update(dict.fromkeys(lost))
        if row["people_enough"] is None or row["people_total"] is None:
            row["enough_share"] = None
    if (one["withheld"] or two["withheld"]) and None in (one["places_per_1000"], two["places_per_1000"]):
        one["places_per_1000"] = two["places_per_1000"] = None
    return bool(lost)


def facilities_beside(
    before: Stock, was: Sequence[Row], after: Stock, own: Sequence[Row], *, told: bool, only_changed: bool, **same: Any
) -> list[Row]:
    """Return one row a facility: those there were, the closed ones among them, then new ones.

    ``change`` says what edits do to it: ``added``, ``closed``, or those of ``moved``, ``resized`` and ``shared`` that
    are true of it; nothing. ``edit_number`` tells which edit a new one is of. A facility that is not there on a side
    has no figures of it.
    """
    place_of = {row["code"]: place for place, row in enumerate(own) if row["code"] is not None}
    pairs: list[tuple[Row | None, Row | None, str | None, int | None]] = []
    for place, row in enumerate(was):
        at = place_of.pop(row["code"], None)
        if at is None:
            pairs.append((row, None, "closed", None))
        else:
            pairs.append((row, own[at], changes_of(before, place, after, at), None))
    numbered = zip(own, after.edit_number, strict=True)
    pairs += [(None, row, "added", number) for row, number in numbered if number or row["code"] in place_of]
    found = []
    for one, two, change, number in pairs:
        if only_changed and one == two and change is None and not (one or {}).get("withheld"):
            continue
        made = _facility(one, two, change, told=told) | {"edit_number": number} | same
        ordered = {key: made[key] for key in (*FACILITY_SIDE_COLUMNS, *(["withheld"] if told else []))}
        if not only_changed or is_changed(ordered):
            found.append(ordered)
    return found


def _facility(one: Row | None, two: Row | None, change: str | None, *, told: bool) -> Row:
    shown = two if two is not None else one
    assert shown is not None
    made: Row = {"code": shown["code"], "name": shown["name"], "change": change}
    made |= {"lon": shown["lon"], "lat": shown["lat"]}
    made |= {
        f"status_{side}": None if row is None else row["status"]
        for side, row in zip(SIDES[:2], (one, two), strict=True)
    }
    hides = told and any(row is not None and row["withheld"] for row in (one, two))
    for key in _FACILITY_FIGURES:
        values = [None if row is None or (hides and key != "capacity") else row[key] for row in (one, two)]
        made |= _three(key, *values)
    return made | ({"withheld": hides} if told else {})


def is_changed(row: Mapping[str, Any]) -> bool:
    """Whether a row of both sides shows a change, or may not tell whether there is one."""
    if row.get("change") or row.get("withheld"):
        return True
    return any(key.endswith("_before") and value != row[f"{key[:-7]}_after"] for key, value in row.items())


def _three(key: str, one: Any, two: Any) -> Row:
    less = None if one is None or two is None else two - one
    if isinstance(less, float):
        less = int(less) if less.is_integer() and isinstance(one, int) else round(less, 6)
    return {f"{key}_before": one, f"{key}_after": two, f"{key}_difference": less}


def _place(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return row["level"], row["code"]
