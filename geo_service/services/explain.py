"""Why a home is covered or not: snap point, route, deciding facility, state and reason (PRODUCT §3.15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry import mapping
from sqlalchemy import Connection

from geo_service.analysis.routes import route
from geo_service.analysis.snapping import Snaps
from geo_service.analysis.states import NOT_COVERED, REASONS, STATES
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.bands import BANDS
from geo_service.domain.gate_hours import time_of_day
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import (
    BY_AGE,
    STANDARD,
    Limit,
    Profile,
    category_named,
    profile_named,
    profiles_by_age,
)
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.change_names import name_of
from geo_service.services.closure_notes import hours_notes, readings_differ
from geo_service.services.context import Context
from geo_service.services.explain_cures import cure_of, neighbours
from geo_service.services.explain_words import home_words
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.homes import Areas, Homes, building_as_home, read_areas, read_homes
from geo_service.services.limit_rules import default_limit, limit_rules
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.questions import category_limit
from geo_service.services.rights import may
from geo_service.services.rules import rulebook
from geo_service.services.walks import People, Walks, walk
from geo_service.storage import rows


def explain(
    conn: Connection,
    ctx: Context,
    *,
    building: str,
    category: str,
    circle: int | None = None,
    minutes: float | None = None,
    profile: str = "standard",
    band: str | None = None,
    strict: bool = False,
    at: str | None = None,
) -> dict[str, Any]:
    """Return why ``building`` (code or uid), or people of an age band in it, are in their state within the limit.

    The answer is computed from what is stored now: building, category, state, reason, metres and seconds (None if
    nothing is reachable), limit, the deciding facility, the building's snap point with its access leg in metres, the
    route as a GeoJSON LineString from the building to the facility's entrance, the ``rule`` with its clauses
    (:func:`limit_rules.limit_rules`) and all of it in ``words`` (:func:`explain_words.home_words`). A home that is not
    covered though a facility is near in a straight line has ``near_by_air`` and the single change that would cure it,
    ``cure`` (:func:`explain_cures.cure_of`); both are None for others. Where it is not known whether quarters are
    closed, ``if_closed`` has state, metres and the two if they are, None where state and metres are the same.

    With a ``band`` only facilities that admit it count, and with ``by_age`` it walks by its own profile; with
    ``by_age`` and no band the building walks by the standard profile, which the words say. With ``at`` (HH:MM) gates
    that are not open then let nobody pass, which the words say. Raises NotFound ``row_unknown``,
    ``category_unknown``, ``profile_unknown``; InvalidInput ``limit_twice``, ``circle_unknown``,
    ``minutes_out_of_range``, ``strict_without_circle``, ``no_network``, ``band_unknown``, ``time_of_day``.
    """
    may(ctx.actor, "analyse")
    category_named(category)
    at = time_of_day(at)
    if band is not None and band not in BANDS:
        raise InvalidInput("band_unknown", band=band[:40], known=", ".join(BANDS))
    by_age = profile == BY_AGE
    walker = profiles_by_age().get(band or "", profile_named(STANDARD)) if by_age else profile_named(profile)
    book = rulebook(conn, ctx)
    if circle is None and minutes is None and not strict:
        limit = default_limit(book, category)
    else:
        limit = category_limit(category, walker, circle=circle, minutes=minutes, strict=strict)
    row = rows.get(conn, LAYERS["buildings"], building)
    if row["retired_at"] is not None:
        raise NotFound("row_unknown", layer="buildings", ident=building)
    networks = open_networks(conn, ctx, at=at)
    home = building_as_home(conn, row)
    areas = read_areas(conn)
    targets = read_targets(conn, ctx, [category])
    people = People(home.lon, home.lat, lambda area: areas.holds(area, home), band)
    found = walk(networks, targets, people, category_count=1, limit=limit, profile=walker)
    decided = found.states(limit)
    reason = REASONS[decided.reason[0, 0]]
    metres, facility = _deciding(found, reason)
    streets = networks[int(assign(networks, home.lon, home.lat)[0])]
    x, y = streets.frame.to_metric(home.lon, home.lat)
    start = snap_homes(streets.network, x, y)
    line = None
    if facility >= 0:
        xy = (float(x[0]), float(y[0]))
        line = _route(streets, start, xy, targets, facility, step_free=walker.step_free)
    state = STATES[decided.state[0, 0]]
    answer = {
        "building": {
            "code": row["code"],
            "name": row.get("name"),
            "address": row.get("address"),
            "lon": float(home.lon[0]),
            "lat": float(home.lat[0]),
        },
        "category": category,
        "profile": walker.code,
        "band": band,
        "by_age": by_age,
        **({} if at is None else {"at": at}),
        "state": state,
        "reason": reason or None,
        "metres": round(metres, 2) if np.isfinite(metres) else None,
        "seconds": round(metres / walker.speed_m_s, 1) if np.isfinite(metres) else None,
        "limit": {"kind": limit.kind, "metres": limit.metres, "minutes": limit.minutes},
        "facility": _facility(targets, facility) if facility >= 0 else None,
        "snap": _snap_point(streets, start),
        "route": line,
        "rule": limit_rules(book, category, limit),
        **_cure(conn, state, networks, targets, _Home(home, areas, band), limit=limit, walker=walker),
    }
    if readings_differ(networks):
        closed = open_networks(conn, ctx, "closed", at=at)
        other = walk(closed, targets, people, category_count=1, limit=limit, profile=walker)
        answer["if_closed"] = _if_closed(answer, other, limit)
        if answer["if_closed"] is not None:
            state = answer["if_closed"]["state"]
            answer["if_closed"] |= _cure(
                conn, state, closed, targets, _Home(home, areas, band), limit=limit, walker=walker
            )
    said = [] if at is None else hours_notes(networks)
    return answer | {"words": [*said, *home_words(answer)]}


def _if_closed(answer: dict[str, Any], other: Walks, limit: Limit) -> dict[str, Any] | None:
    """Return state and metres if what is not known to be closed is; None where they are the same."""
    decided = other.states(limit)
    metres, _ = _deciding(other, REASONS[decided.reason[0, 0]])
    state = STATES[decided.state[0, 0]]
    shown = round(metres, 2) if np.isfinite(metres) else None
    return None if (state, shown) == (answer["state"], answer["metres"]) else {"state": state, "metres": shown}


@dataclass(frozen=True)
class _Home:
    """The home that is explained, where it lies, and for the people of which band."""

    home: Homes
    areas: Areas
    band: str | None

    def with_neighbours(self, conn: Connection, networks: Sequence[Streets], limit: Limit) -> People:
        """Return the home first, then those it shares crossings with."""
        homes = read_homes(conn)
        near = neighbours(networks, self.home, homes, limit)
        lon, lat = np.append(self.home.lon, homes.lon[near]), np.append(self.home.lat, homes.lat[near])

        def belongs(area: int) -> npt.NDArray[np.bool_]:
            return np.append(self.areas.holds(area, self.home), self.areas.holds(area, homes)[near])

        return People(lon, lat, belongs, self.band)


def _cure(
    conn: Connection,
    state: str,
    networks: Sequence[Streets],
    targets: Targets,
    home: _Home,
    *,
    limit: Limit,
    walker: Profile,
) -> dict[str, Any]:
    """Return what would cure the home: nothing unless it is not covered."""
    if state != STATES[NOT_COVERED]:
        return {"near_by_air": None, "cure": None}
    found = cure_of(networks, targets, home.with_neighbours(conn, networks, limit), limit=limit, profile=walker)
    cure = found["cure"]
    return found if cure is None else found | {"cure": cure | {"name": name_of(conn, cure)}}


def _deciding(found: Walks, reason: str) -> tuple[float, int]:
    """Return distance and place of the facility that decides: the unverified one where that is the reason."""
    if reason == "facility_unverified":
        return float(found.unverified_m[0, 0]), int(found.unverified_facility[0, 0])
    metres, facility = found.shown()
    return float(metres[0, 0]), int(facility[0, 0])


def _facility(targets: Targets, place: int) -> dict[str, Any]:
    at = int(np.flatnonzero(targets.place_owner == place)[0])
    return {
        "code": targets.code[place],
        "name": targets.name[place],
        "lon": float(targets.place_lon[at]),
        "lat": float(targets.place_lat[at]),
        "verified": bool(targets.verified[place]),
    }


def _snap_point(streets: Streets, start: Snaps) -> dict[str, float] | None:
    if not start.snapped[0]:
        return None
    lon, lat = streets.frame.to_lonlat(start.x, start.y)
    return {"lon": float(lon[0]), "lat": float(lat[0]), "leg_m": round(float(start.leg_m[0]), 2)}


def _route(
    streets: Streets, start: Snaps, xy: tuple[float, float], targets: Targets, facility: int, *, step_free: bool
) -> dict[str, Any] | None:
    """Return the shortest walk to any entrance of the facility."""
    doors = np.flatnonzero(targets.place_owner == facility)
    x, y = streets.frame.to_metric(targets.place_lon[doors], targets.place_lat[doors])
    ends = snap_places(streets.network, x, y)
    found = [
        route(streets.network, start, ends.take(np.array([n])), xy, (float(x[n]), float(y[n])), step_free=step_free)
        for n in range(len(doors))
    ]
    walks = [one for one in found if one is not None]
    return dict(mapping(min(walks, key=lambda one: one.metres).line)) if walks else None
