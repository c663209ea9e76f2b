"""Service circles of points or of a category's facilities, with who lives inside (PRODUCT §3.5)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from shapely import Point
from shapely.geometry import mapping
from sqlalchemy import Connection

from geo_service.analysis.circles import Circle
from geo_service.analysis.circles import circles as reached_circles
from geo_service.analysis.distances import nearest
from geo_service.analysis.snapping import TOLERANCE_M, Snaps
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.reference import (
    Limit,
    Profile,
    category_named,
    limit_of,
    profile_named,
    strict_refused,
    stricter_circles,
)
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.foundation.errors import InvalidInput, NotFound, TooMuch
from geo_service.services.closure_notes import closure_notes, has_closed_quarters
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets
from geo_service.services.homes import Homes, read_homes, weakest_basis
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.notes import circle_notes, note, rounded_note
from geo_service.services.rights import may
from geo_service.services.summary import attribution
from geo_service.services.told import rounding_salt, sees_exact, told_homes
from geo_service.storage import overview

Floats = npt.NDArray[np.float64]
POINTS_MAXIMUM: Final = 1000
_LIMITS_MAXIMUM: Final = 10


@dataclass(frozen=True)
class CirclesQuestion:
    """Circles around points, or around all facilities of a category, within several limits by one profile."""

    points: tuple[tuple[float, float], ...]
    category: str | None
    limits: tuple[Limit, ...]
    profile: Profile

    @classmethod
    def asked(
        cls,
        *,
        points: Sequence[tuple[float, float]] | None = None,
        category: str | None = None,
        circles: Sequence[int] | None = None,
        minutes: Sequence[float] | None = None,
        profile: str = "standard",
        strict: bool = False,
    ) -> "CirclesQuestion":
        """Return the checked question.

        With ``strict`` the circles that have a stricter distance are drawn by it, the others by their own. Raises
        InvalidInput ``circles_where`` (neither or both of points and category), ``lonlat_swapped``,
        ``lonlat_out_of_range``, ``limit_twice``, ``circle_unknown``, ``minutes_out_of_range``,
        ``strict_without_circle`` (none of the circles has a stricter distance); TooMuch
        ``circles_too_many``; NotFound ``category_unknown``, ``profile_unknown``.
        """
        if bool(points) == (category is not None):
            raise InvalidInput("circles_where")
        if category is not None:
            category_named(category)
        places = tuple(points or ())
        if len(places) > POINTS_MAXIMUM:
            raise TooMuch("circles_too_many", count=len(places), maximum=POINTS_MAXIMUM)
        for lon, lat in places:
            check_place(lon, lat)
        if circles and minutes:
            raise InvalidInput("limit_twice")
        walker = profile_named(profile)
        asked = [limit_of(walker, minutes=one) for one in minutes or ()]
        strictly = set(circles or (15,)) & set(stricter_circles()) if strict else set()
        if strict and (minutes or not strictly):
            raise strict_refused()
        asked += [limit_of(walker, circle=one, strict=one in strictly) for one in circles or ()]
        limits = {limit.metres: limit for limit in asked or [limit_of(walker, strict=strict)]}
        if len(limits) > _LIMITS_MAXIMUM:
            raise TooMuch("circles_too_many", count=len(limits), maximum=_LIMITS_MAXIMUM)
        return cls(places, category, tuple(limits[metres] for metres in sorted(limits)), walker)

    def parameters(self) -> dict[str, Any]:
        """Return what was asked, as it stands in the result."""
        return {
            "points": [list(point) for point in self.points],
            "category": self.category,
            "limits": [{"kind": li.kind, "metres": li.metres, "minutes": li.minutes} for li in self.limits],
            "profile": self.profile.code,
        }


def check_place(lon: float, lat: float) -> None:
    """Raise InvalidInput ``lonlat_swapped`` or ``lonlat_out_of_range`` unless this is a place on earth."""
    if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90:
        return
    if math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 90 and abs(lat) <= 180:
        raise InvalidInput("lonlat_swapped", lon=lon, lat=lat)
    raise InvalidInput("lonlat_out_of_range", lon=lon, lat=lat)


def service_circles(
    conn: Connection,
    ctx: Context,
    *,
    points: Sequence[tuple[float, float]] | None = None,
    category: str | None = None,
    circles: Sequence[int] | None = None,
    minutes: Sequence[float] | None = None,
    profile: str = "standard",
    strict: bool = False,
) -> dict[str, Any]:
    """Return the circles as a GeoJSON FeatureCollection; asked as :meth:`CirclesQuestion.asked`.

    Features by ``properties.kind``: per limit ``circle`` (limit_m, minutes, people, people_basis, buildings,
    buildings_without_people, area_m2, paper_area_m2, overstates_share), ``paper`` (the plain buffer) and ``streets``;
    per point ``snap`` (leg_m). People and buildings are those whose own walk is within the limit, not those inside the
    drawn polygon; people is the sum over the buildings whose people are known, None where none is, and people_basis
    the weakest of theirs. Raises InvalidInput ``no_network``, NotFound ``no_facilities``.
    """
    may(ctx.actor, "analyse")
    question = CirclesQuestion.asked(
        points=points, category=category, circles=circles, minutes=minutes, profile=profile, strict=strict
    )
    networks = open_networks(conn, ctx)
    targets = None if question.category is None else read_targets(conn, ctx, [question.category])
    lon, lat = _starts(question, targets)
    at = assign(networks, lon, lat)
    homes, least = read_homes(conn), None
    if not sees_exact(ctx):
        homes, least = told_homes(homes, rounding_salt(conn, ctx))
    home_at = assign(networks, homes.lon, homes.lat) if len(homes) else np.zeros(0, np.int32)
    features: list[dict[str, Any]] = []
    for number, streets in enumerate(networks):
        ctx.progress(number / len(networks), "progress.circles")
        here, dwell = np.flatnonzero(at == number), np.flatnonzero(home_at == number)
        if len(here):
            features += _on_network(question, streets, (lon[here], lat[here]), (homes, least), dwell)
    ctx.progress(1.0, "progress.circles")
    order = {"paper": 0, "circle": 1, "streets": 2, "snap": 3}
    features.sort(key=lambda one: (order[one["properties"]["kind"]], -one["properties"].get("limit_m", 0.0)))
    pairs = overview.sources(conn)
    notes = [] if targets is None else circle_notes(targets)
    if has_closed_quarters(networks):
        notes.append(note("note.circles_for_outsiders"))
    notes += closure_notes(networks, unknown="open_only")
    return {
        "type": "FeatureCollection",
        "parameters": question.parameters(),
        "people_basis": homes.people_basis,
        "notes": notes if least is None else [*notes, rounded_note()],
        "attribution": attribution(pairs),
        "features": features,
    }


def _starts(question: CirclesQuestion, targets: Targets | None) -> tuple[Floats, Floats]:
    """Return the points asked for, or the places of the category's facilities."""
    if targets is None:
        asked = np.array(question.points, float)
        return asked[:, 0], asked[:, 1]
    places = targets.draw_circles()[targets.place_owner]
    if not places.any():
        raise NotFound("no_facilities", category=question.category)
    return targets.place_lon[places], targets.place_lat[places]


