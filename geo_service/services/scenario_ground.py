"""What a what-if starts from: homes with their feet on the streets, and the walks to one category as they are.

Kept in memory between questions by the fingerprint of everything they depend on.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.increments import Crowd, Feet
from geo_service.analysis.increments import Streets as Paved
from geo_service.analysis.stepping import snap_homes, snap_places, with_twins
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import local_date
from geo_service.foundation.ids import fingerprint
from geo_service.services.ages import NO_AGE, by_age
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.groups import Division, divide
from geo_service.services.homes import Areas, Homes, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.questions import CoverageQuestion
from geo_service.services.scenario_rows import Counts
from geo_service.services.told import rounding_salt, told_people
from geo_service.services.walks import People, Walks, walk
from geo_service.storage import overview, versions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Persons = Mapping[str, Floats]
_GROUNDS: Final = 2
_BASES: Final = 12
T = TypeVar("T")


@dataclass(frozen=True)
class Ground:
    """Homes and streets as they are, the same for all categories of a question.

    Attributes
    ----------
    key
        Fingerprint of what it depends on.
    question
        Limit, profile and level.
    networks, crowds, paved
        Walking networks; the homes on each by their feet; its streets without an edit.
    homes, areas, division, by
        Who lives where, and what is counted by.
    told, persons, least, present
        Which homes are told to whoever may not see households, their people as they are told and at least, and 1
        where these are known.
    has_ageless
        Whether anybody's age is not known.
    """

    key: str
    question: CoverageQuestion
    networks: list[Streets]
    crowds: list[Crowd]
    paved: list[Paved]
    homes: Homes
    areas: Areas
    division: Division
    by: str
    told: Flags
    persons: Persons
    least: Persons
    present: Persons
    has_ageless: bool
    members: dict[int, Flags] = field(default_factory=dict)

    def belongs(self, area_id: int) -> Flags:
        """Whether each home belongs to an area, shape (h,)."""
        if area_id not in self.members:
            self.members[area_id] = self.areas.holds(area_id, self.homes)
        return self.members[area_id]


@dataclass(frozen=True)
class Base:
    """Walks to the facilities of one category as they are.

    Attributes
    ----------
    ground, category, targets
        Who walks, and to what; all targets are of the one category.
    doors, owner
        Feet of the places where facilities are entered on each network, twins in closed quarters included, and whose.
    adrift
        Facilities none of whose places has a street, shape (f,).
    found, counts
        Walks and states, and sums of people, worked out at first use.
    """

    ground: Ground
    category: str
    targets: Targets
    doors: list[Feet]
    owner: list[Ints]
    adrift: Flags
    found: dict[tuple[bool, ...], tuple[Walks, npt.NDArray[np.uint8]]] = field(default_factory=dict)
    counts: dict[tuple[object, ...], Counts] = field(default_factory=dict)

    def admits(self, band: str | None) -> tuple[bool, ...]:
        """Return which facilities admit people of an age band; None: of any."""
        return tuple(band is None or bands is None or band in bands for bands in self.targets.bands)

    def walks(self, band: str | None) -> tuple[Walks, npt.NDArray[np.uint8]]:
        """Return walks and states of all homes to facilities that admit the band."""
        key = self.admits(band)
        if key not in self.found:
            ground = self.ground
            people = People(ground.homes.lon, ground.homes.lat, ground.belongs, None if all(key) else band)
            limit, profile = ground.question.limit, ground.question.profile
            made = walk(ground.networks, self.targets, people, category_count=1, limit=limit, profile=profile)
            self.found[key] = made, made.states(limit).state[0]
        return self.found[key]


def read_ground(
    conn: Connection,
    ctx: Context,
    question: CoverageQuestion,
    inputs: Mapping[str, Any],
    opened: frozenset[str] = frozenset(),
) -> Ground:
    """Return what a question stands on, kept while its ``inputs`` (with the versions of layers) stay the same.

    ``opened`` are codes of gates that are supposed to let everyone pass.

    Raises InvalidInput ``no_network``, ``no_homes``, ``no_homes_use_unknown``.
    """
    asked = {key: value for key, value in question.parameters().items() if key != "categories"}
    layers = {name: inputs["layers"][name] for name in ("areas", "grids", "buildings")}
    key = fingerprint([_place(ctx), asked, question.limit.metres, layers, inputs["networks"], sorted(opened)])
    return _kept(_grounds, _GROUNDS, key, lambda: _ground(conn, ctx, question, key, opened))


def read_base(ctx: Context, ground: Ground, targets: Targets, category: str, inputs: Mapping[str, Any]) -> Base:
    """Return the walks to the facilities of one category of ``targets``, kept as :func:`read_ground` keeps."""
    key = fingerprint([ground.key, category, inputs["layers"], inputs["verified"]])
    return _kept(_bases, _BASES, key, lambda: _base(ground, targets, category))


def has_ageless(homes: Homes) -> bool:
    """Whether there are people of unknown age in some homes."""
    return homes.people is not None and bool((by_age(homes.people)[NO_AGE] > 0).any())


def targets_of(conn: Connection, ctx: Context, categories: tuple[str, ...]) -> Targets:
    """Return the facilities of categories that count today, kept until one of them changes."""
    now = versions.layer_versions(conn)
    layers = [now[name] for name in ("areas", "facilities", "entrances")]
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    key = fingerprint([_place(ctx), layers, day, categories])
    return _kept(_targets, _BASES, key, lambda: read_targets(conn, ctx, categories))


def while_unchanged(conn: Connection, ctx: Context, about: list[Any], make: Callable[[], T]) -> T:
    """Return what ``make`` returns, kept until any layer changes or the day is another."""
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    key = fingerprint([_place(ctx), about, versions.layer_versions(conn), day])
    found: T = _kept(_others, _BASES, key, make)
    return found


def _place(ctx: Context) -> list[str]:
    return [str(ctx.store.engine.url), str(ctx.var_dir)]


def _ground(conn: Connection, ctx: Context, question: CoverageQuestion, key: str, opened: frozenset[str]) -> Ground:
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, opened=opened)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    kinds = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    by = level_to_use(question.by, areas, kinds)
    starts = assign(networks, homes.lon, homes.lat)
    crowds, paved = [], []
    for number, streets in enumerate(networks):
        here = np.flatnonzero(starts == number)
        chains = streets.network.chains(step_free=question.profile.step_free)
        snaps = snap_homes(streets.network, *streets.frame.to_metric(homes.lon[here], homes.lat[here]))
        crowds.append(Crowd.of(chains, Feet.of(chains, snaps), here))
        paved.append(Paved.of(chains))
    told, persons, least = told_people(homes, rounding_salt(conn, ctx))
    present = {band: 0.0 * one + 1.0 for band, one in persons.items()}
    division = divide(conn, homes, areas, by)
    return Ground(
        key,
        question,
        networks,
        crowds,
        paved,
        homes,
        areas,
        division,
        by,
        told,
        persons,
        least,
        present,
        has_ageless(homes),
    )


def _base(ground: Ground, targets: Targets, category: str) -> Base:
    place = ground.question.categories.index(category)
    those = targets.of_categories([place])
    those = replace(those, category=np.zeros(len(those), np.int32))
    doors, owners = [], []
    adrift = np.ones(len(those), bool)
    at = assign(ground.networks, those.place_lon, those.place_lat)
    for number in range(len(ground.networks)):
        here = at == number
        feet, owner = feet_of(ground, number, those.place_lon[here], those.place_lat[here], those.place_owner[here])
        adrift[owner] = False
        doors.append(feet)
        owners.append(owner)
    return Base(ground, category, those, doors, owners, adrift)


def feet_of(ground: Ground, number: int, lon: Floats, lat: Floats, owner: Ints) -> tuple[Feet, Ints]:
    """Return the feet of places people walk to on a network, and whose; those without a street are left out."""
    streets = ground.networks[number]
    chains = ground.paved[number].chains
    snaps, of = with_twins(streets.network, snap_places(streets.network, *streets.frame.to_metric(lon, lat)))
    joined = np.flatnonzero(snaps.snapped)
    return Feet.of(chains, snaps.take(joined)), owner[of[joined]]


_grounds: Final[OrderedDict[str, Ground]] = OrderedDict()
_bases: Final[OrderedDict[str, Base]] = OrderedDict()
_targets: Final[OrderedDict[str, Targets]] = OrderedDict()
_others: Final[OrderedDict[str, Any]] = OrderedDict()
_keeping = RLock()


def _kept(kept: OrderedDict[str, T], most: int, key: str, make: Callable[[], T]) -> T:
    with _keeping:
        if key not in kept:
            kept[key] = make()
            while len(kept) > most:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]
