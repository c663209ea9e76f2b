"""Walks between homes and every facility in reach under the edits of a what-if; kept, and searched where edits reach.

A facility's walks can be others only where it is new or moved, or a path, a cut or a new home lies within the limit of
it in a straight line: any other walk neither leads there nor ends there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.each_reach import reach_of_each
from geo_service.analysis.increments import Feet
from geo_service.analysis.increments import Streets as Paved
from geo_service.analysis.states import near_in_straight_line
from geo_service.domain.scenarios import Edit
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.networks import assign
from geo_service.services.reach import Reached, near_adrift
from geo_service.services.scenario_base import Base, feet_of
from geo_service.services.scenario_edits import JOIN_M
from geo_service.services.scenario_homes import Newcomers
from geo_service.services.scenario_states import Ways
from geo_service.services.scenario_stock import Stock
from geo_service.services.walks import People

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_KEPT: Final = "each"
_ROOM: Final = 1.01  # straight lines in a metric frame may be so much longer than on the ground


@dataclass(frozen=True)
class EachWalk:
    """Homes within the limit of one facility, ascending, and their walks, whomever it admits; shape (p,)."""

    home: Longs
    metres: Floats


_NOBODY: Final = EachWalk(np.zeros(0, np.int64), np.zeros(0))


@dataclass(frozen=True)
class _Walkers:
    """Who walks: the homes that are there, then new ones if there are any, by the walk of everybody."""

    base: Base
    new: Newcomers | None = None

    @property
    def limit_m(self) -> float:
        """How far they walk."""
        return self.base.ground.walker(None)[1].metres

    @property
    def step_free(self) -> bool:
        """Whether they walk without steps."""
        return self.base.ground.walker(None)[0].step_free

    def of(self, name: str) -> Floats:
        """Return ``snap_m`` or ``boundary_m`` of all of them."""
        own: Floats = getattr(self.base.known(None).walks, name)
        return own if self.new is None else np.concatenate([own, getattr(self.new, name)])

    def belongs(self, area: int) -> Flags:
        """Whether each belongs to an area."""
        own = self.base.ground.belongs(area)
        return own if self.new is None else np.concatenate([own, self.base.ground.areas.holds(area, self.new.homes)])

    def people(self) -> People:
        """Return where they start."""
        homes = [self.base.ground.homes, *([] if self.new is None else [self.new.homes])]
        lon, lat = (np.concatenate([getattr(one, name) for one in homes]) for name in ("lon", "lat"))
        return People(lon, lat, self.belongs)

    def search(self, parts: list[list[EachWalk]], number: int, paved: Paved, doors: Feet, owner: Ints) -> None:
        """Add to ``parts`` the walks on one network to each owner of its doors."""
        ground = self.base.ground
        crowd = ground.footings[self.step_free].crowds[number]
        late = np.zeros(0, np.int64) if self.new is None else np.flatnonzero(self.new.network == number)
        for whose, reach in reach_of_each(paved, doors, owner, self.limit_m):
            place, metres = reach.near(crowd)
            parts[whose].append(EachWalk(crowd.which[place], metres))
            if self.new is not None and len(late):
                metres = reach.of(self.new.feet[self.step_free][number])
                there = np.flatnonzero(np.isfinite(metres))
                parts[whose].append(EachWalk(len(ground.homes) + late[there], metres[there]))

    def reached(self, targets: Targets, walks: Sequence[EachWalk], adrift: Flags, adrift_near: Flags) -> Reached:
        """Return the pairs whose facility admits people of the home's areas."""
        own = [self._admitted(walk, int(area)) for walk, area in zip(walks, targets.admits_area, strict=True)]
        facility = np.repeat(np.arange(len(own), dtype=np.int32), [len(walk.home) for walk in own])
        home = np.concatenate([np.zeros(0, np.int64), *(walk.home for walk in own)]).astype(np.int32)
        metres = np.concatenate([np.zeros(0), *(walk.metres for walk in own)])
        end_near = self.of("boundary_m") < self.limit_m
        return Reached(home, facility, metres, np.isfinite(self.of("snap_m")), end_near, adrift_near, adrift)

    def _admitted(self, walk: EachWalk, area: int) -> EachWalk:
        if area == EVERYBODY:
            return walk
        if area == NOBODY_HERE:
            return _NOBODY
        mine = self.belongs(area)[walk.home]
        return EachWalk(walk.home[mine], walk.metres[mine])


def reached_as_is(base: Base) -> Reached:
    """Return who reaches which of the facilities that are there."""
    return _Walkers(base).reached(base.targets, _kept(base), base.adrift, base.known(None).walks.adrift_near[0])


