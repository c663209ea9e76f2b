"""Parking as a ratio by quarter: spaces per household, no catchment (PRODUCT §3.9)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.domain.layers import LAYERS
from geo_service.services.capacity_rows import plain_number
from geo_service.services.checklist_counts import exact_counts, told_counts
from geo_service.services.facilities import EVERYBODY
from geo_service.services.groups import divide, inventory_complete
from geo_service.services.homes import NO_AREA, WHOLE, Areas, Homes, level_to_use, read_areas
from geo_service.services.notes import note
from geo_service.services.supply import Supply, supply_notes
from geo_service.storage.frames import read_frame

_LEVEL: Final = "quarter"
PARKING_COLUMNS: Final = (
    "level", "code", "name", "spaces", "households", "spaces_per_household", "facilities_counted",
    "facilities_uncounted", "inventory_complete", "buildings_total", "buildings_without_households",
)  # fmt: skip


def compute_parking(
    conn: Connection, supply: Supply, homes: Homes, salt: bytes
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the result by quarter, exact and as it is told (households in fives dealt by ``salt``, decision 22).

    Spaces are those of facilities that admit the quarter, or lie in it and admit everybody; they are None where there
    is no such facility and nobody declared the inventory complete. Households are the buildings' registered number.
    Where some facility's capacity is not known (``facilities_uncounted``), the ratio is the least it can be. By the
    nearest level where there are no quarters.
    """
    areas = read_areas(conn)
    by = level_to_use(_LEVEL, areas, frozenset())
    division = divide(conn, homes, areas, by)
    groups = division.groups
    size = len(groups.codes)
    complete = inventory_complete(conn, areas, division, (supply.rule.category,))[:, 0]
    at = _group_of(conn, supply, areas, by, division.area_id)
    counts = supply.counts & (at >= 0)
    spaces = np.bincount(at[counts], weights=supply.given[counts], minlength=size)
    counted = np.bincount(at[counts], minlength=size)
    uncounted = np.bincount(at[supply.may_count & (at >= 0)], minlength=size)
    exact = exact_counts(conn, homes, groups.index.astype(np.int64))
    answers = []
    for one in (exact, told_counts(exact, homes, salt)):
        households, may_tell = one.household_sums(size)
        here = np.bincount(one.settled[one.settled >= 0], minlength=size)
        missing = one.settled[(one.settled >= 0) & np.isnan(one.households)]
        without = np.bincount(missing, minlength=size)
        rows = []
        for place, (code, name) in enumerate(zip(groups.codes, groups.names, strict=True)):
            is_rest = division.has_rest and place == size - 1
            if is_rest and not here[place]:
                continue
            withheld = not (np.isnan(households[place]) or may_tell[place])
            total = None if withheld or np.isnan(households[place]) else float(households[place])
            found = float(spaces[place]) if counted[place] or complete[place] is True else None
            row = {
                "level": NO_AREA if is_rest else WHOLE if by == WHOLE else by,
                "code": None if is_rest or by == WHOLE else code,
                "name": name,
                "spaces": None if found is None else plain_number(found),
                "households": None if total is None else plain_number(total),
                "spaces_per_household": round(found / total, 4) if found is not None and total else None,
                "facilities_counted": int(counted[place]),
                "facilities_uncounted": int(uncounted[place]),
                "inventory_complete": complete[place],
                "buildings_total": int(here[place]),
                "buildings_without_households": int(without[place]),
            }
            rows.append(row | {"withheld": withheld} if one.is_told else row)
        answers.append(rows)
    notes = [] if by == _LEVEL else [note("note.by_nearest_level", asked=_LEVEL, used=by)]
    unknown = int(np.isnan(exact.households).sum())
    if unknown:
        notes.append(note("note.households_unknown", count=unknown, homes=len(homes)))
    outside = int((supply.counts & (at < 0)).sum())
    if outside:
        notes.append(note("note.parking_outside", count=outside))
    notes += supply_notes(supply)
    return {"measure": "ratio", "by": by, "notes": notes, "totals": [], "rows": answers[0]}, {"rows": answers[1]}


def _group_of(conn: Connection, supply: Supply, areas: Areas, by: str, group_areas: list[int]) -> npt.NDArray[np.int64]:
    """Return the group each facility's spaces are for, -1 for none, shape (f,)."""
    targets = supply.targets
    if by == WHOLE:
        return np.zeros(len(targets), np.int64)
    columns = ["id", "area_id"]
    where = {"category": supply.rule.category}
    frame = read_frame(conn, LAYERS["facilities"], columns, geometry=False, where=where)
    lies_in = dict(zip(frame["id"].tolist(), frame["area_id"].fillna(-1).astype(int).tolist(), strict=True))
    place = {area: number for number, area in enumerate(group_areas) if area >= 0}
    up = areas.at_level[by]
    found = [
        place.get(up.get(lies_in[int(ident)] if admits == EVERYBODY else int(admits), -1), -1)
        for ident, admits in zip(targets.id, targets.admits_area, strict=True)
    ]
    return np.array(found, np.int64)
