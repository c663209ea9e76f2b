"""Service circles of points, of facilities or of all of a category, with who lives inside (PRODUCT §3.5)."""

from collections.abc import Iterator, Sequence
from typing import Any

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
from geo_service.domain.reference import Limit
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.foundation.errors import NotFound
from geo_service.services.circle_question import CirclesQuestion, CircleWalker
from geo_service.services.closure_notes import closure_notes, has_closed_quarters, readings_differ
from geo_service.services.context import Context
from geo_service.services.facilities import Targets, read_targets, starts_at
from geo_service.services.homes import Homes, read_homes, weakest_basis
from geo_service.services.networks import Streets, assign, open_networks
from geo_service.services.notes import circle_notes, note, rounded_note
from geo_service.services.readings import BOTH, CLOSED, COLUMN, OPEN
from geo_service.services.rights import may
from geo_service.services.rules import rulebook
from geo_service.services.summary import attribution
from geo_service.services.told import rounding_salt, sees_exact, told_homes
from geo_service.storage import overview

Floats = npt.NDArray[np.float64]


def service_circles(
    conn: Connection,
    ctx: Context,
    *,
    points: Sequence[tuple[float, float]] | None = None,
    facilities: Sequence[str] | None = None,
    category: str | None = None,
    circles: Sequence[int] | None = None,
    minutes: Sequence[float] | None = None,
    profile: str = "standard",
    strict: bool = False,
    at: str | None = None,
) -> dict[str, Any]:
    """Return the circles as a GeoJSON FeatureCollection; asked as :meth:`CirclesQuestion.asked`.

    Features by ``properties.kind``: per limit ``circle`` (limit_m, minutes, people, people_basis, buildings,
    buildings_without_people, area_m2, paper_area_m2, overstates_share), ``paper`` (the plain buffer) and ``streets``;
    per point ``snap`` (leg_m). People and buildings are those whose own walk is within the limit, not those inside the
    drawn polygon; people is the sum over the buildings whose people are known, None where none is, and people_basis
    the weakest of theirs. With ``by_age`` there are the three for each way of walking, with its ``profile`` and the age
    ``bands`` that walk so; people are still all who live within that walk. Where it is not known whether quarters are
    closed, ``if_closed`` has the features that are otherwise if they are, and every feature says its ``reading``
    (``both``, ``open``, ``closed``). ``starts`` are the places they start at: of facilities their entrances, else the
    centroid. Raises InvalidInput ``no_network``, NotFound ``no_facilities``, ``row_unknown``.
    """
    may(ctx.actor, "analyse")
    question = CirclesQuestion.asked(
        points=points,
        facilities=facilities,
        category=category,
        circles=circles,
        minutes=minutes,
        profile=profile,
        strict=strict,
        at=at,
    )
    book = rulebook(conn, ctx)
    question = question.under(book)
    networks = open_networks(conn, ctx, at=question.at)
    targets = None if question.category is None else read_targets(conn, ctx, [question.category])
    starts = starts_at(conn, ctx, question.facilities) if question.facilities else _starts(question, targets)
    homes, least = read_homes(conn), None
    if not sees_exact(ctx):
        homes, least = told_homes(homes, rounding_salt(conn, ctx))
    features = _features(ctx, question, networks, starts, (homes, least))
    closed: dict[str, Any] = {}
    if readings_differ(networks):
        others = open_networks(conn, ctx, "closed", at=question.at)
        features, differing = _both(features, _features(ctx, question, others, starts, (homes, least)))
        closed = {"if_closed": {"features": differing}}
    pairs = overview.sources(conn)
    notes = [] if targets is None else circle_notes(targets)
    if has_closed_quarters(networks):
        notes.append(note("note.circles_for_outsiders"))
    notes += closure_notes(networks)
    return {
        "type": "FeatureCollection",
        "parameters": question.parameters(),
        "starts": [[round(float(lon), 7), round(float(lat), 7)] for lon, lat in zip(*starts, strict=True)],
        "rules": question.rules(book),
        "people_basis": homes.people_basis,
        "notes": notes if least is None else [*notes, rounded_note()],
        "attribution": attribution(pairs),
        "features": features,
        **closed,
    }