def reached_with(base: Base, stock: Stock, edits: Sequence[Edit], ways: Ways, new: Newcomers) -> Reached:
    """Return who reaches which of the facilities of ``stock`` once edits are made; new homes last."""
    walkers, targets = _Walkers(base, new), stock.supply.targets
    stays = np.flatnonzero(stock.origin >= 0)
    fresh = stock.is_placed | np.isin(np.arange(len(stock)), _beside(base, targets, edits, walkers.limit_m))
    adrift = np.zeros(len(stock), bool)
    adrift[stays] = base.adrift[stock.origin[stays]]
    kept = _kept(base)
    found = [_NOBODY if fresh[place] else kept[stock.origin[place]] for place in range(len(stock))]
    if fresh.any():
        for place, walk in _searched(walkers, stock, fresh, adrift, ways).items():
            found[place] = walk
    return walkers.reached(targets, found, adrift, _adrift_near(walkers, stock, adrift))


def _kept(base: Base) -> list[EachWalk]:
    """Return the walks to each of the facilities that are there, searched at first use."""
    if _KEPT not in base.kept:
        walkers = _Walkers(base)
        parts: list[list[EachWalk]] = [[] for _ in range(len(base.targets))]
        for number, paved in enumerate(base.ground.footings[walkers.step_free].paved):
            walkers.search(parts, number, paved, base.doors[walkers.step_free][number], base.owner[number])
        base.kept[_KEPT] = [_together(one) for one in parts]
    kept: list[EachWalk] = base.kept[_KEPT]
    return kept


def _searched(walkers: _Walkers, stock: Stock, fresh: Flags, adrift: Flags, ways: Ways) -> dict[int, EachWalk]:
    """Return the walks to the ``fresh`` facilities; ``adrift`` is told which of those put anew have no street."""
    base, targets, step_free = walkers.base, stock.supply.targets, walkers.step_free
    ground = base.ground
    parts: list[list[EachWalk]] = [[] for _ in range(len(stock))]
    placed = np.flatnonzero(stock.is_placed[targets.place_owner])
    at = assign(ground.networks, targets.place_lon[placed], targets.place_lat[placed])
    adrift[stock.is_placed] = True
    now = np.full(len(base.targets), -1, np.int32)
    stays = np.flatnonzero(fresh & ~stock.is_placed)
    now[stock.origin[stays]] = stays
    for number, way in enumerate(ways[step_free]):
        here = placed[at == number]
        lon, lat, owner = targets.place_lon[here], targets.place_lat[here], targets.place_owner[here]
        feet, whose = feet_of(ground, number, lon, lat, owner)
        adrift[whose] = False
        old = np.flatnonzero(now[base.owner[number]] >= 0)
        doors = Feet.together([base.doors[step_free][number].take(old), feet[step_free]])
        owners = np.concatenate([now[base.owner[number][old]], whose]).astype(np.int32)
        walkers.search(parts, number, way.paved, doors, owners)
    return {int(place): _together(parts[place]) for place in np.flatnonzero(fresh)}


def _together(parts: Sequence[EachWalk]) -> EachWalk:
    """Return walks of different homes as one, the homes ascending."""
    if not parts:
        return _NOBODY
    home = np.concatenate([one.home for one in parts])
    order = np.argsort(home, kind="stable")
    return EachWalk(home[order], np.concatenate([one.metres for one in parts])[order])


def _beside(base: Base, targets: Targets, edits: Sequence[Edit], limit_m: float) -> Longs:
    """Return the facilities that have a path's end, a cut or a new home within the limit in a straight line."""
    points = [edit.position for edit in edits if edit.edit in ("path_cut", "homes_add") and edit.position]
    points += [end for edit in edits if edit.edit == "path_add" for end in (edit.line[0], edit.line[-1])]
    if not points:
        return np.zeros(0, np.int64)
    networks = base.ground.networks
    lon, lat = np.array(points, float).T
    at, doors = assign(networks, lon, lat), assign(networks, targets.place_lon, targets.place_lat)
    near = np.zeros(len(doors), bool)
    for number, streets in enumerate(networks):
        here = np.flatnonzero(doors == number)
        x, y = streets.frame.to_metric(targets.place_lon[here], targets.place_lat[here])
        there = streets.frame.to_metric(lon[at == number], lat[at == number])
        near[here] = near_in_straight_line(x, y, *there, _ROOM * limit_m + JOIN_M)
    return np.unique(targets.place_owner[near]).astype(np.int64)


def _adrift_near(walkers: _Walkers, stock: Stock, adrift: Flags) -> Flags:
    """Return who has a facility without a street near, asked anew where others have none than before."""
    base, targets = walkers.base, stock.supply.targets
    now, before = np.flatnonzero(adrift), np.flatnonzero(base.adrift)
    kept: Flags = base.known(None).walks.adrift_near[0]
    people = walkers.people()
    same = not stock.is_placed[now].any() and np.array_equal(stock.origin[now], before)
    same = same and np.array_equal(targets.admits_area[now], base.targets.admits_area[before])
    near = np.zeros(len(people.lon), bool)
    asked = np.arange(len(kept) if same else 0, len(near))  # of the others it is known
    near[: len(kept)] = kept if same else False
    if not len(now) or not len(asked):
        return near
    starts = assign(base.ground.networks, people.lon[asked], people.lat[asked])
    for number, streets in enumerate(base.ground.networks):
        here = asked[starts == number]
        near[here] = near_adrift(streets, targets, adrift, people, here, limit_m=walkers.limit_m)
    return near