def _on_network(
    question: CirclesQuestion,
    streets: Streets,
    starts: tuple[Floats, Floats],
    counted: tuple[Homes, Floats | None],
    dwell: npt.NDArray[np.int64],
) -> Iterator[dict[str, Any]]:
    """Yield the features of one network; ``counted`` are the homes and, where rounded, their people at least."""
    homes, least = counted
    x, y = streets.frame.to_metric(*starts)
    snaps = snap_places(streets.network, x, y)
    step_free = question.profile.step_free
    found = reached_circles(
        streets.network, x, y, snaps, [limit.metres for limit in question.limits], step_free=step_free
    )
    walks = _home_walks(question, streets, snaps, homes, dwell)
    for limit, circle in zip(question.limits, found.circles, strict=True):
        inside = dwell[walks <= limit.metres + TOLERANCE_M]
        yield from _circle_features(limit, circle, _people(inside, homes, least))
    for place in np.flatnonzero(snaps.snapped):
        at = Point(float(found.snap_lon[place]), float(found.snap_lat[place]))
        yield _feature("snap", at, leg_m=round(float(found.leg_m[place]), 2))


def _home_walks(
    question: CirclesQuestion, streets: Streets, snaps: Snaps, homes: Homes, dwell: npt.NDArray[np.int64]
) -> Floats:
    """Return the walk of each home here to the nearest of the points, inf beyond the largest limit."""
    x, y = streets.frame.to_metric(homes.lon[dwell], homes.lat[dwell])
    origins = snap_homes(streets.network, x, y)
    owner = np.arange(len(snaps), dtype=np.int32)
    longest = question.limits[-1].metres
    return nearest(streets.network, snaps, owner, origins, limit_m=longest, step_free=question.profile.step_free).metres


def _circle_features(limit: Limit, circle: Circle, people: dict[str, Any]) -> Iterator[dict[str, Any]]:
    known = {"limit_m": round(limit.metres, 2), "minutes": limit.minutes, "limit_kind": limit.kind}
    share = circle.overstates_share
    yield _feature(
        "circle",
        circle.polygon,
        **known,
        **people,
        area_m2=round(circle.area_m2, 1),
        paper_area_m2=round(circle.paper_area_m2, 1),
        overstates_share=None if share is None else round(share, 4),
    )
    yield _feature("paper", circle.paper, **known, area_m2=round(circle.paper_area_m2, 1))
    yield _feature("streets", circle.streets, **known)


def _people(inside: npt.NDArray[np.int64], homes: Homes, least: Floats | None) -> dict[str, Any]:
    """Return how many live inside, what that rests on, and of how many buildings it is not known.

    Where people are rounded, ``withheld`` says whether they are too few to be told.
    """
    persons = np.full(len(inside), np.nan) if homes.people is None else homes.people["all"][inside]
    without = int(np.isnan(persons).sum())
    told = homes.people is not None and without < max(len(inside), 1)
    found = {
        "people": round(float(np.nansum(persons))) if told else None,
        "people_basis": weakest_basis(homes.basis[inside]),
        "buildings": len(inside),
        "buildings_without_people": without,
    }
    if least is not None:
        found["withheld"] = bool(told and len(inside) and np.nansum(least[inside]) < FEWEST_PERSONS)
        found["people"] = None if found["withheld"] else found["people"]
    return found


def _feature(kind: str, geometry: Any, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"kind": kind, **properties}, "geometry": mapping(geometry)}
