"""What would cure a home that is near a facility by air and far on foot: a gate to open, a crossing to add (§3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from geo_service.analysis.cures import best_change, crossing_spots, crossings_between, gates_to_open, reach_of
from geo_service.analysis.distances import nearest as walks_to
from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.reference import Limit, Profile
from geo_service.services.facilities import EVERYBODY, Targets
from geo_service.services.networks import Streets, assign
from geo_service.services.walks import People

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
KINDS: Final = ("", "gate", "crossing")


@dataclass(frozen=True)
class Cures:
    """The best cure of each of p homes, all of shape (p,).

    Attributes
    ----------
    kind
        Place in :data:`KINDS`: 0 none, 1 a gate opened to everyone, 2 a crossing added over a barrier.
    code
        Code of the gate, or of the barrier to be crossed; None without a cure.
    lon, lat
        Where the gate stands or the crossing would be, degrees; NaN without a cure.
    metres
        The walk with it, at most the limit; inf without a cure.
    gained_m
        How much shorter than before; inf where nothing was reachable before, 0 without a cure.
    """

    kind: npt.NDArray[np.uint8]
    code: npt.NDArray[np.object_]
    lon: Floats
    lat: Floats
    metres: Floats
    gained_m: Floats


def cures(
    networks: Sequence[Streets],
    targets: Targets,
    people: People,
    uncovered: Flags,
    *,
    limit: Limit,
    profile: Profile,
    looked: Flags | None = None,
) -> Cures:
    """Return for each home what single change would bring a facility within the limit.

    Parameters
    ----------
    networks, targets, people
        As for :func:`geo_service.services.walks.walk`; the targets of one category. Only verified facilities that
        admit everybody are walked to.
    uncovered
        The homes to cure, shape (p,); those without a facility within the limit in a straight line stay without cure.
    limit, profile
        How far, and whether steps are possible.
    looked
        The homes where crossings are looked for, shape (p,); those to cure without any. One home is told the crossing
        its gap zone is told if these are the homes of the zone's search.

    Notes
    -----
    Of several cures the one with the shortest walk, then a gate before a crossing, then the lower code is named. A
    gate is opened to everyone; a crossing leads straight over one barrier from the nearest street on this side to the
    nearest one beyond, where the line from a home to its nearest facility by air crosses it.
    """
    count = len(people.lon)
    found = Cures(
        np.zeros(count, np.uint8),
        np.full(count, None, object),
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.full(count, np.inf),
        np.zeros(count),
    )
    usable = targets.verified & (targets.admits_area == EVERYBODY)
    if people.band is not None:
        usable &= np.array([bands is None or people.band in bands for bands in targets.bands], bool)
    doors = np.flatnonzero(usable[targets.place_owner])
    lon, lat = targets.place_lon[doors], targets.place_lat[doors]
    at, starts = assign(networks, lon, lat), assign(networks, people.lon, people.lat)
    looked = uncovered if looked is None else looked
    for number, streets in enumerate(networks):
        here = np.flatnonzero(uncovered & (starts == number))
        if streets.network.enclosed is not None and len(here) and (at == number).any():
            places = np.column_stack(streets.frame.to_metric(lon[at == number], lat[at == number]))
            lines = _lines(streets, places, people, np.flatnonzero(looked & (starts == number)), limit)
            homes = np.column_stack(streets.frame.to_metric(people.lon[here], people.lat[here]))
            _on_network(streets, places, homes, here, found, lines=lines, limit=limit, profile=profile)
    return found


def _lines(
    streets: Streets, places: Floats, people: People, looked: npt.NDArray[np.int64], limit: Limit
) -> npt.NDArray[np.object_]:
    """Return the lines from homes to their nearest place in a straight line, where one is within the limit."""
    homes = np.column_stack(streets.frame.to_metric(people.lon[looked], people.lat[looked]))
    away, nearest = cKDTree(places).query(homes, distance_upper_bound=limit.metres + TOLERANCE_M)
    near = np.isfinite(away)
    return np.asarray(shapely.linestrings(np.stack([homes[near], places[nearest[near]]], axis=1)), object)


def _on_network(
    streets: Streets,
    places: Floats,
    homes: Floats,
    here: npt.NDArray[np.int64],
    found: Cures,
    *,
    lines: npt.NDArray[np.object_],
    limit: Limit,
    profile: Profile,
) -> None:
    """Write the cures of the homes ``here``; places and homes in the metric frame, shapes (k, 2) and (m, 2).

    Crossings are looked for where ``lines`` cross barriers.
    """
    network, step_free = streets.network, profile.step_free
    away, _ = cKDTree(places).query(homes, distance_upper_bound=limit.metres + TOLERANCE_M)
    near = np.isfinite(away)
    here, homes = here[near], homes[near]
    if not len(here):
        return
    ends = snap_places(network, places[:, 0], places[:, 1])
    reach = reach_of(network, ends, step_free=step_free)
    snaps = snap_homes(network, homes[:, 0], homes[:, 1])
    before = walks_to(network, ends, np.zeros(len(ends), np.int32), snaps, step_free=step_free).metres
    crossings = crossings_between(network, ends, crossing_spots(network, lines), step_free=step_free)
    for kind, changes in enumerate((gates_to_open(network, reach), crossings), 1):
        made = best_change(network, changes, snaps, homes, limit_m=limit.metres, step_free=step_free)
        some = np.flatnonzero((made.change >= 0) & (made.metres < found.metres[here]) & (made.metres < before))
        which, which_of = made.change[some], here[some]
        found.kind[which_of] = kind
        found.code[which_of] = np.array(changes.code, object)[which]
        found.lon[which_of], found.lat[which_of] = streets.frame.to_lonlat(changes.x[which], changes.y[which])
        found.metres[which_of] = made.metres[some]
        found.gained_m[which_of] = before[some] - made.metres[some]
