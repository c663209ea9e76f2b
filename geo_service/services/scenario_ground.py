"""What a what-if stands on: homes with their feet on the streets; kept in memory while what it rests on stays."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import RLock
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.increments import Crowd, Feet
from geo_service.analysis.increments import Streets as Paved
from geo_service.analysis.stepping import snap_homes
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import Limit, Profile
from geo_service.foundation.clock import local_date
from geo_service.foundation.ids import fingerprint
from geo_service.services.closures import Reading
from geo_service.services.context import Context
from geo_service.services.groups import Division, divide
from geo_service.services.homes import Areas, Homes, level_to_use, no_homes, read_areas, read_homes
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.questions import CoverageQuestion
from geo_service.services.told import rounding_salt, told_people
from geo_service.storage import overview, versions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Persons = Mapping[str, Floats]
Walkers = Mapping[str, tuple[Profile, Limit]]
_GROUNDS: Final = 2
_VARIANTS: Final = 3  # with other streets, but the same homes as one of those
_OTHERS: Final = 12
T = TypeVar("T")


@dataclass(frozen=True)
class Footing:
    """The networks as those walk who use steps, or who do not: the homes on each by their feet, and its streets."""

    crowds: list[Crowd]
    paved: list[Paved]


@dataclass(frozen=True)
class Ground:
    """Homes and streets as they are, the same for all questions that walk alike: kept, so it holds none of them.

    Attributes
    ----------
    key
        Fingerprint of what it depends on.
    walkers, at
        Profile and limit of each age band that has its own, under "" those of everybody else; time of day of gates.
    networks, footings
        Walking networks, and how one stands on them by whether one walks without steps; those that are asked for.
    homes, areas, division, by
        Who lives where, and what is counted by.
    told, persons, least, present
        Which homes are told to whoever may not see households, their people as they are told and at least, and 1
        where these are known.
    """

    key: str
    walkers: Walkers
    at: str | None
    networks: list[Streets]
    footings: Mapping[bool, Footing]
    homes: Homes
    areas: Areas
    division: Division
    by: str
    told: Flags
    persons: Persons
    least: Persons
    present: Persons
    members: dict[int, Flags] = field(default_factory=dict)

    @property
    def is_by_age(self) -> bool:
        """Whether age bands walk by their own profiles and limits."""
        return len(self.walkers) > 1

    def walker(self, band: str | None) -> tuple[Profile, Limit]:
        """Return profile and limit of an age band; those of buildings for None and bands that have no own ones."""
        return self.walkers.get(band or "", self.walkers[""])

    def belongs(self, area_id: int) -> Flags:
        """Whether each home belongs to an area, shape (h,)."""
        if area_id not in self.members:
            self.members[area_id] = self.areas.holds(area_id, self.homes)
        return self.members[area_id]


def read_ground(
    conn: Connection,
    ctx: Context,
    question: CoverageQuestion,
    inputs: Mapping[str, Any],
    opened: frozenset[str] = frozenset(),
    *,
    reading: Reading = "open",
) -> Ground:
    """Return what a question stands on, kept while its ``inputs`` (with the versions of layers) stay the same.

    ``opened`` are codes of gates that are supposed to let everyone pass; ``reading``: how closures that are not known
    are taken.

    Raises InvalidInput ``no_network``, ``no_homes``, ``no_homes_use_unknown``.
    """
    layers = {name: inputs["layers"][name] for name in ("areas", "grids", "buildings")}
    walkers: Walkers = {**question.walkers, "": (question.profile, question.limit)}
    told = {band: [asdict(profile), asdict(limit)] for band, (profile, limit) in walkers.items()}
    asked = [question.by, question.at, told]
    key = fingerprint([place_of(ctx), asked, layers, inputs["networks"], sorted(opened), reading])
    if not opened and reading == "open":
        by, at = question.by, question.at
        return kept_in(_grounds, _GROUNDS, key, lambda: _ground(conn, ctx, key, walkers=walkers, by=by, at=at))
    plain = read_ground(conn, ctx, question, inputs)  # the same homes: only their streets are others

    def other() -> Ground:
        networks = open_networks(conn, ctx, reading, opened=opened, at=plain.at)
        return replace(plain, key=key, networks=networks, footings=_footings(plain.walkers, networks, plain.homes))

    return kept_in(_variants, _VARIANTS, key, other)


def while_unchanged(conn: Connection, ctx: Context, about: list[Any], make: Callable[[], T]) -> T:
    """Return what ``make`` returns, kept until any layer changes or the day is another."""
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    key = fingerprint([place_of(ctx), about, versions.layer_versions(conn), day])
    found: T = kept_in(_others, _OTHERS, key, make)
    return found


def place_of(ctx: Context) -> list[str]:
    """Return what tells stores apart."""
    return [str(ctx.store.engine.url), str(ctx.var_dir)]


def _ground(conn: Connection, ctx: Context, key: str, *, walkers: Walkers, by: str, at: str | None) -> Ground:
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, at=at)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    kinds = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    by = level_to_use(by, areas, kinds)
    told, persons, least = told_people(homes, rounding_salt(conn, ctx))
    present = {band: 0.0 * one + 1.0 for band, one in persons.items()}
    division = divide(conn, homes, areas, by)
    return Ground(
        key,
        walkers,
        at,
        networks,
        _footings(walkers, networks, homes),
        homes,
        areas,
        division,
        by,
        told,
        persons,
        least,
        present,
    )


def _footings(walkers: Walkers, networks: list[Streets], homes: Homes) -> dict[bool, Footing]:
    """Return how homes stand on the streets, for all ways of walking."""
    starts = assign(networks, homes.lon, homes.lat)
    ways = sorted({profile.step_free for profile, _ in walkers.values()})
    footings = {step_free: Footing([], []) for step_free in ways}
    for number, streets in enumerate(networks):
        here = np.flatnonzero(starts == number)
        snaps = snap_homes(streets.network, *streets.frame.to_metric(homes.lon[here], homes.lat[here]))
        for step_free, footing in footings.items():
            chains = streets.network.chains(step_free=step_free)
            footing.crowds.append(Crowd.of(chains, Feet.of(chains, snaps), here))
            footing.paved.append(Paved.of(chains))
    return footings


_grounds: Final[OrderedDict[str, Ground]] = OrderedDict()
_variants: Final[OrderedDict[str, Ground]] = OrderedDict()
_others: Final[OrderedDict[str, Any]] = OrderedDict()
_keeping = RLock()


def kept_in(kept: OrderedDict[str, T], most: int, key: str, make: Callable[[], T]) -> T:
    """Return what is kept by ``key``, else what ``make`` returns, of which ``most`` are kept."""
    with _keeping:
        if key not in kept:
            kept[key] = make()
            while len(kept) > most:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]
