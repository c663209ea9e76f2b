"""What would bring a home near by air within the limit on foot: one gate opened or one crossing added (§3.8)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.states import NOT_COVERED
from geo_service.domain.reference import Limit, Profile, category_named
from geo_service.services.cures import KINDS, cures
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.gap_states import Surroundings, near_by_air
from geo_service.services.homes import Homes
from geo_service.services.limit_rules import sentence
from geo_service.services.networks import Streets, assign
from geo_service.services.walks import People, walk

_AROUND_M: Final = 75.0  # spots so near to each other are looked at as one crossing


def cure_of(
    networks: Sequence[Streets], targets: Targets, people: People, *, limit: Limit, profile: Profile
) -> dict[str, Any]:
    """Return for one home that is not covered what is near by air, and the best single change that would cure it.

    ``near_by_air``: the nearest verified facility within the limit in a straight line (code, name, metres), None where
    there is none. ``cure``: as :class:`geo_service.services.cures.Cures` gives it (kind, code, lon, lat, metres and
    ``gained_m``, None where nothing was reachable before), None where no single gate or crossing helps. ``people`` are
    the home first, then its neighbours (:func:`neighbours`): crossings are those gap zones look for, over the barriers
    between any of them that are not covered and a facility near by air. ``targets`` are the facilities of one category.
    """
    around = Surroundings(networks, people.lon, people.lat, people.belongs, profile)
    own = np.arange(len(people.lon)) == 0
    away, place = near_by_air(around, targets, people.band, own, limit)
    if place[0] < 0:
        return {"near_by_air": None, "cure": None}
    facility = int(place[0])
    near = {"code": targets.code[facility], "name": targets.name[facility], "metres": round(float(away[0]), 2)}
    looked = own.copy()
    if len(own) > 1:
        walks = walk(networks, targets, people, category_count=1, limit=limit, profile=profile)
        lacking = walks.states(limit).state[0] == NOT_COVERED
        looked |= near_by_air(around, targets, people.band, lacking, limit)[1] >= 0
    found = cures(networks, targets, people, own, limit=limit, profile=profile, looked=looked)
    if not found.kind[0]:  # gap zones know of no cure that leads to facilities of some areas only
        opened = _open_to(targets, people)
        found = cures(networks, opened, people, own, limit=limit, profile=profile, looked=looked)
    if not found.kind[0]:
        return {"near_by_air": near, "cure": None}
    gained = float(found.gained_m[0])
    cure = {
        "kind": KINDS[found.kind[0]],
        "code": str(found.code[0]),
        "lon": round(float(found.lon[0]), 7),
        "lat": round(float(found.lat[0]), 7),
        "metres": round(float(found.metres[0]), 2),
        "gained_m": round(gained, 2) if np.isfinite(gained) else None,
    }
    return {"near_by_air": near, "cure": cure}


def neighbours(networks: Sequence[Streets], home: Homes, homes: Homes, limit: Limit) -> npt.NDArray[np.int64]:
    """Return the places of the other homes that could look over a barrier at the same spot as ``home``, ascending.

    Where no network has barriers nobody does.
    """
    closed = [one.network.enclosed for one in networks]
    if not len(homes) or not any(one is not None and len(one.barrier_code) for one in closed):
        return np.zeros(0, np.int64)
    frame = networks[int(assign(networks, home.lon, home.lat)[0])].frame
    x, y = frame.to_metric(homes.lon, homes.lat)
    own_x, own_y = frame.to_metric(home.lon, home.lat)
    near = np.hypot(x - own_x[0], y - own_y[0]) <= 2 * limit.metres + _AROUND_M
    return np.flatnonzero(near & (homes.id != home.id[0]))


def _open_to(targets: Targets, people: People) -> Targets:
    """Return the targets as one home finds them: those for people of its area are open to it."""
    areas = [int(area) for area in np.unique(targets.admits_area) if area not in (EVERYBODY, NOBODY_HERE)]
    own = [EVERYBODY, *(area for area in areas if people.belongs(area)[0])]
    return replace(targets, admits_area=np.where(np.isin(targets.admits_area, own), EVERYBODY, NOBODY_HERE))


def cure_words(found: dict[str, Any], category: str, limit_m: float) -> list[dict[str, Any]]:
    """Return what :func:`cure_of` found as sentences; nothing where nothing is near by air."""
    near, cure = found["near_by_air"], found["cure"]
    if near is None:
        return []
    label = dict(category_named(category).label)
    said = [sentence("explain.near_by_air", facility=near["name"] or near["code"], metres=near["metres"])]
    if cure is None:
        return [*said, sentence("explain.no_cure", category=label, limit=limit_m)]
    reached = "" if cure["gained_m"] is not None else "_reached"
    key = f"explain.cure_{cure['kind']}{reached}"
    gained = {} if cure["gained_m"] is None else {"gained": cure["gained_m"]}
    return [
        *said,
        sentence(key, category=label, code=cure.get("name") or cure["code"], metres=cure["metres"], **gained),
    ]
