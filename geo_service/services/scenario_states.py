"""Who is covered once the edits of a what-if are made: what is known changed where they reach, states decided anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.increments import Crowd, Feet, Reach, over_paths
from geo_service.analysis.increments import Streets as Paved
from geo_service.analysis.kept_reach import KeptReach
from geo_service.analysis.states import States, near_in_straight_line
from geo_service.domain.reference import Limit
from geo_service.domain.scenarios import Edit
from geo_service.services.ages import NO_AGE, states_of_no_age
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE
from geo_service.services.networks import assign
from geo_service.services.scenario_base import Base, FacilityKind, Known, feet_of
from geo_service.services.scenario_edits import Added, Roads, added, removed, roads
from geo_service.services.scenario_ground import Ground
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.walks import Walks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
_ANY: Final = None


@dataclass(frozen=True)
class Way:
    """The streets of one network with paths added and cuts made, and with the cuts alone."""

    roads: Roads
    paved: Paved
    cut: Paved


Ways = Mapping[bool, Sequence[Way]]  # by whether one walks without steps, and by network


def pave(ground: Ground, edits: Sequence[Edit]) -> Ways:
    """Return the streets of every network with the edits made; raises as ``scenario_edits.roads``."""
    ways: dict[bool, list[Way]] = {}
    for step_free, footing in ground.footings.items():
        pairs = zip(footing.paved, roads(ground, edits, step_free=step_free), strict=True)
        ways[step_free] = [
            Way(one, plain.edited(one.paths, one.cuts), plain.edited((), one.cuts)) for plain, one in pairs
        ]
    return ways


class AsIs:
    """The walks to one category as they are."""

    def __init__(self, base: Base) -> None:
        self.base = base

    @property
    def is_limited(self) -> bool:
        """Whether people are counted by age."""
        return self.base.is_limited

    def states(self, band: str | None) -> Codes:
        """Return the states of all homes for people of a band; None: by any facility."""
        if band == NO_AGE:
            return _of_no_age(self.base.known(NO_AGE).state, self.base.known(_ANY).state)
        return self.base.known(band).state


class Supposed:
    """The edits of one what-if on the walks to one category."""

    def __init__(self, base: Base, edits: Sequence[Edit], ways: Ways, new: Newcomers) -> None:
        self.base, self.new, self.ways = base, new, ways
        codes = removed(edits)
        self.gone: Flags = np.array([code in codes for code in base.targets.code], bool)
        self.added: list[Added] = added(edits, base.targets, base.category)
        self._found: dict[tuple[object, ...], Codes] = {}

    @property
    def is_limited(self) -> bool:
        """Whether people are counted by age after the edits."""
        stay = (bands for bands, gone in zip(self.base.targets.bands, self.gone, strict=True) if not gone)
        return self.base.ground.is_by_age or any(
            bands is not None for bands in (*stay, *(one.bands for one in self.added))
        )

    def states(self, band: str | None) -> Codes:
        """Return the states of all homes, then the new ones, for people of a band; None: by any facility."""
        if band == NO_AGE:
            return _of_no_age(self._states_of(NO_AGE), self._states_of(_ANY))
        return self._states_of(band)

    def _states_of(self, band: str | None) -> Codes:
        admits = (*self.base.admits(band), *(band is None or a.bands is None or band in a.bands for a in self.added))
        profile, limit = self.base.ground.walker(band)
        key = (admits, profile.step_free, limit.metres)
        if key not in self._found:
            one = _Walkers(self, self.base.known(band), np.array(admits, bool), profile.step_free, limit)
            self._found[key] = one.states()
        return self._found[key]


class _Walkers:
    """Those who are admitted and walk alike, under the edits of one what-if."""

    def __init__(self, what: Supposed, known: Known, admits: Flags, step_free: bool, limit: Limit) -> None:
        self.what, self.base, self.new = what, what.base, what.new
        self.ground = self.base.ground
        self.known, self.admits, self.step_free, self.limit = known, admits, step_free, limit
        self.walks = _extended(known.walks, self.new)

    def states(self) -> Codes:
        """Return the states of all homes, then the new ones."""
        ground, walks = self.ground, self.walks
        changed = [self._walked(number) for number in range(len(ground.networks))]
        self._adrift()
        count = len(ground.homes)
        drifted = np.flatnonzero(walks.adrift_near[0, :count] != self.known.walks.adrift_near[0])
        late = np.arange(count, count + len(self.new))
        which = np.unique(np.concatenate([*changed, drifted, late]))
        after = np.concatenate([self.known.state, np.zeros(len(self.new), np.uint8)])
        after[which] = _some(walks, which).states(self.limit).state[0]
        return after

    def _walked(self, number: int) -> Longs:
        """Change the walks on one network; return which of the homes there were may have another one."""
        crowd = self.ground.footings[self.step_free].crowds[number]
        way = self.what.ways[self.step_free][number]
        newcomers = np.flatnonzero(self.new.network == number)
        more = self._added(number)
        kept = self.known.kept[number]
        if way.roads.cuts is None and not (way.roads.paths or len(newcomers) or self.what.gone.any()):
            kept = {}  # what was there stays as it was
        reaches, changed = self._left(kept, crowd, way)
        for kind, feet in more.items():
            reach = way.cut.search(feet, self.limit.metres)
            reaches.setdefault(kind, []).append(reach)
            changed.append(self._nearer(kind, reach, crowd))
        for kind, before in reaches.items() if way.roads.paths else ():
            reach = over_paths(way.paved, way.roads.paths, before, self.limit.metres)
            before.append(reach)
            changed.append(self._nearer(kind, reach, crowd))
        for kind, found in reaches.items() if len(newcomers) else ():
            metres = np.min([reach.of(self.new.feet[self.step_free][number]) for reach in found], axis=0)
            self._keep(kind, len(self.ground.homes) + newcomers, metres)
        return np.concatenate(changed)

    def _left(
        self, kept: Mapping[FacilityKind, tuple[KeptReach, Ints]], crowd: Crowd, way: Way
    ) -> tuple[dict[FacilityKind, list[Reach]], list[Longs]]:
        """Return what remains where streets are cut and facilities go, and the homes there that walk anew."""
        reaches: dict[FacilityKind, list[Reach]] = {}
        others: dict[bool, Flags] = {}
        for kind, (search, owner) in kept.items():
            gone = self.what.gone[owner]
            if way.roads.cuts is None and not gone.any():
                reaches[kind] = [search.reach()]
                continue
            reach, chains = search.without(gone, way.cut)
            reaches[kind] = [reach]
            others[kind.verified] = others.get(kind.verified, False) | chains
        changed = [np.zeros(0, np.int64)]
        for verified, chains in others.items():
            place = crowd.on(chains)
            which = crowd.which[place]
            self._best(verified=verified)[which] = np.inf
            for kind, found in reaches.items():
                if kind.verified == verified:
                    self._keep(kind, which, found[0].read(crowd.feet.take(place)))
            changed.append(which)
        return reaches, changed

    def _added(self, number: int) -> dict[FacilityKind, Feet]:
        """Return the places on a network that are new, by kind, those for nobody we know left out."""
        found: dict[FacilityKind, list[Feet]] = {}
        for one in self._wanted():
            found.setdefault(FacilityKind(one.verified, one.admits_area), []).append(self._feet(number, one))
        return {kind: Feet.together(feet) for kind, feet in found.items()}

    def _wanted(self) -> list[Added]:
        new = self.admits[len(self.base.targets) :]
        pairs = zip(self.what.added, new, strict=True)
        return [one for one, wanted in pairs if wanted and one.admits_area != NOBODY_HERE]

    def _feet(self, number: int, one: Added) -> Feet:
        lon, lat = np.array(one.places, float).T
        here = assign(self.ground.networks, lon, lat) == number
        feet, _ = feet_of(self.ground, number, lon[here], lat[here], np.zeros(int(here.sum()), np.int32))
        return feet[self.step_free]

    def _nearer(self, kind: FacilityKind, reach: Reach, crowd: Crowd) -> Longs:
        """Keep what a reach makes nearer; return the homes it is for."""
        place, metres = reach.near(crowd)
        return self._keep(kind, crowd.which[place], metres)

    def _keep(self, kind: FacilityKind, which: Longs, metres: Floats) -> Longs:
        """Keep what is nearer for the homes ``which``; return those it is for."""
        if kind.admits_area != EVERYBODY:
            own = self._belongs(kind.admits_area)[which]
            which, metres = which[own], metres[own]
        best = self._best(verified=kind.verified)
        nearer = metres < best[which]
        mine: Longs = which[nearer]
        best[mine] = metres[nearer]
        return mine

    def _best(self, *, verified: bool) -> Floats:
        best: Floats = (self.walks.metres if verified else self.walks.unverified_m)[0]
        return best

    def _belongs(self, area: int) -> Flags:
        return np.concatenate([self.ground.belongs(area), self.ground.areas.holds(area, self.new.homes)])

    def _adrift(self) -> None:
        """Say who has a facility without a street near, where edits changed which there are, and for new homes."""
        base, ground, walks, gone = self.base, self.ground, self.walks, self.what.gone
        targets = base.targets
        usable = self.admits[: len(targets)] & (targets.admits_area != NOBODY_HERE)
        everywhere = range(len(ground.networks))
        new = [one for one in self._wanted() if not any(len(self._feet(number, one)) for number in everywhere)]
        places = np.flatnonzero((base.adrift & usable & ~gone)[targets.place_owner])
        lon, lat = targets.place_lon[places], targets.place_lat[places]
        area = targets.admits_area[targets.place_owner[places]]
        for one in new:
            lon, lat = np.append(lon, [at[0] for at in one.places]), np.append(lat, [at[1] for at in one.places])
            area = np.append(area, [one.admits_area] * len(one.places))
        is_other = bool(new) or bool((base.adrift & usable & gone).any())
        first = 0 if is_other else len(ground.homes)
        walks.adrift_near[0, first:] = False
        if not len(lon) or first == walks.metres.shape[1]:
            return
        home_lon = np.concatenate([ground.homes.lon, self.new.homes.lon])
        home_lat = np.concatenate([ground.homes.lat, self.new.homes.lat])
        at = assign(ground.networks, home_lon[first:], home_lat[first:])
        for number, streets in enumerate(ground.networks):
            here = first + np.flatnonzero(at == number)
            x, y = streets.frame.to_metric(home_lon[here], home_lat[here])
            place_x, place_y = streets.frame.to_metric(lon, lat)
            for one_area in np.unique(area):
                those = area == one_area
                near = near_in_straight_line(x, y, place_x[those], place_y[those], self.limit.metres)
                if one_area != EVERYBODY:
                    near &= self._belongs(int(one_area))[here]
                walks.adrift_near[0, here] |= near


def _of_no_age(for_all: Codes, any_age: Codes) -> Codes:
    return states_of_no_age(for_all, States(any_age, np.zeros_like(any_age))).state


def _extended(walks: Walks, new: Newcomers) -> Walks:
    """Return a copy of the walks with new homes, who reach nothing yet."""
    more = replace(Walks.nothing(1, len(new)), snap_m=new.snap_m, boundary_m=new.boundary_m)
    names = ("metres", "facility", "unverified_m", "unverified_facility", "adrift_near", "snap_m", "boundary_m")
    both = {name: (getattr(walks, name), getattr(more, name)) for name in names}
    return Walks(**{name: np.concatenate(pair, axis=-1) for name, pair in both.items()})


def _some(walks: Walks, which: Longs) -> Walks:
    names = ("metres", "facility", "unverified_m", "unverified_facility", "adrift_near")
    some = {name: getattr(walks, name)[:, which] for name in names}
    return Walks(**some, snap_m=walks.snap_m[which], boundary_m=walks.boundary_m[which])
