"""Everything within a limit on foot, not only the nearest: every pair of a home and a facility that admits it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.analysis.pairs import pairs_within
from geo_service.analysis.states import boundary_distances, near_in_straight_line
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.reference import Limit, Profile
from geo_service.services.context import Progress, no_progress
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.networks import Streets, assign
from geo_service.services.walks import People

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reached:
    """Pairs within the limit, and what is not known about a home's surroundings.

    Attributes
    ----------
    home, facility, metres
        Pairs with their walk, ordered by home, then facility, shape (p,). Facilities for the people of one area are in
        pairs with homes there only.
    snapped
        Whether each home has a street, shape (h,).
    end_near
        Whether the end of the extent is within the limit in a straight line, shape (h,).
    adrift_near
        Whether a facility without a street is within the limit in a straight line, shape (h,).
    adrift
        Which facilities have no street, shape (f,).
    """

    home: Ints
    facility: Ints
    metres: Floats
    snapped: Flags
    end_near: Flags
    adrift_near: Flags
    adrift: Flags


def reached(
    networks: Sequence[Streets],
    targets: Targets,
    people: People,
    *,
    limit: Limit,
    profile: Profile,
    progress: Progress = no_progress,
) -> Reached:
    """Return which of the facilities are within the limit of each home.

    Parameters
    ----------
    networks, targets, people
        Where one walks, what to (of one category), and who; ``people.band`` is not looked at.
    limit, profile
        How far, and whether steps are possible.
    progress
        Told the share done.
    """
    count = len(people.lon)
    snapped, end_near, near = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool)
    adrift = np.ones(len(targets), bool)
    parts: list[tuple[Ints, Ints, Floats]] = []
    starts, doors = assign(networks, people.lon, people.lat), assign(networks, targets.place_lon, targets.place_lat)
    for number, streets in enumerate(networks):
        part = (number / len(networks), 1 / len(networks))
        here, there = np.flatnonzero(starts == number), np.flatnonzero(doors == number)
        x, y = streets.frame.to_metric(targets.place_lon[there], targets.place_lat[there])
        ends = snap_places(streets.network, x, y)
        adrift[targets.place_owner[there][ends.snapped]] = False
        x, y = streets.frame.to_metric(people.lon[here], people.lat[here])
        origins = snap_homes(streets.network, x, y)
        snapped[here] = origins.snapped
        if not streets.is_closed:
            end_near[here] = boundary_distances(streets.extent, streets.frame, x, y, limit.metres) < limit.metres
        found = pairs_within(
            streets.network,
            origins,
            ends,
            limit_m=limit.metres,
            step_free=profile.step_free,
            progress=lambda share, key, part=part: progress(part[0] + part[1] * (share or 0.0), key),  # type: ignore[misc]
        ).by_owner(here, targets.place_owner[there])
        parts.append((found.start, found.end, found.metres))
    for number, streets in enumerate(networks):
        here = np.flatnonzero(starts == number)
        near[here] = near_adrift(streets, targets, adrift, people, here, limit_m=limit.metres)
    home, facility, metres = (np.concatenate([part[n] for part in parts]) for n in range(3))
    admitted = _admitted(targets, people, home, facility)
    home, facility, metres = home[admitted], facility[admitted], metres[admitted]
    order = np.lexsort((facility, home))
    return Reached(home[order], facility[order], metres[order], snapped, end_near, near, adrift)


def _admitted(targets: Targets, people: People, home: Ints, facility: Ints) -> Flags:
    """Return which pairs are of a facility that admits people of the home's areas."""
    area = targets.admits_area[facility]
    admitted = area == EVERYBODY
    for one in np.unique(area[(area != EVERYBODY) & (area != NOBODY_HERE)]):
        admitted |= (area == one) & people.belongs(int(one))[home]
    return np.asarray(admitted, bool)


def near_adrift(
    streets: Streets, targets: Targets, adrift: Flags, people: People, here: npt.NDArray[np.int64], *, limit_m: float
) -> Flags:
    """Whether a facility without a street that admits the home is within the limit in a straight line."""
    near = np.zeros(len(here), bool)
    places = np.flatnonzero((adrift & (targets.admits_area != NOBODY_HERE))[targets.place_owner])
    x, y = streets.frame.to_metric(people.lon[here], people.lat[here])
    place_x, place_y = streets.frame.to_metric(targets.place_lon[places], targets.place_lat[places])
    area = targets.admits_area[targets.place_owner[places]]
    for one in np.unique(area):
        by_air = near_in_straight_line(x, y, place_x[area == one], place_y[area == one], limit_m)
        near |= by_air if one == EVERYBODY else by_air & people.belongs(int(one))[here]
    return near
