"""The poster for the notice board: in large type what there is within walking distance and what is planned.

A poster is public. Without a recorded map approval it shows a schematic in place of a map (PRODUCT §7).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import segno
import shapely
from sqlalchemy import Connection

from geo_service.cartography.print_map import FONTS, PX_MM, map_svg, mark
from geo_service.cartography.ring_chart import OnRing, ring_svg
from geo_service.cartography.styles import symbol_for
from geo_service.domain.actors import ANONYMOUS
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import circles
from geo_service.foundation.clock import from_iso, local_date
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import text
from geo_service.services import print_figures as figures
from geo_service.services import print_ground as grounds
from geo_service.services.board_coverage import coverage_of
from geo_service.services.board_runs import Kept
from geo_service.services.board_tables import BoardQuestion
from geo_service.services.context import Context
from geo_service.services.reports import settings_line
from geo_service.services.rights import may_read
from geo_service.storage.frames import read_frame
from geo_service.storage.visible import visible_sql

_MAP_MM: Final = {"A4": (90.0, 96.0), "A3": (132.0, 145.0)}
_LAYERS: Final = (*grounds.BASE, "areas", "facilities")
_UNDER_WAY: Final = ("building", "funded", "decided")
_DONE: Final = ("accepted", "in_care")
_MOST_UNDER_WAY, _MOST_DONE = 5, 3
# what is tried until a poster is one page: size of text on A3, rows of figures, of projects
_ALL, _SMALLEST_PT = 40, 13.5
_FITS: Final = (
    *((points, _ALL, 8) for points in (17.0, 16.0, 15.4, 14.8, 14.2, _SMALLEST_PT)),
    *((_SMALLEST_PT, kinds, projects) for kinds, projects in ((24, 8), (20, 8), (16, 6), (12, 4))),
)
_TEXT_SHARE: Final = {"A4": 0.69, "A3": 1.0}
_SIGN_MM: Final = 6.0
_LEVELS: Final = ("street", "community")
_QR_MM: Final = 34.0


def poster_values(conn: Connection, ctx: Context, area: grounds.PrintArea, paper: str) -> dict[str, Any]:
    """Return what the template of a poster needs.

    Raises InvalidInput ``print_poster_level`` (only of a community or a street), ``print_no_coverage``.
    """
    if area.level not in _LEVELS:
        raise InvalidInput("print_poster_level", area=area.code, level=area.level)
    coverage = Kept(conn, ctx, to_anybody=True).latest(coverage_of(BoardQuestion(), area.level))
    rows = {} if coverage is None else figures.rows_of(coverage, area.code)
    if coverage is None or not rows:
        raise InvalidInput("print_no_coverage", area=area.code, level=text(f"level.{area.level}", ctx.lang))
    ctx.progress(0.3, "progress.printing")
    limit = f"{coverage['limit']['metres']:g}"
    day = local_date(from_iso(coverage["created_at"]), ctx.timezone).isoformat()
    facts = {"metres": limit, "date": day}
    has_map = bool(ctx.map_approval)
    map_now = _map(conn, ctx, area, paper) if has_map else ""
    every = figures.bars(ctx, rows)
    kinds = [_kind(ctx, bar, rows[bar["category"]]) for bar in every if not bar["is_withheld"]]
    projects, more_projects = _projects(conn, ctx, area)
    withheld = len(every) - len(kinds)
    return {
        "title": text("print.poster_title", ctx.lang, name=area.name),
        "subtitle": text("print.poster_subtitle", ctx.lang),
        "map_words": text("print.poster_map" if has_map else "print.poster_rings", ctx.lang, **facts),
        "map_mm": _MAP_MM[paper][0],
        "withheld_words": text("print.poster_withheld", ctx.lang, count=withheld) if withheld else "",
        "bars_words": text("print.poster_share", ctx.lang, **facts),
        "settings": settings_line(ctx, coverage),
        "qr": _qr(ctx.public_address),
        "ask": text("print.poster_visit" if ctx.public_address else "print.poster_office", ctx.lang),
        "without_approval": text("print.schematic", ctx.lang),
        "fits": [
            {
                "text_pt": points * _TEXT_SHARE[paper],
                "map": map_now or _rings(ctx, kinds[:most], _MAP_MM[paper][0]),
                "kinds": kinds[:most],
                "more_kinds": _more(ctx, "print.poster_more_kinds", len(kinds) - most),
                "projects": projects[:most_projects],
                "more_projects": _more(
                    ctx, "print.poster_more_projects", more_projects + max(len(projects) - most_projects, 0)
                ),
            }
            for points, most, most_projects in _FITS
        ],
    }


def _more(ctx: Context, key: str, count: int) -> str:
    return text(key, ctx.lang, count=count) if count > 0 else ""


def _kind(ctx: Context, bar: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a kind of facility as a row: its sign, the share of people who reach one, how far away one is."""
    metres = None if row["mean_m"] is None else float(row["mean_m"])
    symbol = symbol_for("facilities", {"category": bar["category"]})
    radius = _SIGN_MM / 2
    sign = mark(symbol, radius, radius, ctx.lang, 0.8 * radius / (symbol.radius_px * PX_MM))
    return {
        **bar,
        "metres": metres,
        "away": "" if metres is None else f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m",
        "sign": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIGN_MM:g} {_SIGN_MM:g}" '
        f'font-family="{FONTS}">{sign}</svg>',
    }


def _map(conn: Connection, ctx: Context, area: grounds.PrintArea, paper: str) -> str:
    ground = grounds.ground_of(area, *_MAP_MM[paper])
    drawn = [one.drawn for one in grounds.painted(conn, ctx, ground, _LAYERS)]
    names = grounds.names_of(conn, ctx, ground)
    return map_svg(ground.frame, drawn, names, north=text("print.north", ctx.lang), lang=ctx.lang)


def _rings(ctx: Context, kinds: Sequence[Mapping[str, Any]], width_mm: float) -> str:
    """Return the schematic: how far the nearest of each kind is on average, on rings of the living circles."""
    signs = [
        OnRing(symbol_for("facilities", {"category": one["category"]}), one["metres"])
        for one in kinds
        if one["metres"] is not None
    ]
    rings = sorted(circles().values())
    words = {
        "home": text("print.home", ctx.lang),
        "beyond": text("print.beyond", ctx.lang, metres=f"{rings[-1]:g}"),
    }
    return ring_svg(signs, rings, width_mm, **words, lang=ctx.lang)


def _projects(conn: Connection, ctx: Context, area: grounds.PrintArea) -> tuple[list[dict[str, str]], int]:
    """Return projects for everybody's eyes that meet the area: some under way, some done, those of the latest dates.

    And how many more there are.
    """
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
    shown = _newest(made, ctx, _UNDER_WAY, _MOST_UNDER_WAY) + _newest(made, ctx, _DONE, _MOST_DONE)
    return shown, len(made) - len(shown)


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
