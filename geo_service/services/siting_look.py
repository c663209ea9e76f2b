"""What one gate or crossing of a network would bring near, looked at one by one: candidates of siting (§3.11)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from geo_service.analysis.cures import (
    Changes,
    Spots,
    best_change,
    crossing_spots,
    crossings_between,
    gates_to_open,
    reach_of,
)
from geo_service.analysis.snapping import TOLERANCE_M, Snaps
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.services.candidates import Candidate
from geo_service.services.networks import Streets
from geo_service.services.siting_question import SitingQuestion

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Found = list[tuple[Candidate, Longs, Floats]]  # a candidate, the homes it brings within the limit, and their walks
MOST: Final = 300  # gates and crossings of one network that are looked at, by code


class Look:
    """Gates and crossings of one network, looked at from homes and places."""

    def __init__(self, streets: Streets, question: SitingQuestion, places: Floats, homes: Floats) -> None:
        """``places`` walked to and ``homes`` in the network's metric frame, shapes (k, 2) and (m, 2)."""
        self._streets, self._network, self._question = streets, streets.network, question
        self._step_free, self._limit_m = question.profile.step_free, question.limit.metres
        self._places, self._homes = places, homes
        self._ends = snap_places(self._network, places[:, 0], places[:, 1])
        self._snaps = snap_homes(self._network, homes[:, 0], homes[:, 1])
        self._tree = cKDTree(homes) if len(homes) else None

    def found(self) -> Found:
        """Return gates that could be opened, and crossings where lines to the nearest place cross one barrier."""
        found: Found = []
        if self._tree is None or not len(self._places):
            return found
        if "gate" in self._question.candidates:
            changes = self._gates()
            lon, lat = self._streets.frame.to_lonlat(changes.x, changes.y)
            for place in range(min(len(changes), MOST)):
                where = (float(lon[place]), float(lat[place]))
                found.append((Candidate(changes.code[place], "gate", None, (where,)), *self._cured(changes, place)))
        if "crossing" in self._question.candidates:
            spots = self._proposed()
            changes, feet = self._crossings(spots), self._feet(spots)
            for place in range(min(len(changes), MOST)):
                if self._is_level(feet, place):
                    found.append((self._crossing(spots, feet, place), *self._cured(changes, place)))
        return [one for one in found if len(one[1])]

    def at(self, asked: Sequence[Candidate]) -> Found:
        """Return gates and crossings that are given, also those that bring nobody."""
        found: Found = []
        gates = [one for one in asked if one.kind == "gate"]
        if gates:
            changes = self._gates()
            number = {code: place for place, code in enumerate(changes.code)}
            found += [(one, *self._cured(changes, number.get(one.code))) for one in gates]
        crossings = [one for one in asked if one.line is not None]
        if crossings:
            spots = self._drawn(crossings)
            joined, changes = self._joined(spots), self._crossings(spots)
            for place, one in enumerate(crossings):
                found.append((one if joined[place] else one.refused("no_street"), *self._cured(changes, place)))
        return found

    def _gates(self) -> Changes:
        return gates_to_open(self._network, reach_of(self._network, self._ends, step_free=self._step_free))

    def _crossings(self, spots: Spots) -> Changes:
        return crossings_between(self._network, self._ends, spots, step_free=self._step_free)

    def _proposed(self) -> Spots:
        """Return where the straight lines from homes to their nearest place cross one barrier."""
        away, nearest = cKDTree(self._places).query(self._homes, distance_upper_bound=self._limit_m + TOLERANCE_M)
        near = np.isfinite(away)
        lines = shapely.linestrings(np.stack([self._homes[near], self._places[nearest[near]]], axis=1))
        return crossing_spots(self._network, lines)

    def _drawn(self, crossings: Sequence[Candidate]) -> Spots:
        """Return the spots of crossings whose line is given."""
        lines = [np.column_stack(self._streets.frame.to_metric(*np.array(one.line).T)) for one in crossings]
        over = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
        one, two = (np.array([line[end] for line in lines]) for end in (0, -1))
        return Spots([one.code for one in crossings], one, two, np.array(over))

    def _joined(self, spots: Spots) -> Flags:
        """Whether there is a street at both ends, shape (k,)."""
        one, two = self._feet(spots)
        return np.asarray(one.snapped & two.snapped, bool)

    def _feet(self, spots: Spots) -> tuple[Snaps, Snaps]:
        """Return where the crossings join the streets on this side and beyond."""
        one, two = (snap_places(self._network, side[:, 0], side[:, 1]) for side in (spots.one, spots.two))
        return one, two

    def _is_level(self, feet: tuple[Snaps, Snaps], place: int) -> bool:
        """Whether both streets are outside closed quarters, or in the same one: no crossing leads through a wall."""
        within = self._network.enclosed
        edges = [int(side.edge[place]) for side in feet]
        if within is None or min(edges) < 0:
            return min(edges) >= 0
        return bool(within.edge_compound[edges[0]] == within.edge_compound[edges[1]])

    def _crossing(self, spots: Spots, feet: tuple[Snaps, Snaps], place: int) -> Candidate:
        """Return a proposed crossing from street to street, named by its barrier and its middle.

        Its line may be added to a scenario as it is.
        """
        ends = [(float(side.x[place]), float(side.y[place])) for side in feet]
        middle_xy = (spots.one[place] + spots.two[place]) / 2
        xy = np.stack([ends[0], spots.one[place], spots.two[place], ends[1], middle_xy])
        lon, lat = self._streets.frame.to_lonlat(xy[:, 0], xy[:, 1])
        *line, middle = zip(lon.tolist(), lat.tolist(), strict=True)
        code = f"{spots.code[place]}@{middle[0]:.5f},{middle[1]:.5f}"
        return Candidate(code, "crossing", None, (middle,), line=tuple(line))

    def _cured(self, changes: Changes, place: int | None) -> tuple[Longs, Floats]:
        """Return the homes one of the changes brings within the limit, and their walks; None: no change."""
        nobody = np.zeros(0, np.int64), np.zeros(0)
        if place is None or self._tree is None:
            return nobody
        where = (changes.x[place], changes.y[place])
        if not self._tree.query_ball_point(where, self._limit_m + TOLERANCE_M, return_length=True):
            return nobody
        one = _only(changes, place)
        made = best_change(
            self._network, one, self._snaps, self._homes, limit_m=self._limit_m, step_free=self._step_free
        )  # fmt: skip
        cured = np.flatnonzero(made.change >= 0)
        return cured, made.metres[cured]


def _only(changes: Changes, place: int) -> Changes:
    """Return one of the changes alone."""
    seeds, feet = changes.seed_of == place, changes.foot_of == place
    return Changes(
        [changes.code[place]],
        changes.x[[place]],
        changes.y[[place]],
        np.zeros(int(seeds.sum()), np.int64),
        changes.seed_node[seeds],
        changes.seed_m[seeds],
        np.zeros(int(feet.sum()), np.int64),
        changes.foot_edge[feet],
        changes.foot_offset_m[feet],
        changes.foot_m[feet],
    )
