"""Who is covered once the edits of a what-if are made: what is known changed where they reach, states decided anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.increments import Crowd, Feet
from geo_service.analysis.increments import Streets as Paved
from geo_service.analysis.states import States, near_in_straight_line
from geo_service.domain.scenarios import Edit
from geo_service.services.ages import NO_AGE, states_of_no_age
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE
from geo_service.services.networks import assign
from geo_service.services.scenario_edits import Added, Roads, added, removed, roads
from geo_service.services.scenario_ground import Base, Ground, feet_of
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.walks import Walks

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
Longs = npt.NDArray[np.int64]
_ANY: Final = None


@dataclass(frozen=True)
class _Kind:
    """Facilities that count alike: verified or not, for the homes of one area or all."""

    verified: bool
    admits_area: int


@dataclass(frozen=True)
class _Sources:
    """Places walked to on one network by kind: those there were (and whose), those that are new."""

    kept: Mapping[_Kind, Feet]
    new: Mapping[_Kind, Feet]

    def all_of(self, kind: _Kind) -> Feet:
        """Return what is there after the edits."""
        parts = [one[kind] for one in (self.kept, self.new) if kind in one]
        return Feet(*(np.concatenate([getattr(one, name) for one in parts]) for name in ("chain", "along_m", "leg_m")))

    @property
    def kinds(self) -> list[_Kind]:
        """All kinds, in a fixed order."""
        return sorted({*self.kept, *self.new}, key=lambda kind: (kind.verified, kind.admits_area))


@dataclass(frozen=True)
class Way:
    """Paths and cuts on one network, and its streets with them."""

    roads: Roads
    paved: Paved


def pave(ground: Ground, edits: Sequence[Edit]) -> list[Way]:
    """Return the streets of every network with the edits made; raises as ``scenario_edits.roads``."""
    return [
        Way(one, Paved.of(plain.chains, one.paths, one.cuts) if one.paths or one.cuts is not None else plain)
        for plain, one in zip(ground.paved, roads(ground, edits), strict=True)
    ]


class AsIs:
    """The walks to one category as they are."""

    def __init__(self, base: Base) -> None:
        self.base = base

    @property
    def is_limited(self) -> bool:
        """Whether a facility admits certain ages only."""
        return any(bands is not None for bands in self.base.targets.bands)

    def states(self, band: str | None) -> Codes:
        """Return the states of all homes for people of a band; None: by any facility."""
        if band == NO_AGE:
            return _of_no_age(self.base.walks(NO_AGE)[1], self.base.walks(_ANY)[1])
        return self.base.walks(band)[1]


class Supposed:
    """The edits of one what-if on the walks to one category."""

    def __init__(self, base: Base, edits: Sequence[Edit], ways: Sequence[Way], new: Newcomers) -> None:
        self.base, self.new = base, new
        self.ways = [one.roads for one in ways]
        self.paved = [one.paved for one in ways]
        codes = removed(edits)
        self.gone: Flags = np.array([code in codes for code in base.targets.code], bool)
        self.added: list[Added] = added(edits, base.targets, base.category)
        self._found: dict[tuple[bool, ...], Codes] = {}

    @property
    def is_limited(self) -> bool:
        """Whether a facility that is there after the edits admits certain ages only."""
        stay = (bands for bands, gone in zip(self.base.targets.bands, self.gone, strict=True) if not gone)
        return any(bands is not None for bands in (*stay, *(one.bands for one in self.added)))

    def states(self, band: str | None) -> Codes:
        """Return the states of all homes, then the new ones, for people of a band; None: by any facility."""
        if band == NO_AGE:
            return _of_no_age(self._states_of(NO_AGE), self._states_of(_ANY))
        return self._states_of(band)

    def _states_of(self, band: str | None) -> Codes:
        key = (*self.base.admits(band), *(band is None or a.bands is None or band in a.bands for a in self.added))
        if key not in self._found:
            self._found[key] = self._decided(band, np.array(key, bool))
        return self._found[key]

    def _decided(self, band: str | None, admits: Flags) -> Codes:
        base, ground = self.base, self.base.ground
        before, states = base.walks(band)
        walks = _extended(before, self.new)
        changed = [self._walked(number, walks, admits) for number in range(len(ground.networks))]
        self._adrift(walks, admits)
        which = np.unique(np.concatenate([*changed, np.arange(len(ground.homes), len(ground.homes) + len(self.new))]))
        drifted = np.flatnonzero(walks.adrift_near[0, : len(ground.homes)] != before.adrift_near[0])
        which = np.union1d(which, drifted)
        after = np.concatenate([states, np.zeros(len(self.new), np.uint8)])
        after[which] = _some(walks, which).states(ground.question.limit).state[0]
        return after

    def _sources(self, number: int, admits: Flags) -> _Sources:
        """Return the places of a network by kind that are there after the edits, those for nobody we know left out."""
        targets = self.base.targets
        usable = admits[: len(targets)] & ~self.gone & (targets.admits_area != NOBODY_HERE)
        owner, doors = self.base.owner[number], self.base.doors[number]
        kept: dict[_Kind, Feet] = {}
        new: dict[_Kind, Feet] = {}
        for verified in (False, True):
            for area in np.unique(targets.admits_area[usable & (targets.verified == verified)]).tolist():
                own = usable & (targets.verified == verified) & (targets.admits_area == area)
                kept[_Kind(verified, int(area))] = doors.take(np.flatnonzero(own[owner]))
        for one, wanted in zip(self.added, admits[len(targets) :], strict=True):
            if wanted and one.admits_area != NOBODY_HERE:
                kind = _Kind(one.verified, one.admits_area)
                feet = self._feet(number, one)
                new[kind] = _joined(new[kind], feet) if kind in new else feet
        return _Sources(kept, new)

    def _feet(self, number: int, one: Added) -> Feet:
        ground = self.base.ground
        lon, lat = np.array(one.places, float).T
        here = assign(ground.networks, lon, lat) == number
        return feet_of(ground, number, lon[here], lat[here], np.zeros(int(here.sum()), np.int32))[0]

    def _walked(self, number: int, walks: Walks, admits: Flags) -> Longs:
        """Change the walks on one network; return which of the homes there were may have another one."""
        ground = self.base.ground
        crowd, sources, streets = ground.crowds[number], self._sources(number, admits), self.paved[number]
        limit_m = ground.question.limit.metres
        newcomers = np.flatnonzero(self.new.network == number)
        for kind in sources.kinds if len(newcomers) else ():
            feet = sources.all_of(kind)
            group = np.zeros(len(feet), np.int32)
            metres = streets.nearest(self.new.feet[number], feet, group, 1, limit_m)[0]
            self._keep(walks, kind, len(ground.homes) + newcomers, metres)
        if self.ways[number].cuts is not None:
            for array in (walks.metres, walks.unverified_m):
                array[0, crowd.which] = np.inf
            for kind in sources.kinds:
                place, metres = streets.search(sources.all_of(kind), limit_m).near(crowd)
                self._keep(walks, kind, crowd.which[place], metres)
            return crowd.which
        plain = ground.paved[number]
        changed = [self._closed(walks, crowd, sources, plain)]
        for kind, feet in sources.new.items():
            place, metres = plain.search(feet, limit_m).near(crowd)
            changed.append(self._keep(walks, kind, crowd.which[place], metres))
        if self.ways[number].paths:
            changed += [self._over_paths(walks, crowd, kind, sources.all_of(kind), number) for kind in sources.kinds]
        return np.concatenate(changed)

    def _closed(self, walks: Walks, crowd: Crowd, sources: _Sources, plain: Paved) -> Longs:
        """Walk the homes of what is gone to the next nearest of what stays."""
        ground = self.base.ground
        lost = [np.zeros(0, np.int64)]
        for verified, metres, facility in (
            (True, walks.metres[0], walks.facility[0]),
            (False, walks.unverified_m[0], walks.unverified_facility[0]),
        ):
            if not (self.gone & (self.base.targets.verified == verified)).any():
                continue
            place = np.flatnonzero(np.append(self.gone, False)[facility[crowd.which]])
            which = crowd.which[place]
            metres[which] = np.inf
            lost.append(which)
            for kind, feet in sources.kept.items():
                if kind.verified == verified and len(which):
                    walked = plain.search(feet, ground.question.limit.metres).read(crowd.feet.take(place))
                    self._keep(walks, kind, which, walked)
        return np.concatenate(lost)

    def _over_paths(self, walks: Walks, crowd: Crowd, kind: _Kind, sources: Feet, number: int) -> Longs:
        """Walk over the new paths: what their feet are from the nearest place, carried on from there."""
        limit_m = self.base.ground.question.limit.metres
        streets, paths = self.paved[number], self.ways[number].paths
        starts = paths[0].ends
        for path in paths[1:]:
            starts = _joined(starts, path.ends)
        known = streets.nearest(starts, sources, np.zeros(len(sources), np.int32), 1, limit_m)[0]
        reached = np.flatnonzero(np.isfinite(known))
        place, metres = streets.search(starts.take(reached).with_legs(known[reached]), limit_m).near(crowd)
        return self._keep(walks, kind, crowd.which[place], metres)

    def _keep(self, walks: Walks, kind: _Kind, which: Longs, metres: Floats) -> Longs:
        """Keep what is nearer for the homes ``which``; return those it is for."""
        if kind.admits_area != EVERYBODY:
            own = self._belongs(kind.admits_area)[which]
            which, metres = which[own], metres[own]
        best = (walks.metres if kind.verified else walks.unverified_m)[0]
        nearer = metres < best[which]
        mine: Longs = which[nearer]
        best[mine] = metres[nearer]
        return mine

    def _belongs(self, area: int) -> Flags:
        ground = self.base.ground
        return np.concatenate([ground.belongs(area), ground.areas.holds(area, self.new.homes)])

    def _adrift(self, walks: Walks, admits: Flags) -> None:
        """Say who has a facility without a street near, where edits changed which there are, and for new homes."""
        base, ground = self.base, self.base.ground
        targets = base.targets
        usable = admits[: len(targets)] & (targets.admits_area != NOBODY_HERE)
        new = [
            one
            for one, wanted in zip(self.added, admits[len(targets) :], strict=True)
            if wanted and one.admits_area != NOBODY_HERE
            and not any(len(self._feet(number, one)) for number in range(len(ground.networks)))
        ]  # fmt: skip
        places = np.flatnonzero((base.adrift & usable & ~self.gone)[targets.place_owner])
        lon, lat = targets.place_lon[places], targets.place_lat[places]
        area = targets.admits_area[targets.place_owner[places]]
        for one in new:
            lon, lat = np.append(lon, [at[0] for at in one.places]), np.append(lat, [at[1] for at in one.places])
            area = np.append(area, [one.admits_area] * len(one.places))
        is_other = bool(new) or bool((base.adrift & usable & self.gone).any())
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
                near = near_in_straight_line(x, y, place_x[those], place_y[those], ground.question.limit.metres)
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


def _joined(one: Feet, other: Feet) -> Feet:
    return Feet(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in ("chain", "along_m", "leg_m")))
