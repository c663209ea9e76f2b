"""Before and after: the people of every area by state and who moves, as a what-if has them, exact and as told."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.services.groups import Division
from geo_service.services.homes import NO_AREA, WHOLE
from geo_service.services.scenario_counts import Counts
from geo_service.services.scenario_moves import MOVED, SHOWN_STATES, Hidden, moved_sums, with_total

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Longs = npt.NDArray[np.int64]
SIDES: Final = ("before", "after", "difference")
_OF: Final = ("people", "buildings")
FIGURES: Final = (
    *(f"{of}_{state}_{side}" for of in _OF for state in ("total", *SHOWN_STATES) for side in SIDES),
    *(f"{of}_{move}" for of in _OF for move in MOVED),
)
COLUMNS: Final = ("scenario", "level", "code", "name", "category", "band", *FIGURES)


def rows(
    division: Division,
    bands: Sequence[str],
    sides: tuple[Counts, Counts],
    moves: Counts,
    withheld: Hidden | None,
    *,
    with_bands: bool,
    only_changed: bool = False,
    **same: Any,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of all groups, and of all homes together, with what is the ``same`` in each.

    ``only_changed``: of groups those where something changes, or may not be told.
    """
    places = np.arange(len(division.groups.codes) + 1)
    if only_changed:
        places = _changed(sides, withheld)
        sides = sides[0].of_groups(places), sides[1].of_groups(places)
        moves = moves.of_groups(places)
        withheld = None if withheld is None else withheld.of_groups(places)
    figures = _figures(sides, moves, withheld)
    hides: Flags | None = None if withheld is None else withheld.some()
    groups: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for number, band in enumerate(bands):
        for at, place in enumerate(places.tolist()):
            is_total = place == len(division.groups.codes)
            if number and not is_total and not with_bands:
                continue
            row = {**same, **_head(division, place), "band": band}
            row |= {name: values[number][at] for name, values in figures.items()}
            if hides is not None:
                row["withheld"] = bool(hides[number, at])
            (totals if is_total else groups).append(row)
    return groups, totals


def _changed(sides: tuple[Counts, Counts], withheld: Hidden | None) -> Longs:
    """Return the places of the groups where a figure changes or is withheld, and of all together."""
    before, after = sides
    differs = (before.persons != after.persons).any(axis=(0, 2)) | (before.buildings != after.buildings).any(axis=1)
    differs |= (before.known != after.known).any(axis=0)
    if withheld is not None:
        differs |= withheld.some().any(axis=0)
    differs[-1] = True
    return np.flatnonzero(differs)


def _head(division: Division, place: int) -> dict[str, Any]:
    groups = division.groups
    if place == len(groups.codes):
        return {"level": WHOLE, "code": None, "name": None}
    if groups.level == WHOLE or (division.has_rest and place == len(groups.codes) - 1):
        return {"level": WHOLE if groups.level == WHOLE else NO_AREA, "code": None, "name": None}
    return {"level": groups.level, "code": groups.codes[place], "name": groups.names[place]}


def _figures(sides: tuple[Counts, Counts], moves: Counts, withheld: Hidden | None) -> dict[str, list[list[Any]]]:
    """Return the columns of figures as JSON has them: by band and group."""
    before, after = (with_total(one.persons) for one in sides)
    known = (sides[0].known & sides[1].known)[..., None]
    people = [
        before,
        after,
        np.where(known, after - before, np.nan),
        np.where(known, moved_sums(moves.persons), np.nan),
    ]
    before[~sides[0].known] = after[~sides[1].known] = np.nan
    if withheld is not None:
        few = (withheld.states, withheld.states, withheld.differences, withheld.moves)
        people = [np.where(hides, np.nan, one) for hides, one in zip(few, people, strict=True)]
    was, then = (with_total(one.buildings) for one in sides)
    homes = [was, then, then - was, moved_sums(moves.buildings)]
    nothing: list[list[Any]] = [[None] * was.shape[0]] * (before.shape[0] - 1)
    columns: dict[str, list[list[Any]]] = {}
    for place, state in enumerate((*SHOWN_STATES, "total")):
        for part, side in enumerate(SIDES):
            columns[f"people_{state}_{side}"] = [_plain(one) for one in people[part][..., place]]
            columns[f"buildings_{state}_{side}"] = [_plain(homes[part][..., place]), *nothing]
    for at, move in enumerate(MOVED):
        columns[f"people_{move}"] = [_plain(one) for one in people[-1][..., at]]
        columns[f"buildings_{move}"] = [_plain(homes[-1][..., at]), *nothing]
    return columns


def _plain(values: Floats) -> list[Any]:
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else round(value, 3)
