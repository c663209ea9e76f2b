"""Places of the facilities of one category: which capacities count, and how many each home finds within its limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.catchment import Catchment, catchment, zone_weights
from geo_service.domain.capacity import CapacityRule
from geo_service.domain.facilities import LEAST_CAPACITY
from geo_service.domain.layers import LAYERS
from geo_service.services.facilities import NOBODY_HERE, Targets
from geo_service.services.notes import note
from geo_service.services.reach import Reached
from geo_service.services.rules import Rulebook
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
COUNTED: Final = "counted"
# why a facility's places are not known; those after the first two admit somebody who may find places there
UNCOUNTED: Final = (
    "admits_nobody", "no_street", "unverified", "capacity_missing", "capacity_zero", "unit_missing", "unit_other",
)  # fmt: skip
_NAMED_MOST: Final = 3  # facilities named in one note
_CODES: Final = 5  # codes beside them, for programs
BEYOND, REACHED, UNKNOWN = 0, 1, 2


@dataclass(frozen=True)
class Supply:
    """Facilities of a category with their capacities, f of them.

    Attributes
    ----------
    targets, rule
        The facilities and how capacities of their category are read.
    given, unit
        Capacity and unit as they are stored, NaN and None where there is none, shape (f,).
    status
        ``counted`` or one of ``UNCOUNTED``, length f.
    """

    targets: Targets
    rule: CapacityRule
    given: Floats
    unit: Sequence[str | None]
    status: Sequence[str]

    @property
    def counts(self) -> Flags:
        """Whether the places of each facility are known and count, shape (f,)."""
        return np.array([one == COUNTED for one in self.status], bool)

    @property
    def may_count(self) -> Flags:
        """Whether a facility has places, only that nobody knows how many, shape (f,)."""
        return np.array([one in UNCOUNTED[2:] for one in self.status], bool)

    @property
    def admits_all(self) -> bool:
        """Whether no facility is for some of the ages concerned only."""
        return all(bands is None or bands >= set(self.rule.bands) for bands in self.targets.bands)

    def without_streets(self, adrift: Flags) -> "Supply":
        """Return the supply knowing which facilities have no street."""
        status = [
            "no_street" if lost and one != "admits_nobody" else one
            for one, lost in zip(self.status, adrift, strict=True)
        ]
        return Supply(self.targets, self.rule, self.given, self.unit, status)

    def concerned(self, people: Mapping[str, Floats]) -> Floats:
        """Return the people concerned at each home, NaN where not known, shape (h,); all NaN where no band is."""
        return persons_of(people, self.rule.bands)


@dataclass(frozen=True)
class Places:
    """What h homes find.

    Attributes
    ----------
    catchment
        Places each, and what the facilities face.
    people_within
        People concerned within the limit of each facility that it admits, shape (f,).
    state
        ``BEYOND`` reach of any facility, ``REACHED``, ``UNKNOWN`` (no street, or only places nobody knows), shape (h,).
    is_partly
        Reached, but there are more places within the limit whose number is not known, shape (h,).
    """

    catchment: Catchment
    people_within: Floats
    state: npt.NDArray[np.uint8]
    is_partly: Flags


def persons_of(people: Mapping[str, Floats], bands: Sequence[str]) -> Floats:
    """Return the people of some age bands together, NaN where none of them is known, shape (h,)."""
    known = [people[band] for band in bands if band in people]
    if not known:
        return np.full(len(next(iter(people.values()), np.zeros(0))), np.nan)
    total = known[0].copy()
    for own in known[1:]:
        total = np.where(np.isnan(own), total, np.nan_to_num(total) + own)
    return total


def read_supply(conn: Connection, targets: Targets, rule: CapacityRule) -> Supply:
    """Return the capacities of ``targets``, all of the category of ``rule``."""
    columns = ["id", "capacity", "capacity_unit"]
    frame = read_frame(conn, LAYERS["facilities"], columns, geometry=False, where={"category": rule.category})
    stored = {
        int(ident): (float(capacity), unit)
        for ident, capacity, unit in frame.itertuples(index=False)
    }  # fmt: skip
    found = [stored[int(ident)] for ident in targets.id]
    given = np.array([capacity for capacity, _ in found], float)
    units = [unit for _, unit in found]
    return supply_of(targets, rule, given, units)


def supply_of(targets: Targets, rule: CapacityRule, given: Floats, units: Sequence[str | None]) -> Supply:
    """Return the facilities with capacities and units, NaN and None where there is none, each with its status."""
    status = [_status(targets, place, rule, given[place], units[place]) for place in range(len(targets))]
    return Supply(targets, rule, given, units, status)


def _status(targets: Targets, place: int, rule: CapacityRule, capacity: float, unit: str | None) -> str:
    bands = targets.bands[place]
    if targets.admits_area[place] == NOBODY_HERE or (bands is not None and not bands & set(rule.bands)):
        return "admits_nobody"
    if not targets.verified[place]:
        return "unverified"
    if np.isnan(capacity):
        return "capacity_missing"
    if capacity < LEAST_CAPACITY:
        return "capacity_zero"
    if not unit:
        return "unit_missing"
    return COUNTED if rule.counts(unit) else "unit_other"


def find_places(
    supply: Supply,
    near: Reached,
    people: Mapping[str, Floats],
    *,
    limit_m: float,
    zones: Sequence[tuple[float, float]],
) -> Places:
    """Return what homes find within ``limit_m``, as the people in them are.

    Parameters
    ----------
    supply, near
        The facilities and which of them are within the limit of each home.
    people
        People of each home by band, NaN where not known, shape (h,).
    limit_m, zones
        As :func:`geo_service.analysis.catchment.zone_weights`.
    """
    counts: slice | Flags = slice(None) if supply.counts.all() else supply.counts[near.facility]
    home, facility = near.home[counts], near.facility[counts]
    weight = zone_weights(near.metres[counts], limit_m, zones)
    served = None if supply.admits_all else admitted_of(supply, people, home, facility)
    capacity = np.where(supply.counts, supply.given, 0.0)
    concerned = supply.concerned(people)
    found = catchment(home, facility, weight, concerned, capacity, served=served)
    coming = np.nan_to_num(concerned)[home] if served is None else np.nan_to_num(served)
    within = np.bincount(facility, weights=coming, minlength=len(capacity)).astype(np.float64)
    perhaps = near.adrift_near | near.end_near
    if supply.may_count.any():
        perhaps[near.home[supply.may_count[near.facility]]] = True
    state = np.where(found.reached, REACHED, np.where(~near.snapped | perhaps, UNKNOWN, BEYOND)).astype(np.uint8)
    return Places(found, within, state, found.reached & perhaps)


def admitted_of(
    supply: Supply, people: Mapping[str, Floats], home: npt.NDArray[np.int32], facility: npt.NDArray[np.int32]
) -> Floats:
    """Return of the people concerned at the home of each pair how many its facility admits, shape (p,)."""
    sets: dict[tuple[str, ...], int] = {}
    admitted = [
        sets.setdefault(tuple(band for band in supply.rule.bands if bands is None or band in bands), len(sets))
        for bands in supply.targets.bands
    ]
    if not len(home):
        return np.zeros(0)
    persons = np.stack([persons_of(people, bands) for bands in sets])
    found: Floats = persons[np.array(admitted)[facility], home]
    return found


def supply_notes(supply: Supply) -> list[dict[str, Any]]:
    """Return one note for each reason why capacities do not count, with the facilities it is about."""
    stated = list(zip(map(str, supply.targets.code), supply.status, strict=True))
    return [
        supply_note(status, [code for code, one in stated if one == status], names_of(supply.targets))
        for status in UNCOUNTED
        if status in supply.status
    ]


def names_of(targets: Targets) -> dict[str, str]:
    """Return what facilities are called, by code; those without a name are left out."""
    return {str(code): str(name) for code, name in zip(targets.code, targets.name, strict=True) if name and code}


def supply_note(status: str, codes: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the note that counts the facilities of a status and names the first of them, by code without a name."""
    listed = ", ".join(codes[:_CODES]) + (" …" if len(codes) > _CODES else "")
    named = list(dict.fromkeys(names.get(code, code) for code in codes))[:_NAMED_MOST]
    return note(f"note.supply_{status}", count=len(codes), codes=listed, named=named)


def needed_notes(book: Rulebook, rule: CapacityRule) -> list[dict[str, Any]]:
    """Return by which rules so many places are looked for, and whether anybody has held them against a text."""
    if rule.needed_per_1000 is None:
        return [note("note.capacity_none_needed")]
    named = [book.rules[ident] for ident in rule.needed_rules]
    key = "note.capacity_needed_to_verify" if any(one.to_verify for one in named) else "note.capacity_needed"
    shown = ", ".join(f"{one.id} v{one.version}" for one in named)
    return [note(key, needed=f"{rule.needed_per_1000:g}", rules=shown)]
