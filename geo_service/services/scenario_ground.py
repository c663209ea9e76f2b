"""What a what-if stands on: homes with their feet on the streets; kept in memory while what it rests on stays."""

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
from geo_service.analysis.stepping import snap_homes
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import local_date
from geo_service.foundation.ids import fingerprint
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
_GROUNDS: Final = 2
_OTHERS: Final = 12
T = TypeVar("T")


@dataclass(frozen=True)
class Footing:
    """The networks as those walk who use steps, or who do not: the homes on each by their feet, and its streets."""

    crowds: list[Crowd]
    paved: list[Paved]


@dataclass(frozen=True)
class Ground:
    """Homes and streets as they are, the same for all categories of a question.

    Attributes
    ----------
    key
        Fingerprint of what it depends on.
    question
        Limits, profiles and level.
    networks, footings
        Walking networks, and how one stands on them by whether one walks without steps; those that are asked for.
    homes, areas, division, by
        Who lives where, and what is counted by.
    told, persons, least, present
        Which homes are told to whoever may not see households, their people as they are told and at least, and 1
        where these are known.
    """

    key: str
    question: CoverageQuestion
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
) -> Ground:
    """Return what a question stands on, kept while its ``inputs`` (with the versions of layers) stay the same.

    ``opened`` are codes of gates that are supposed to let everyone pass.

    Raises InvalidInput ``no_network``, ``no_homes``, ``no_homes_use_unknown``.
    """
    asked = {key: value for key, value in question.parameters().items() if key != "categories"}
    layers = {name: inputs["layers"][name] for name in ("areas", "grids", "buildings")}
    own = {**question.walkers, "": (question.profile, question.limit)}
    walkers = {band: [profile.step_free, limit.metres] for band, (profile, limit) in own.items()}
    key = fingerprint([place_of(ctx), asked, walkers, layers, inputs["networks"], sorted(opened)])
    if not opened:
        return kept_in(_grounds, _GROUNDS, key, lambda: _ground(conn, ctx, question, key))
    plain = read_ground(conn, ctx, question, inputs)  # the same homes: only their streets are others
    return kept_in(_grounds, _GROUNDS, key, lambda: _opened(conn, ctx, plain, key, opened))


def while_unchanged(conn: Connection, ctx: Context, about: list[Any], make: Callable[[], T]) -> T:
    """Return what ``make`` returns, kept until any layer changes or the day is another."""
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    key = fingerprint([place_of(ctx), about, versions.layer_versions(conn), day])
    found: T = kept_in(_others, _OTHERS, key, make)
    return found


def place_of(ctx: Context) -> list[str]:
    """Return what tells stores apart."""
    return [str(ctx.store.engine.url), str(ctx.var_dir)]


def _opened(conn: Connection, ctx: Context, plain: Ground, key: str, opened: frozenset[str]) -> Ground:
    networks = open_networks(conn, ctx, opened=opened, at=plain.question.at)
    return replace(plain, key=key, networks=networks, footings=_footings(plain.question, networks, plain.homes))


def _ground(conn: Connection, ctx: Context, question: CoverageQuestion, key: str) -> Ground:
    ctx.progress(None, "progress.reading")
    networks = open_networks(conn, ctx, at=question.at)
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    areas = read_areas(conn)
    kinds = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    by = level_to_use(question.by, areas, kinds)
    told, persons, least = told_people(homes, rounding_salt(conn, ctx))
    present = {band: 0.0 * one + 1.0 for band, one in persons.items()}
    division = divide(conn, homes, areas, by)
    return Ground(
        key,
        question,
        networks,
        _footings(question, networks, homes),
        homes,
        areas,
        division,
        by,
        told,
        persons,
        least,
        present,
    )


def _footings(question: CoverageQuestion, networks: list[Streets], homes: Homes) -> dict[bool, Footing]:
    """Return how homes stand on the streets, for all ways of walking of a question."""
    starts = assign(networks, homes.lon, homes.lat)
    walkers = (question.profile, *(profile for profile, _ in question.walkers.values()))
    footings = {step_free: Footing([], []) for step_free in sorted({one.step_free for one in walkers})}
    for number, streets in enumerate(networks):
        here = np.flatnonzero(starts == number)
        snaps = snap_homes(streets.network, *streets.frame.to_metric(homes.lon[here], homes.lat[here]))
        for step_free, footing in footings.items():
            chains = streets.network.chains(step_free=step_free)
            footing.crowds.append(Crowd.of(chains, Feet.of(chains, snaps), here))
            footing.paved.append(Paved.of(chains))
    return footings


_grounds: Final[OrderedDict[str, Ground]] = OrderedDict()
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
