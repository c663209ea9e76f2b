"""Why homes lack a category: for each audience (age bands that the same facilities admit) state, reason and walks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.analysis.gap_zones import nearest_by_air
from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.analysis.states import NOT_COVERED, States
from geo_service.domain.bands import BANDS
from geo_service.domain.reference import Limit, Profile
from geo_service.services.ages import NO_AGE, states_of_no_age
from geo_service.services.cures import Cures, cures
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.networks import Streets, assign
from geo_service.services.walks import Belongs, People, Walks, walk

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Audience:
    """People of some bands, all admitted by the same facilities of a category, and how it stands with them.

    Attributes
    ----------
    bands
        Age bands, ``ages.NO_AGE`` among them for people of no band; ``(ALL,)`` for everybody.
    states, walks
        Of h homes and one category, shapes (1, h).
    air_m, air_facility
        Nearest verified facility that admits them within the limit in a straight line, inf and -1, shape (h,).
    others_m, others_facility
        Nearest verified facility within the limit on foot, whoever it admits, inf and -1, shape (h,).
    cures
        What single change would bring a facility within the limit.
    """

    bands: tuple[str, ...]
    states: States
    walks: Walks
    air_m: Floats
    air_facility: Ints
    others_m: Floats
    others_facility: Ints
    cures: Cures | None


@dataclass(frozen=True)
class Surroundings:
    """What walks rest on: networks, where homes are, which belong to an area, and the profile."""

    networks: Sequence[Streets]
    lon: Floats
    lat: Floats
    belongs: Belongs
    profile: Profile

    def people(self, band: str | None = None) -> People:
        """Return those who walk, of one band or everybody."""
        return People(self.lon, self.lat, self.belongs, band)


def audiences_of(concerned: Sequence[str], targets: Targets) -> list[tuple[str, ...]]:
    """Return the bands concerned (none named: everybody) in sets that the same of the targets admit."""
    if not concerned and all(bands is None for bands in targets.bands):
        return [(ALL,)]
    sets: dict[tuple[bool, ...], list[str]] = {}
    for band in concerned or (*BANDS, NO_AGE):
        sets.setdefault(tuple(one is None or band in one for one in targets.bands), []).append(band)
    return [tuple(bands) for bands in sets.values()]


def one_category(targets: Targets, place: int) -> Targets:
    """Return the facilities of the category at ``place`` as those of the only one."""
    own = targets.of_categories([place])
    return replace(own, category=np.zeros(len(own), np.int32))


def find_audience(
    around: Surroundings, targets: Targets, bands: tuple[str, ...], limit: Limit, walks: Walks | None = None
) -> Audience:
    """Return how it stands with the people of ``bands``; ``walks`` are those of everybody where already known.

    ``targets`` are the facilities of one category.
    """
    band = None if bands == (ALL,) else bands[0]
    if walks is None:
        walks = _walked(around, targets, limit, band)
    states = walks.states(limit)
    if band == NO_AGE:
        anybody = _walked(around, targets, limit, None).states(limit)
        states = states_of_no_age(states.state, anybody)
    lacking = states.state[0] == NOT_COVERED
    air_m, air = near_by_air(around, targets, band, lacking, limit)
    others_m, others = _others(around, targets, lacking, limit)
    found = None
    if (air >= 0).any():
        found = cures(
            around.networks, targets, around.people(band), air >= 0, limit=limit, profile=around.profile
        )  # fmt: skip
    return Audience(bands, states, walks, air_m, air, others_m, others, found)


def _walked(around: Surroundings, targets: Targets, limit: Limit, band: str | None) -> Walks:
    return walk(around.networks, targets, around.people(band), category_count=1, limit=limit, profile=around.profile)


def near_by_air(
    around: Surroundings, targets: Targets, band: str | None, lacking: Flags, limit: Limit
) -> tuple[Floats, Ints]:
    """Return the nearest verified facility that admits the people in a straight line, for the homes ``lacking``."""
    metres, facility = np.full(len(lacking), np.inf), np.full(len(lacking), -1, np.int32)
    usable = targets.verified & (targets.admits_area != NOBODY_HERE)
    if band is not None:
        usable &= np.array([bands is None or band in bands for bands in targets.bands], bool)
    starts = assign(around.networks, around.lon, around.lat)
    for area in np.unique(targets.admits_area[usable]):
        homes = lacking if area == EVERYBODY else lacking & around.belongs(int(area))
        places = np.flatnonzero((usable & (targets.admits_area == area))[targets.place_owner])
        for number, streets in enumerate(around.networks):
            here = np.flatnonzero(homes & (starts == number))
            x, y = streets.frame.to_metric(around.lon[here], around.lat[here])
            to_x, to_y = streets.frame.to_metric(targets.place_lon[places], targets.place_lat[places])
            far, place = nearest_by_air(x, y, to_x, to_y, limit.metres)
            nearer = far < metres[here]
            metres[here[nearer]] = far[nearer]
            facility[here[nearer]] = targets.place_owner[places][place[nearer]]
    return metres, facility


def _others(around: Surroundings, targets: Targets, lacking: Flags, limit: Limit) -> tuple[Floats, Ints]:
    """Return the nearest verified facility within the limit on foot, whoever it admits, for the homes ``lacking``."""
    metres, facility = np.full(len(lacking), np.inf), np.full(len(lacking), -1, np.int32)
    here = np.flatnonzero(lacking)
    is_limited = any(bands is not None for bands in targets.bands) or (targets.admits_area != EVERYBODY).any()
    if not is_limited or not len(here):
        return metres, facility
    opened = replace(
        targets,
        admits_area=np.full(len(targets), EVERYBODY, np.int64),
        bands=[None] * len(targets),
    )
    people = People(around.lon[here], around.lat[here], lambda area: around.belongs(area)[here])
    found = walk(around.networks, opened, people, category_count=1, limit=limit, profile=around.profile)
    within = found.metres[0] <= limit.metres + TOLERANCE_M
    metres[here[within]], facility[here[within]] = found.metres[0][within], found.facility[0][within]
    return metres, facility


def persons_in(people: Mapping[str, Floats], band: str) -> Floats | None:
    """Return the people of a band, ``ages.NO_AGE`` for those of none, by home; None where nobody's are known."""
    if band in people:
        return people[band]
    if band != NO_AGE or ALL not in people:
        return None
    known = [one for name, one in people.items() if name not in (ALL, NO_AGE)]
    rest: Floats = people[ALL] - np.nansum(np.stack(known), axis=0) if known else people[ALL]
    return np.maximum(rest, 0.0)
