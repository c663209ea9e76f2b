"""What an analysis draws on the map, on paper: gap zones by reason, sites and candidates, service circles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import shape
from sqlalchemy import Connection

from geo_service.analysis.gap_zones import REASONS
from geo_service.cartography.print_map import Drawn
from geo_service.cartography.styles import CIRCLE_SYMBOLS, GAP_SYMBOLS, MARKS, SITE_SYMBOLS
from geo_service.cartography.symbols import Symbol
from geo_service.domain.reference import profile_label
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import runs
from geo_service.services.circles import service_circles
from geo_service.services.context import Context
from geo_service.services.headlines import bands_first, label_of
from geo_service.services.print_ground import Ground, Painted
from geo_service.services.reports import run_facts
from geo_service.services.told import shown_result

KINDS: Final = ("gaps", "siting")
MOST_POINTS: Final = 100
_MOST_LINES: Final = 6  # of zones and sites in words


@dataclass(frozen=True)
class CirclesShown:
    """Service circles around points (longitude, latitude); ``circles`` or ``minutes`` as they are asked."""

    points: tuple[tuple[float, float], ...]
    circles: tuple[int, ...] | None = None
    minutes: tuple[float, ...] | None = None
    profile: str = "standard"
    strict: bool = False
    at: str | None = None

    def __post_init__(self) -> None:
        """Check; InvalidInput ``print_points``."""
        if not 0 < len(self.points) <= MOST_POINTS:
            raise InvalidInput("print_points", count=len(self.points), most=MOST_POINTS)


@dataclass(frozen=True)
class Analysed:
    """What is drawn, the lowest first, and what is said of it: a line under the title, facts, notes."""

    parts: tuple[Painted, ...]
    subtitle: str
    facts: tuple[list[str], ...] = ()
    notes: tuple[str, ...] = ()


def analysis_drawn(
    conn: Connection, ctx: Context, ground: Ground, uid: str, category: str | None, *, if_closed: bool = False
) -> Analysed:
    """Return the zones or sites of a run, as the actor is told of them.

    Parameters
    ----------
    conn, ctx
        As every story's; ``report`` is asked for by the sheet.
    ground
        Where the map lies.
    uid
        A run of one of :data:`KINDS`.
    category
        Of gap zones: whose zones; the first that was asked where None.
    if_closed
        Whether what is not known to be closed counts as closed.

    Raises NotFound ``run_unknown``; InvalidInput ``print_analysis_kind``, ``print_category_not_in_run``.
    """
    run = runs.get_run(conn, ctx, uid)
    if run["kind"] not in KINDS:
        raise InvalidInput("print_analysis_kind", kind=run["kind"], known=", ".join(KINDS))
    result = shown_result(conn, ctx, run)
    if if_closed and result.get("if_closed"):
        result = {**result, **result["if_closed"]}
    return (_gaps if run["kind"] == "gaps" else _sites)(ctx, ground, result, category)


def _gaps(ctx: Context, ground: Ground, result: Mapping[str, Any], category: str | None) -> Analysed:
    known = {one["category"]: one for one in result["categories"]}
    code = next(iter(known)) if category is None else category
    if code not in known:
        raise InvalidInput("print_category_not_in_run", category=code[:64], known=", ".join(known))
    zones = [zone for zone in result["zones"] if zone["category"] == code]
    drawn = [zone for zone in zones if zone["geometry"] is not None]
    shapes = _metric(ground, [zone["geometry"] for zone in drawn])
    parts, badges = [], []
    for reason in (one for one in REASONS if one in GAP_SYMBOLS):
        own = [place for place, zone in enumerate(drawn) if zone["reason"] == reason]
        if not own:
            continue
        symbol = GAP_SYMBOLS[reason]
        parts.append(_part("gaps", "MultiPolygon", symbol, shapes[own], text(f"gap_reason.{reason}", ctx.lang)))
        for place in reversed(own):  # the first by rank lies uppermost
            at = shapely.point_on_surface(shapes[place])
            badges.append(_badge("gaps", replace(symbol, pattern="none"), _rank(drawn[place]), at))
    label = label_of(code, bands_first(code), ctx.lang)
    return Analysed(
        (*parts, *badges),
        text("print.gaps_of", ctx.lang, category=label),
        tuple(run_facts(ctx, {**result, "limit": known[code]["limit"]})),
        tuple(_gap_line(ctx, zone) for zone in zones if zone["rank"] is not None)[:_MOST_LINES],
    )


def _rank(zone: Mapping[str, Any]) -> str:
    if zone["rank"] is not None:
        return str(zone["rank"])
    return "0" if zone["people"] == 0 else "?"


def _gap_line(ctx: Context, zone: Mapping[str, Any]) -> str:
    people = zone["people"]
    said = text("print.withheld", ctx.lang) if people is None else text("print.persons", ctx.lang, people=f"{people:g}")
    reason = text(f"gap_reason.{zone['reason']}", ctx.lang)
    place = zone["area_name"] or zone["area_code"] or ""
    return text("print.gap_line", ctx.lang, rank=zone["rank"], place=place, people=said, reason=reason)


def _sites(ctx: Context, ground: Ground, result: Mapping[str, Any], category: str | None) -> Analysed:
    del category  # a run of sites has one
    groups: dict[str, list[Mapping[str, Any]]] = {"not": [], "other": [], "drawn": []}
    for one in result["candidates"]:
        kind = "not" if one["status"] == "not_eligible" else "drawn" if one["kind"].startswith("drawn") else "other"
        groups[kind].append(one)
    sites = result["sites"]
    # the chosen ones are drawn as numbers, and stand in the legend once
    shown = [*((kind, _points(ground, some)) for kind, some in groups.items() if some), ("chosen", [])]
    parts = [
        _part("sites", "Point", SITE_SYMBOLS[kind], at, text(f"tools.siting.legend_{kind}", ctx.lang))
        for kind, at in shown
    ]
    places = zip(sites, _points(ground, sites), strict=True)
    parts += [_badge("sites", SITE_SYMBOLS["chosen"], str(one["order"]), at) for one, at in places]
    label = label_of(result["category"], bands_first(result["category"]), ctx.lang)
    return Analysed(
        tuple(parts),
        text("print.sites_of", ctx.lang, category=label),
        tuple(run_facts(ctx, dict(result))),
        tuple(_site_line(ctx, one) for one in sites[:_MOST_LINES]),
    )


def _site_line(ctx: Context, site: Mapping[str, Any]) -> str:
    people = site["people"]
    said = text("print.withheld", ctx.lang) if people is None else text("print.persons", ctx.lang, people=f"{people:g}")
    return text("print.site_line", ctx.lang, order=site["order"], name=site["name"] or site["code"], people=said)


def circles_drawn(conn: Connection, ctx: Context, ground: Ground, asked: CirclesShown) -> Analysed:
    """Return service circles, as large as they are for the same points and people on the map.

    Raises as ``circles.service_circles``.
    """
    found = service_circles(
        conn,
        ctx,
        points=asked.points,
        circles=asked.circles,
        minutes=asked.minutes,
        profile=asked.profile,
        strict=asked.strict,
        at=asked.at,
    )
    features = found["features"]
    limits = sorted({one["properties"]["limit_m"] for one in features if "limit_m" in one["properties"]})
    parts, notes = [], []
    for limit in reversed(limits):
        own = [one for one in features if one["properties"].get("limit_m") == limit]
        circles = [one for one in own if one["properties"]["kind"] == "circle"]
        words = _limit_words(ctx, circles[0]["properties"])
        symbol = CIRCLE_SYMBOLS[limits.index(limit) % len(CIRCLE_SYMBOLS)]
        parts.append(_part("circles", "MultiPolygon", symbol, _of(ground, circles), words))
        notes += [_circle_line(ctx, words, one["properties"]) for one in circles]
    kinds = ("paper", "streets")
    for kind in kinds:
        own = [one for one in features if one["properties"]["kind"] == kind]
        if kind == "streets":  # those of the longest walk hold the others
            own = [one for one in own if one["properties"]["limit_m"] == limits[-1]]
        parts.append(_part("circles", "LineString", MARKS[kind], _of(ground, own), _mark_words(ctx, kind)))
    snaps = [one for one in features if one["properties"]["kind"] == "snap"]
    starts = [{"lon": lon, "lat": lat} for lon, lat in asked.points]
    parts.append(_part("circles", "Point", MARKS["snap"], _of(ground, snaps), _mark_words(ctx, "snap")))
    parts.append(_part("circles", "Point", MARKS["origin"], _points(ground, starts), _mark_words(ctx, "origin")))
    facts = [[text("report.profile", ctx.lang), profile_label(asked.profile)[ctx.lang]]]
    if asked.at:
        facts.append([text("report.at", ctx.lang), asked.at])
    shown = tuple(one for one in parts if len(one.drawn.shapes))
    return Analysed(shown, text("print.circles_of", ctx.lang), tuple(facts), tuple(reversed(notes)))


def _limit_words(ctx: Context, circle: Mapping[str, Any]) -> str:
    key = "report.limit_distance" if circle["limit_kind"] == "distance" else "report.limit_time"
    return text(key, ctx.lang, minutes=f"{circle['minutes'] or 0:g}", metres=f"{circle['limit_m']:g}")


def _circle_line(ctx: Context, words: str, circle: Mapping[str, Any]) -> str:
    people = circle["people"]
    key = "print.withheld" if circle.get("withheld") else "style.no_data"
    said = text(key, ctx.lang) if people is None else text("print.persons", ctx.lang, people=f"{people:g}")
    return text("print.circle_line", ctx.lang, limit=words, people=said)


def _mark_words(ctx: Context, name: str) -> str:
    return text(f"style.mark.{name}", ctx.lang)


def _metric(ground: Ground, geometries: Sequence[Any]) -> Any:
    shapes = np.array([shape(one) for one in geometries], dtype=object)
    return ground.plane.geometries_to_metric(shapes) if len(shapes) else shapes


def _of(ground: Ground, features: Sequence[Mapping[str, Any]]) -> Any:
    return _metric(ground, [one["geometry"] for one in features])


def _points(ground: Ground, places: Sequence[Mapping[str, Any]]) -> Any:
    return _metric(ground, [{"type": "Point", "coordinates": (one["lon"], one["lat"])} for one in places])


def _part(layer: str, geometry: str, symbol: Symbol, shapes: Any, words: str) -> Painted:
    return Painted(layer, geometry, Drawn(symbol, np.asarray(shapes, dtype=object), words))


def _badge(layer: str, symbol: Symbol, number: str, at: Any) -> Painted:
    """Return a mark with a number in it, which the legend does not list."""
    lettered = replace(symbol, fill_opacity=1.0, glyph=(("zh", number), ("en", number)))
    return Painted(layer, "Point", Drawn(lettered, np.array([at], dtype=object), "", may_be_covered=False))
