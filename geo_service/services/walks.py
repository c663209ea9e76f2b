"""From points to the nearest facilities: distances, deciding facilities and states, over all networks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.analysis.distances import Targets as Entrances
from geo_service.analysis.distances import nearest_by_group
from geo_service.analysis.snapping import Snaps
from geo_service.analysis.states import States, boundary_distances, near_in_straight_line, states
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.reference import Limit, Profile
from geo_service.services.context import Progress, no_progress
from geo_service.services.facilities import EVERYBODY, NOBODY_HERE, Targets
from geo_service.services.networks import Streets, assign

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
# for an area's id, which of the points belong to it
Belongs = Callable[[int], Flags]


@dataclass(frozen=True)
class Walks:
    """What was found for p points and c categories.

    Attributes
    ----------
    metres, facility
        Walk to the nearest facility that is verified (inf: none) and its place in the targets (-1), shape (c, p).
    unverified_m, unverified_facility
        The same for facilities that count but are not verified.
    snap_m
        Access leg of each point, NaN where no street is within reach, shape (p,).
    adrift_near
        Whether a facility without a street within reach lies within the limit in a straight line, shape (c, p).
    boundary_m
        Straight distance to the end of the extent, inf if it is farther than the limit or closed, shape (p,).
    """

    metres: Floats
    facility: Ints
    unverified_m: Floats
    unverified_facility: Ints
    snap_m: Floats
    adrift_near: Flags
    boundary_m: Floats

    @classmethod
    def nothing(cls, category_count: int, count: int) -> "Walks":
        """Return walks before anything was found."""
        shape = (category_count, count)
        return cls(
            np.full(shape, np.inf),
            np.full(shape, -1, np.int32),
            np.full(shape, np.inf),
            np.full(shape, -1, np.int32),
            np.full(count, np.nan),
            np.zeros(shape, bool),
            np.full(count, np.inf),
        )

    def keep(
        self, category: int, here: npt.NDArray[np.int64], metres: Floats, facility: Ints, *, verified: bool
    ) -> None:
        """Keep what is nearer than what was found before for the points ``here``."""
        best, whose = (self.metres, self.facility) if verified else (self.unverified_m, self.unverified_facility)
        nearer = metres < best[category, here]
        best[category, here[nearer]] = metres[nearer]
        whose[category, here[nearer]] = facility[nearer]

    def states(self, limit: Limit) -> States:
        """Return state and reason within ``limit``, shape (c, p)."""
        return states(
            self.metres,
            np.isfinite(self.snap_m),
            limit.metres,
            unverified_m=self.unverified_m,
            unsnapped_facility_near=self.adrift_near,
            boundary_m=self.boundary_m,
        )

    def shown(self) -> tuple[Floats, Ints]:
        """Return the distance and facility to show: the nearest verified one, where none is reachable the other."""
        alone = ~np.isfinite(self.metres) & np.isfinite(self.unverified_m)
        return (
            np.where(alone, self.unverified_m, self.metres),
            np.where(alone, self.unverified_facility, self.facility),
        )


@dataclass(frozen=True)
class People:
    """Who walks: where they start, in degrees, shape (p,), and which of them belong to an area.

    ``band`` names their age band: facilities for other bands do not count; None: those for any band do.
    """

    lon: Floats
    lat: Floats
    belongs: Belongs
    band: str | None = None


def walk(
    networks: Sequence[Streets],
    targets: Targets,
    people: People,
    *,
    category_count: int,
    limit: Limit,
    profile: Profile,
    progress: Progress = no_progress,
) -> Walks:
    """Return the walks of everybody to the facilities of every category.

    Parameters
    ----------
    networks, targets, people
        Where one walks, what to, and who.
    category_count
        Number c of categories that ``targets.category`` counts.
    limit
        Sets what is near the end of the extent and near a facility without a street; distances go beyond it.
    profile
        Whether steps are possible.
    progress
        Told the share done.
    """
    places = _Places.of(networks, targets)
    search = _Search(targets, people, limit, profile, places, Walks.nothing(category_count, len(people.lon)))
    starts = assign(networks, people.lon, people.lat)
    for number, streets in enumerate(networks):
        progress(number / len(networks), "progress.walking")
        here = np.flatnonzero(starts == number)
        if len(here):
            search.fill(number, streets, here)
    progress(1.0, "progress.walking")
    return search.found


@dataclass(frozen=True)
class _Places:
    """Entrances with their network and snap; ``adrift`` are facilities none of whose places has a street."""

    network: Ints
    snaps: Sequence[Snaps]
    adrift: Flags

    @classmethod
    def of(cls, networks: Sequence[Streets], targets: Targets) -> "_Places":
        network = assign(networks, targets.place_lon, targets.place_lat)
        snaps = []
        adrift = np.ones(len(targets), bool)
        for number, streets in enumerate(networks):
            here = network == number
            x, y = streets.frame.to_metric(targets.place_lon[here], targets.place_lat[here])
            found = snap_places(streets.network, x, y)
            adrift[targets.place_owner[here][found.snapped]] = False
            snaps.append(found)
        return cls(network, snaps, adrift)


@dataclass(frozen=True)
class _Class:
    """Facilities of one category, equally verified, that admit the same people."""

    category: int
    verified: bool
    admits_area: int


@dataclass(frozen=True)
class _Search:
    targets: Targets
    people: People
    limit: Limit
    profile: Profile
    places: _Places
    found: Walks

    def fill(self, number: int, streets: Streets, here: npt.NDArray[np.int64]) -> None:
        """Find the walks of the people ``here``, all on network ``number``."""
        x, y = streets.frame.to_metric(self.people.lon[here], self.people.lat[here])
        origins = snap_homes(streets.network, x, y)
        self.found.snap_m[here] = origins.leg_m
        if not streets.is_closed:
            self.found.boundary_m[here] = boundary_distances(streets.extent, streets.frame, x, y, self.limit.metres)
        self._nearest(number, streets, here, origins)
        self._mark_adrift(streets, here, x, y)

    def _admits(self) -> Flags:
        """Whether each facility admits anybody we know of (of the band)."""
        admits = self.targets.admits_area != NOBODY_HERE
        band = self.people.band
        if band is not None:
            admits &= np.array([bands is None or band in bands for bands in self.targets.bands], bool)
        return np.asarray(admits, bool)

    def _nearest(self, number: int, streets: Streets, here: npt.NDArray[np.int64], origins: Snaps) -> None:
        """Search each class of facilities and keep the nearest of every category."""
        targets, snaps = self.targets, self.places.snaps[number]
        owner = targets.place_owner[self.places.network == number]
        usable = self._admits()
        classes: dict[_Class, int] = {}
        group = np.full(len(owner), -1, np.int32)
        for place, facility in enumerate(owner):
            if usable[facility] and snaps.edge[place] >= 0:
                kind = _Class(
                    int(targets.category[facility]),
                    bool(targets.verified[facility]),
                    int(targets.admits_area[facility]),
                )
                group[place] = classes.setdefault(kind, len(classes))
        kept = np.flatnonzero(group >= 0)
        entrances = Entrances(snaps.take(kept), owner[kept], group[kept])
        near = nearest_by_group(streets.network, entrances, len(classes), origins, step_free=self.profile.step_free)
        for kind, place in classes.items():
            metres, facility = near.metres[place], near.owner[place]
            if kind.admits_area != EVERYBODY:
                metres = np.where(self.people.belongs(kind.admits_area)[here], metres, np.inf)
            self.found.keep(kind.category, here, metres, facility, verified=kind.verified)

    def _mark_adrift(self, streets: Streets, here: npt.NDArray[np.int64], x: Floats, y: Floats) -> None:
        """Mark the people with a facility that has no street within the limit in a straight line."""
        targets = self.targets
        places = np.flatnonzero((self.places.adrift & self._admits())[targets.place_owner])
        owner = targets.place_owner[places]
        place_x, place_y = streets.frame.to_metric(targets.place_lon[places], targets.place_lat[places])
        for category, area in sorted({(int(targets.category[f]), int(targets.admits_area[f])) for f in owner}):
            these = (targets.category[owner] == category) & (targets.admits_area[owner] == area)
            near = near_in_straight_line(x, y, place_x[these], place_y[these], self.limit.metres)
            if area != EVERYBODY:
                near &= self.people.belongs(area)[here]
            self.found.adrift_near[category, here] |= near
