"""The walks to one category as they are, from which a what-if starts; kept in memory like what they stand on."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.increments import Feet
from geo_service.analysis.kept_reach import KeptReach
from geo_service.analysis.stepping import snap_places, with_twins
from geo_service.domain.reference import Limit, Profile
from geo_service.foundation.clock import local_date
from geo_service.foundation.ids import fingerprint
from geo_service.services.context import Context
from geo_service.services.facilities import NOBODY_HERE, Targets, read_targets
from geo_service.services.networks import assign
from geo_service.services.scenario_counts import Counts
from geo_service.services.scenario_ground import Ground, kept_in, place_of
from geo_service.services.walks import People, Walks, walk
from geo_service.storage import versions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Inputs = Mapping[str, Any]
_BASES: Final = 12


@dataclass(frozen=True)
class FacilityKind:
    """Facilities that count alike: verified or not, for the homes of one area or all."""

    verified: bool
    admits_area: int


@dataclass(frozen=True)
class Known:
    """What is known of the people of a band.

    Attributes
    ----------
    walks, state
        Walks and states of all homes.
    kept
        By network the searches of the walks within the limit, each with the facility of every source, by kind.
    """

    walks: Walks
    state: npt.NDArray[np.uint8]
    kept: list[dict[FacilityKind, tuple[KeptReach, Ints]]]


@dataclass(frozen=True)
class Base:
    """Walks to the facilities of one category as they are.

    Attributes
    ----------
    ground, category, targets
        Who walks, and to what; all targets are of the one category.
    doors, owner
        Feet of the places where facilities are entered, twins in closed quarters included, by whether one walks without
        steps and by network; and whose, by network.
    adrift
        Facilities none of whose places has a street, shape (f,).
    found, counts, kept
        What is known of people, and their sums, worked out at first use; and what else rests on all this.
    """

    ground: Ground
    category: str
    targets: Targets
    doors: Mapping[bool, list[Feet]]
    owner: list[Ints]
    adrift: Flags
    found: dict[tuple[object, ...], Known] = field(default_factory=dict)
    counts: dict[tuple[object, ...], Counts] = field(default_factory=dict)
    kept: dict[object, Any] = field(default_factory=dict)

    @property
    def is_limited(self) -> bool:
        """Whether people are counted by age: a facility admits certain ages only, or each age walks by its own."""
        return self.ground.is_by_age or any(bands is not None for bands in self.targets.bands)

    def admits(self, band: str | None) -> tuple[bool, ...]:
        """Return which facilities admit people of an age band; None: of any."""
        return tuple(band is None or bands is None or band in bands for bands in self.targets.bands)

    def known(self, band: str | None) -> Known:
        """Return what is known of the people of a band, walked at first use; None: of any."""
        admits = self.admits(band)
        profile, limit = self.ground.walker(band)
        key = (admits, profile.step_free, limit.metres)
        if key not in self.found:
            ground = self.ground
            people = People(ground.homes.lon, ground.homes.lat, ground.belongs, None if all(admits) else band)
            made = walk(ground.networks, self.targets, people, category_count=1, limit=limit, profile=profile)
            kept = [self._kept(place, admits, profile, limit) for place in range(len(ground.networks))]
            self.found[key] = Known(made, made.states(limit).state[0], kept)
        return self.found[key]

    def _kept(
        self, number: int, admits: tuple[bool, ...], profile: Profile, limit: Limit
    ) -> dict[FacilityKind, tuple[KeptReach, Ints]]:
        """Return the searches within the limit on one network; facilities for nobody we know are left out."""
        targets, owner, doors = self.targets, self.owner[number], self.doors[profile.step_free][number]
        streets = self.ground.footings[profile.step_free].paved[number]
        usable = np.array(admits, bool) & (targets.admits_area != NOBODY_HERE)
        here = np.flatnonzero((doors.chain >= 0) & usable[owner])
        pairs = sorted({(bool(targets.verified[one]), int(targets.admits_area[one])) for one in owner[here]})
        found = {}
        for verified, area in pairs:
            those = here[(targets.verified[owner[here]] == verified) & (targets.admits_area[owner[here]] == area)]
            found[FacilityKind(verified, area)] = KeptReach.of(streets, doors.take(those), limit.metres), owner[those]
        return found


def read_base(ground: Ground, targets: Targets, categories: Sequence[str], category: str, inputs: Inputs) -> Base:
    """Return the walks to the facilities of one of the ``categories`` of ``targets``, kept as the ground is."""
    place = list(categories).index(category)
    key = fingerprint([ground.key, category, inputs["layers"], inputs["verified"]])
    return kept_in(_bases, _BASES, key, lambda: _base(ground, targets.of_categories([place]), category))


def targets_of(conn: Connection, ctx: Context, categories: tuple[str, ...]) -> Targets:
    """Return the facilities of categories that count today, kept until one of them changes."""
    now = versions.layer_versions(conn)
    layers = [now[name] for name in ("areas", "facilities", "entrances")]
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    key = fingerprint([place_of(ctx), layers, day, categories])
    return kept_in(_targets, _BASES, key, lambda: read_targets(conn, ctx, categories))


def _base(ground: Ground, targets: Targets, category: str) -> Base:
    """Return the walks to ``targets``, all of the one category."""
    those = replace(targets, category=np.zeros(len(targets), np.int32))
    doors: dict[bool, list[Feet]] = {step_free: [] for step_free in ground.footings}
    owners = []
    adrift = np.ones(len(those), bool)
    at = assign(ground.networks, those.place_lon, those.place_lat)
    for number in range(len(ground.networks)):
        here = at == number
        feet, owner = feet_of(ground, number, those.place_lon[here], those.place_lat[here], those.place_owner[here])
        adrift[owner] = False
        owners.append(owner)
        for step_free, one in feet.items():
            doors[step_free].append(one)
    return Base(ground, category, those, doors, owners, adrift)


def feet_of(ground: Ground, number: int, lon: Floats, lat: Floats, owner: Ints) -> tuple[dict[bool, Feet], Ints]:
    """Return the feet of places people walk to on a network, with steps and without, and whose they are.

    Those without a street are left out.
    """
    streets = ground.networks[number]
    snaps, of = with_twins(streets.network, snap_places(streets.network, *streets.frame.to_metric(lon, lat)))
    joined = np.flatnonzero(snaps.snapped)
    feet = {
        step_free: Feet.of(footing.paved[number].chains, snaps.take(joined))
        for step_free, footing in ground.footings.items()
    }
    return feet, owner[of[joined]]


_bases: Final[OrderedDict[str, Base]] = OrderedDict()
_targets: Final[OrderedDict[str, Targets]] = OrderedDict()
