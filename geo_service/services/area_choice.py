"""The areas and grids somebody goes from one to the other of."""

from typing import TYPE_CHECKING, Any, Final

from geo_service.domain.areas import LEVELS
from geo_service.domain.layers import LAYERS
from geo_service.foundation.natural_order import natural_key
from geo_service.services.context import Context
from geo_service.services.homes import Areas, read_areas
from geo_service.services.rights import may
from geo_service.storage.frames import read_frame
from geo_service.storage.visible import own_places

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OFFERED: Final = LEVELS[: LEVELS.index("community") + 1]  # quarters are found by search


def places_to_go(conn: "Connection", ctx: Context) -> list[dict[str, Any]]:
    """Return the areas from city to community, each below the one it lies in, names in their natural order.

    Of somebody with assignments those and what lies below them, then the assigned grids; all of them of others. Each
    has layer, code, name, level, depth (how many of the listed areas it lies in) and within (name of the next one).
    """
    may(ctx.actor, "read_published")
    areas = read_areas(conn)
    own = own_places(conn, ctx.actor)
    is_bound = bool(ctx.actor.areas or ctx.actor.grids)
    named = {int(row.id): row for row in areas.frame.itertuples()}
    offered = {
        ident: row
        for ident, row in named.items()
        if row.level in _OFFERED and (not is_bound or str(row.code) in own.areas)
    }
    paths = {ident: [one for one in _path(areas, ident) if one in offered] for ident in offered}
    places = [_told(offered, paths[ident]) for ident in sorted(offered, key=lambda one: _order(offered, paths[one]))]
    return places + (_grids(conn, ctx) if ctx.actor.grids else [])


def _path(areas: Areas, ident: int) -> list[int]:
    """Return the ids of the areas above one, the highest first, and its own."""
    above = [areas.at_level[level].get(ident) for level in _OFFERED]
    return list(dict.fromkeys([*(one for one in above if one is not None), ident]))


def _order(offered: dict[int, Any], path: list[int]) -> list[tuple[Any, str]]:
    return [(natural_key(_name(offered[one]) or ""), str(offered[one].code)) for one in path]


def _told(offered: dict[int, Any], path: list[int]) -> dict[str, Any]:
    row = offered[path[-1]]
    return {
        "layer": "areas",
        "code": str(row.code),
        "name": _name(row),
        "level": str(row.level),
        "depth": len(path) - 1,
        "within": _name(offered[path[-2]]) if len(path) > 1 else None,
    }


def _name(row: Any) -> str | None:
    return row.name if isinstance(row.name, str) else None


def _grids(conn: "Connection", ctx: Context) -> list[dict[str, Any]]:
    frame = read_frame(conn, LAYERS["grids"], ["code", "name"], geometry=False)
    mine = [row for row in frame.itertuples() if row.code in ctx.actor.grids]
    mine.sort(key=lambda row: (natural_key(_name(row) or ""), str(row.code)))
    more = {"level": "grid", "depth": 0, "within": None}
    return [{"layer": "grids", "code": str(row.code), "name": _name(row), **more} for row in mine]
