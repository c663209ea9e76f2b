"""What would have to be verified so that nobody's state is unknown: the tasks a gap run asks for (PRODUCT §3.10)."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.gap_zones import nearest_by_air
from geo_service.analysis.states import REASONS, UNKNOWN
from geo_service.analysis.stepping import snap_places
from geo_service.services.facilities import Targets
from geo_service.services.gap_rows import Land
from geo_service.services.gap_search import Found
from geo_service.services.gap_states import Surroundings
from geo_service.services.networks import assign

Flags = npt.NDArray[np.bool_]
_OF_REASON: Final = {
    "not_snapped": "home_not_snapped",
    "facility_unverified": "facility_unverified",
    "facility_not_snapped": "facility_not_snapped",
    "edge": "network_edge",
}


def wanted_tasks(found: Found, around: Surroundings, land: Land, keep: Flags) -> dict[str, Any]:
    """Return the tasks of a category, for the homes to ``keep``, shape (h,): a task tells of no others.

    Returns
    -------
    dict
        ``category``; ``limit_m``; ``wanted``: one task a facility, or a grid (else area) with homes that are not
        known, each with ``kind``, ``buildings`` (how many are unknown by it), ``facility_code``, ``grid_code``,
        ``area_code``, ``lon``, ``lat`` (of the facility, else the middle of the homes); ``doubtful``: codes of all
        facilities of the category that are not verified or have no street, whether or not anybody is unknown by them.
    """
    adrift = _adrift(around, found.targets)
    homes: dict[str, Flags] = {kind: np.zeros(len(around.lon), bool) for kind in _OF_REASON.values()}
    by_facility: dict[tuple[str, int], set[int]] = {}
    for audience in found.audiences:
        unknown = (audience.states.state[0] == UNKNOWN) & keep
        for place, reason in enumerate(REASONS):
            if reason:
                homes[_OF_REASON[reason]] |= unknown & (audience.states.reason[0] == place)
        for home in np.flatnonzero(unknown & (audience.states.reason[0] == REASONS.index("facility_unverified"))):
            facility = int(audience.walks.unverified_facility[0, home])
            by_facility.setdefault(("facility_unverified", facility), set()).add(int(home))
    lost = np.flatnonzero(homes["facility_not_snapped"])
    for home, facility in zip(lost, _nearest_adrift(around, found, adrift, lost), strict=True):
        if facility >= 0:
            by_facility.setdefault(("facility_not_snapped", int(facility)), set()).add(int(home))
    wanted = [
        _of_facility(found.targets, kind, place, len(members)) for (kind, place), members in sorted(by_facility.items())
    ]
    for kind in ("home_not_snapped", "network_edge"):
        wanted += _of_homes(around, land, kind, np.flatnonzero(homes[kind]))
    doubtful = found.targets.code[~found.targets.verified | adrift]
    return {
        "category": found.category,
        "limit_m": found.limit.metres,
        "wanted": wanted,
        "doubtful": [str(code) for code in doubtful],
    }


def _of_facility(targets: Targets, kind: str, place: int, buildings: int) -> dict[str, Any]:
    at = int(np.flatnonzero(targets.place_owner == place)[0])
    return {
        "kind": kind,
        "buildings": buildings,
        "facility_code": str(targets.code[place]),
        "grid_code": None,
        "area_code": None,
        "lon": round(float(targets.place_lon[at]), 7),
        "lat": round(float(targets.place_lat[at]), 7),
    }


def _of_homes(around: Surroundings, land: Land, kind: str, homes: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return one task for each grid, area or nowhere the homes lie in."""
    places: dict[tuple[str, str], list[int]] = {}
    for home in homes.tolist():
        grid, area = int(land.grid[home]), int(land.area[home])
        key = (str(land.grid_codes[grid]), "") if grid >= 0 else ("", str(land.area_codes[area]) if area >= 0 else "")
        places.setdefault(key, []).append(home)
    return [
        {
            "kind": kind,
            "buildings": len(members),
            "facility_code": None,
            "grid_code": grid or None,
            "area_code": area or None,
            "lon": round(float(around.lon[members].mean()), 7),
            "lat": round(float(around.lat[members].mean()), 7),
        }
        for (grid, area), members in sorted(places.items())
    ]


def _adrift(around: Surroundings, targets: Targets) -> Flags:
    """Return which facilities have no street at any of their places."""
    adrift = np.ones(len(targets), bool)
    at = assign(around.networks, targets.place_lon, targets.place_lat)
    for number, streets in enumerate(around.networks):
        here = at == number
        x, y = streets.frame.to_metric(targets.place_lon[here], targets.place_lat[here])
        adrift[targets.place_owner[here][snap_places(streets.network, x, y).snapped]] = False
    return adrift


def _nearest_adrift(
    around: Surroundings, found: Found, adrift: Flags, homes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the nearest facility without a street of each of the homes."""
    targets = found.targets
    places = np.flatnonzero(adrift[targets.place_owner])
    nearest = np.full(len(homes), -1, np.int64)
    at = assign(around.networks, around.lon[homes], around.lat[homes])
    for number, streets in enumerate(around.networks):
        here = np.flatnonzero(at == number)
        x, y = streets.frame.to_metric(around.lon[homes[here]], around.lat[homes[here]])
        to_x, to_y = streets.frame.to_metric(targets.place_lon[places], targets.place_lat[places])
        _, place = nearest_by_air(x, y, to_x, to_y, found.limit.metres)
        known = place >= 0
        nearest[here[known]] = targets.place_owner[places][place[known]]
    return nearest
