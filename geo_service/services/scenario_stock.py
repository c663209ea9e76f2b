"""Facilities of a category with capacity as the edits of a what-if leave them: which there are, where, for how many."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.domain.scenarios import Edit
from geo_service.services.facilities import EVERYBODY, Targets
from geo_service.services.scenario_edits import admitted
from geo_service.services.supply import Supply, supply_of

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_CHANGES: Final = ("facility_move", "facility_share", "facility_resize")


@dataclass(frozen=True)
class Stock:
    """Facilities with their capacities, f of them: those that stay in their order, then new ones.

    Attributes
    ----------
    supply
        The facilities; a new one has its edit's name, and no code.
    origin
        Which of the facilities that were there each is, -1: new, shape (f,).
    is_placed
        Whether it is new or stands elsewhere than it did, shape (f,).
    edit_number
        Place of a new one's edit among the edits in their fixed order, from 1; None: not new, length f.
    """

    supply: Supply
    origin: Longs
    is_placed: Flags
    edit_number: tuple[int | None, ...]

    def __len__(self) -> int:
        return len(self.origin)


def stock_as_is(supply: Supply) -> Stock:
    """Return what is there without any edit."""
    count = len(supply.targets)
    return Stock(supply, np.arange(count, dtype=np.int64), np.zeros(count, bool), (None,) * count)


def stock_of(supply: Supply, edits: Sequence[Edit]) -> Stock:
    """Return what edits leave of the facilities of a category.

    A capacity that an edit names is in the unit of the category. What is moved is entered at its new position alone;
    what is shared is for everybody.
    """
    targets = supply.targets
    codes = targets.code.tolist()
    closed = {edit.facility for edit in edits if edit.edit == "facility_close"}
    named = {(edit.edit, edit.facility): edit for edit in edits if edit.edit in _CHANGES}
    stays = np.array([place for place, code in enumerate(codes) if code not in closed], np.int64)
    numbered = {
        number: edit
        for number, edit in enumerate(edits, 1)
        if edit.edit == "facility_add" and edit.category == supply.rule.category
    }
    new = list(numbered.values())
    moved = {place: named.get(("facility_move", codes[place])) for place in stays.tolist()}
    owners: list[int] = []
    positions: list[tuple[float, float]] = []
    for number, place in enumerate(stays.tolist()):
        edit = moved[place]
        if edit is not None and edit.position is not None:
            own = [edit.position]
        else:
            doors = np.flatnonzero(targets.place_owner == place)
            own = [(float(targets.place_lon[door]), float(targets.place_lat[door])) for door in doors]
        owners += [number] * len(own)
        positions += own
    for number, edit in enumerate(new, len(stays)):
        owners.append(number)
        positions.append(edit.position or (np.nan, np.nan))
    shared = np.array([("facility_share", codes[place]) in named for place in stays.tolist()], bool)
    count = len(new)
    lon, lat = np.array(positions, float).reshape(-1, 2).T
    area = np.where(shared, EVERYBODY, targets.admits_area[stays])
    found = Targets(
        np.append(targets.id[stays], np.arange(-1, -1 - count, -1)).astype(np.int64),
        _objects([*targets.code[stays].tolist(), *[None] * count]),
        _objects([*targets.name[stays].tolist(), *(edit.name for edit in new)]),
        np.zeros(len(stays) + count, np.int32),
        np.append(targets.verified[stays], np.ones(count, bool)),
        np.append(area, np.full(count, EVERYBODY)).astype(np.int64),
        [
            *(None if is_open else targets.bands[place] for place, is_open in zip(stays.tolist(), shared, strict=True)),
            *(admitted(edit) for edit in new),
        ],
        np.array(owners, np.int32),
        lon,
        lat,
    )
    resized = [named.get(("facility_resize", codes[place])) for place in stays.tolist()]
    given = [*(_capacity(edit, supply.given[place]) for edit, place in zip(resized, stays.tolist(), strict=True))]
    given += [_capacity(edit, np.nan) for edit in new]
    units = [
        supply.unit[place] if edit is None else supply.rule.unit for edit, place in zip(resized, stays, strict=True)
    ]
    units += [supply.rule.unit] * count
    placed = np.array([edit is not None for edit in moved.values()] + [True] * count, bool)
    origin = np.append(stays, np.full(count, -1, np.int64))
    supplied = supply_of(found, supply.rule, np.array(given, float), units)
    return Stock(supplied, origin, placed, (*(None for _ in stays), *numbered))


def changes_of(before: Stock, place: int, after: Stock, at: int) -> str | None:
    """Return what edits do to the facility ``place`` of one stock, which is ``at`` in the other: several by commas."""
    one, two = before.supply, after.supply
    capacities = float(one.given[place]), float(two.given[at])
    is_resized = capacities[0] != capacities[1] and not all(map(math.isnan, capacities))
    admits = [(int(side.targets.admits_area[i]), side.targets.bands[i]) for side, i in ((one, place), (two, at))]
    found = {
        "moved": bool(after.is_placed[at]),
        "resized": is_resized or one.unit[place] != two.unit[at],
        "shared": admits[0] != admits[1],
    }
    return ", ".join(change for change, is_made in found.items() if is_made) or None


def unsaid_capacities(edits: Sequence[Edit], category: str) -> int:
    """Return how many new facilities of a category are supposed without saying their capacity."""
    return sum(edit.edit == "facility_add" and edit.category == category and edit.capacity is None for edit in edits)


def _capacity(edit: Edit | None, stored: float) -> float:
    return stored if edit is None or edit.capacity is None else edit.capacity


def _objects(values: list[Any]) -> npt.NDArray[np.object_]:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def with_streets(stock: Stock, adrift: Flags) -> Stock:
    """Return the stock knowing which facilities have no street."""
    return replace(stock, supply=stock.supply.without_streets(adrift))
