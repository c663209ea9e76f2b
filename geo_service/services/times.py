"""Walking distance and time from every home, or from a user's own points, to the nearest facility of a category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo_service.analysis.states import REASONS, STATES
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import category_named, profile_named
from geo_service.services.context import Context
from geo_service.services.facilities import read_targets
from geo_service.services.homes import no_homes, read_areas, read_homes
from geo_service.services.networks import open_networks
from geo_service.services.questions import distance_limit
from geo_service.services.rights import may
from geo_service.services.told import rounding_salt, sees_exact, told_homes
from geo_service.services.walks import Belongs, People, walk
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
COLUMNS: Final = ("id", "metres", "seconds", "state", "reason", "facility_code", "snap_m")
_DECIMALS: Final = 2  # centimetres; states are decided before rounding


@dataclass(frozen=True)
class Times:
    """Walks in the order of the homes or points.

    Attributes
    ----------
    id
        Building code, or the point's own id.
    metres, seconds
        Walk to the nearest facility that is open and verified, also beyond the limit; where only facilities that
        are not verified can be reached, to the nearest of those. Inf if nothing is reachable.
    state, reason
        ``covered``, ``not_covered`` or ``unknown`` with its reason, else an empty one (PRODUCT §3.4).
    facility_code
        The facility walked to, None if there is none.
    snap_m
        Access leg from the home to the street, NaN if no street is within reach.
    """

    id: Sequence[str]
    metres: Floats
    seconds: Floats
    state: Sequence[str]
    reason: Sequence[str]
    facility_code: Sequence[str | None]
    snap_m: Floats
    facility_count: int

    def rows(self) -> list[list[object]]:
        """Return rows of :data:`COLUMNS` as they are written: centimetres, empty where there is nothing."""
        columns = [self.id, *map(_written, (self.metres, self.seconds)), self.state, self.reason]
        return [list(row) for row in zip(*columns, self.facility_code, _written(self.snap_m), strict=True)]


def times(
    conn: Connection,
    ctx: Context,
    *,
    category: str,
    profile: str = "standard",
    limit_m: float = 1000.0,
    points: tuple[Sequence[str], Floats, Floats] | None = None,
) -> Times:
    """Return the walks of all homes, or of ``points``, to the nearest facility of ``category``.

    Parameters
    ----------
    conn, ctx
        Open transaction and context.
    category, profile
        Codes; NotFound ``category_unknown``, ``profile_unknown``.
    limit_m
        Decides the state only, metres; InvalidInput ``limit_out_of_range``.
    points
        Ids, longitudes and latitudes in degrees, inside an area or not; without them all homes.

    Notes
    -----
    Raises InvalidInput ``no_network``; ``no_homes`` or ``no_homes_use_unknown`` if there are neither points nor
    homes. A category without any facility is no error: everybody is not covered (or unknown near the end of the
    extent).
    """
    may(ctx.actor, "analyse")
    category_named(category)
    walker, limit = profile_named(profile), distance_limit(limit_m)
    networks = open_networks(conn, ctx)
    targets = read_targets(conn, ctx, [category])
    ids, people = _walkers(conn, ctx, points)
    found = walk(networks, targets, people, category_count=1, limit=limit, profile=walker, progress=ctx.progress)
    metres, facility = found.shown()
    decided = found.states(limit)
    codes = [str(targets.code[place]) if place >= 0 else None for place in facility[0]]
    return Times(
        ids,
        metres[0],
        metres[0] / walker.speed_m_s,
        [STATES[place] for place in decided.state[0]],
        [REASONS[place] for place in decided.reason[0]],
        codes,
        found.snap_m,
        len(targets),
    )


def _walkers(
    conn: Connection, ctx: Context, points: tuple[Sequence[str], Floats, Floats] | None
) -> tuple[list[str], People]:
    """Return ids and people: of the points, or of all homes the actor is told of."""
    if points is not None:
        ids, lon, lat = points
        return list(ids), People(lon, lat, inside_area(conn, lon, lat))
    homes = read_homes(conn)
    if not len(homes):
        raise no_homes(homes)
    if not sees_exact(ctx):
        homes, _ = told_homes(homes, rounding_salt(conn, ctx))
    areas = read_areas(conn)
    return [str(code) for code in homes.code], People(homes.lon, homes.lat, lambda area: areas.holds(area, homes))


def inside_area(conn: Connection, lon: Floats, lat: Floats) -> Belongs:
    """Return a function that says which points lie in an area, for points that are no homes."""

    def belongs(area_id: int) -> npt.NDArray[np.bool_]:
        frame = read_frame(conn, LAYERS["areas"], ["id"], where={"id": area_id})
        if frame.empty:
            return np.zeros(len(lon), bool)
        outline = frame.geometry.iloc[0]
        return np.asarray(shapely.intersects_xy(outline, lon, lat), bool)

    return belongs


def _written(values: Floats) -> list[float | None]:
    return [round(float(value), _DECIMALS) if np.isfinite(value) else None for value in values]
