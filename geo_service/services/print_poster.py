"""The poster for the notice board: in large type what there is within walking distance and what is planned.

A poster is public. Without a recorded map approval it shows a schematic in place of a map (PRODUCT §7).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import segno
import shapely
from sqlalchemy import Connection

from geo_service.cartography.print_map import map_svg
from geo_service.cartography.ring_chart import OnRing, ring_svg
from geo_service.cartography.styles import symbol_for
from geo_service.domain.actors import ANONYMOUS
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories, circles
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import print_figures as figures
from geo_service.services import print_ground as grounds
from geo_service.services.context import Context
from geo_service.services.rights import may_read
from geo_service.storage.frames import read_frame
from geo_service.storage.visible import visible_sql

_MAP_MM: Final = {"A4": (90.0, 96.0), "A3": (132.0, 145.0)}
_LAYERS: Final = (*grounds.BASE, "areas", "facilities")
_UNDER_WAY: Final = ("building", "funded", "decided")
_DONE: Final = ("accepted", "in_care")
_MOST_UNDER_WAY, _MOST_DONE, _MOST_BARS, _MOST_SIGNS = 5, 3, 16, 12
_LEVELS: Final = ("street", "community")
_QR_MM: Final = 34.0


def poster_values(conn: Connection, ctx: Context, area: grounds.PrintArea, paper: str) -> dict[str, Any]:
    """Return what the template of a poster needs.

    Raises InvalidInput ``print_poster_level`` (only of a community or a street), ``print_no_coverage``.
    """
    if area.level not in _LEVELS:
        raise InvalidInput("print_poster_level", area=area.code, level=area.level)
    coverage = figures.newest(conn, ctx, "coverage", {"by": (area.level,)}, to_anybody=True)
    rows = {} if coverage is None else figures.rows_of(coverage, area.code)
    if coverage is None or not rows:
        raise InvalidInput("print_no_coverage", area=area.code, level=text(f"level.{area.level}", ctx.lang))
    ctx.progress(0.3, "progress.printing")
    limit = f"{coverage['limit']['metres']:g}"
    day = local_date(from_iso(coverage["created_at"]), ctx.timezone).isoformat()
    facts = {"metres": limit, "date": day}
    has_map = bool(ctx.map_approval)
    bars = [bar for bar in figures.bars(ctx, rows) if not bar["is_withheld"]]
    return {
        "title": text("print.poster_title", ctx.lang, name=area.name),
        "subtitle": text("print.poster_subtitle", ctx.lang),
        "map": _map(conn, ctx, area, paper) if has_map else _rings(ctx, rows, _MAP_MM[paper][0]),
        "map_words": text("print.poster_map" if has_map else "print.poster_rings", ctx.lang, **facts),
        "bars": bars[:_MOST_BARS],
        "bars_words": text("print.poster_share", ctx.lang, **facts),
        "projects": _projects(conn, ctx, area),
        "qr": _qr(ctx.public_address),
        "ask": text("print.poster_visit" if ctx.public_address else "print.poster_office", ctx.lang),
        "without_approval": text("print.schematic", ctx.lang),
        "text_scale": 1.9,
    }


def _map(conn: Connection, ctx: Context, area: grounds.PrintArea, paper: str) -> str:
    ground = grounds.ground_of(area, *_MAP_MM[paper])
    drawn = [one.drawn for one in grounds.painted(conn, ctx, ground, _LAYERS)]
    names = grounds.names_of(conn, ctx, ground)
    return map_svg(ground.frame, drawn, names, north=text("print.north", ctx.lang), lang=ctx.lang)


def _rings(ctx: Context, rows: Mapping[str, Mapping[str, Any]], width_mm: float) -> str:
    """Return the schematic: how far the nearest of each kind is on average, on rings of the living circles."""
    means = {code: float(row["mean_m"]) for code, row in rows.items() if row["mean_m"] is not None}
    signs = [
        OnRing(symbol_for("facilities", {"category": code}), _away(ctx, code, metres), metres)
        for code, metres in means.items()
    ]
    home = text("print.home", ctx.lang)
    return ring_svg(signs[:_MOST_SIGNS], sorted(circles().values()), width_mm, home=home, lang=ctx.lang)


def _away(ctx: Context, category: str, metres: float) -> str:
    """Return a category's name with how far away the nearest is."""
    far = f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"
    return text("print.away", ctx.lang, label=categories()[category].label[ctx.lang], metres=far)


def _projects(conn: Connection, ctx: Context, area: grounds.PrintArea) -> list[dict[str, str]]:
    """Return projects for everybody's eyes that meet the area: some under way, some done, those of the latest dates."""
    may_read(ctx.actor, LAYERS["projects"])
    seen = visible_sql(ANONYMOUS, "all", LAYERS["projects"])
    columns = ["name", "kind", "status", "deadline_on"]
    wanted = {"status": [*_UNDER_WAY, *_DONE]}
    rows = read_frame(conn, LAYERS["projects"], columns, bbox=area.shape.bounds, where=wanted, seen=seen)
    rows = rows[shapely.intersects(rows.geometry.to_numpy(), area.shape)]
    made = [
        {
            "name": str(row.name),
            "kind": text(f"choice.projects.kind.{row.kind}", ctx.lang),
            "status": text(f"choice.projects.status.{row.status}", ctx.lang),
            "when": _when(ctx, row.status, row.deadline_on),
            "due": str(row.deadline_on or ""),
        }
        for row in rows.itertuples(index=False)
    ]
    return _newest(made, ctx, _UNDER_WAY, _MOST_UNDER_WAY) + _newest(made, ctx, _DONE, _MOST_DONE)


def _newest(made: list[dict[str, str]], ctx: Context, statuses: Sequence[str], most: int) -> list[dict[str, str]]:
    """Return the projects of these statuses that are due last, in the order of their dates."""
    words = {text(f"choice.projects.status.{one}", ctx.lang) for one in statuses}
    own = sorted((one for one in made if one["status"] in words), key=lambda one: (one["due"], one["name"]))
    return own[-most:]


def _when(ctx: Context, status: str, deadline_on: str | None) -> str:
    """Return until when a project is to be done; nothing for what is done, and no promise of a date that is past."""
    if deadline_on is None or status in _DONE:
        return ""
    is_past = deadline_on < local_date(ctx.clock(), ctx.timezone).isoformat()
    return text("print.was_until" if is_past else "print.until", ctx.lang, date=deadline_on)


def _qr(address: str) -> str | None:
    if not address:
        return None
    code = segno.make(address, micro=False, error="m")
    svg = code.svg_inline(border=2, omitsize=True)
    return f'<div style="width:{_QR_MM}mm;height:{_QR_MM}mm">{svg}</div>'