def _features(
    ctx: Context,
    question: CirclesQuestion,
    networks: Sequence[Streets],
    starts: tuple[Floats, Floats],
    counted: tuple[Homes, Floats | None],
) -> list[dict[str, Any]]:
    """Return the features of all networks in the order in which they are drawn; ``counted`` as :func:`_on_network`."""
    homes = counted[0]
    at = assign(networks, *starts)
    home_at = assign(networks, homes.lon, homes.lat) if len(homes) else np.zeros(0, np.int32)
    features: list[dict[str, Any]] = []
    for number, streets in enumerate(networks):
        ctx.progress(number / len(networks), "progress.circles")
        here, dwell = np.flatnonzero(at == number), np.flatnonzero(home_at == number)
        if len(here):
            for first, walker in enumerate(question.walkers):
                whose = {"profile": walker.profile.code, "bands": list(walker.bands)} if question.by_age else {}
                made = _on_network(walker, streets, (starts[0][here], starts[1][here]), counted, dwell)
                features += [_of(one, whose) for one in made if not first or one["properties"]["kind"] != "snap"]
    ctx.progress(1.0, "progress.circles")
    order = {"paper": 0, "circle": 1, "streets": 2, "snap": 3}
    features.sort(key=lambda one: (order[one["properties"]["kind"]], -one["properties"].get("limit_m", 0.0)))
    return features


def _both(
    features: Sequence[dict[str, Any]], closed: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the features of the main reading, and those of the other one that are not the same; each says which."""
    own, others = ({repr(one) for one in some} for some in (features, closed))
    main = [_of_reading(one, BOTH if repr(one) in others else OPEN) for one in features]
    return main, [_of_reading(one, CLOSED) for one in closed if repr(one) not in own]


def _of_reading(feature: dict[str, Any], reading: str) -> dict[str, Any]:
    return {**feature, "properties": {**feature["properties"], COLUMN: reading}}


def _starts(question: CirclesQuestion, targets: Targets | None) -> tuple[Floats, Floats]:
    """Return the points asked for, or the places of the category's facilities."""
    if targets is None:
        asked = np.array(question.points, float)
        return asked[:, 0], asked[:, 1]
    places = targets.draw_circles()[targets.place_owner]
    if not places.any():
        raise NotFound("no_facilities", category=question.category)
    return targets.place_lon[places], targets.place_lat[places]


def _of(feature: dict[str, Any], whose: dict[str, Any]) -> dict[str, Any]:
    """Return a feature that says whose circle it is; where people step onto the street is everybody's."""
    is_point = feature["properties"]["kind"] == "snap"
    return feature if is_point else {**feature, "properties": {**feature["properties"], **whose}}


def _on_network(
    walker: CircleWalker,
    streets: Streets,
    starts: tuple[Floats, Floats],
    counted: tuple[Homes, Floats | None],
    dwell: npt.NDArray[np.int64],
) -> Iterator[dict[str, Any]]:
    """Yield the features of one network; ``counted`` are the homes and, where rounded, their people at least."""
    homes, least = counted
    x, y = streets.frame.to_metric(*starts)
    snaps = snap_places(streets.network, x, y)
    step_free = walker.profile.step_free
    found = reached_circles(
        streets.network, x, y, snaps, [limit.metres for limit in walker.limits], step_free=step_free
    )
    walks = _home_walks(walker, streets, snaps, homes, dwell)
    for limit, circle in zip(walker.limits, found.circles, strict=True):
        inside = dwell[walks <= limit.metres + TOLERANCE_M]
        yield from _circle_features(limit, circle, _people(inside, homes, least))
    for place in np.flatnonzero(snaps.snapped):
        at = Point(float(found.snap_lon[place]), float(found.snap_lat[place]))
        yield _feature("snap", at, leg_m=round(float(found.leg_m[place]), 2))


def _home_walks(
    walker: CircleWalker, streets: Streets, snaps: Snaps, homes: Homes, dwell: npt.NDArray[np.int64]
) -> Floats:
    """Return the walk of each home here to the nearest of the points, inf beyond the largest limit."""
    x, y = streets.frame.to_metric(homes.lon[dwell], homes.lat[dwell])
    origins = snap_homes(streets.network, x, y)
    owner = np.arange(len(snaps), dtype=np.int32)
    longest = walker.limits[-1].metres
    return nearest(streets.network, snaps, owner, origins, limit_m=longest, step_free=walker.profile.step_free).metres


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
