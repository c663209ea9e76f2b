"""Find things by code, name or address."""

from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.domain.layers import LAYERS
from geo_service.domain.values import checked_text
from geo_service.foundation.errors import InvalidInput
from geo_service.services.context import Context
from geo_service.services.rights import may, may_read
from geo_service.storage.search import find

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEARCHED: Final = ("areas", "buildings", "facilities", "projects", "public_spaces", "green_spaces", "grids", "gates")
MOST: Final = 20
_LONGEST: Final = 100


def search(conn: "Connection", ctx: Context, words: str) -> list[dict[str, Any]]:
    """Return up to 20 things whose code, name or address contains ``words``, best first.

    Each has layer, code, uid, name, address, lon, lat (a point on it, degrees) and bounds (west, south, east,
    north), the last three null where it has no place. Raises InvalidInput ``search_empty``, ``field_too_long``.
    """
    may(ctx.actor, "read_published")
    wanted = checked_text(words, _LONGEST).strip()
    if not wanted:
        raise InvalidInput("search_empty")
    hits = [
        hit
        for name in SEARCHED
        for hit in find(conn, LAYERS[name], wanted, MOST, seen=may_read(ctx.actor, LAYERS[name]))
    ]
    order = {name: place for place, name in enumerate(SEARCHED)}
    best = sorted(hits, key=lambda hit: (hit.rank, order[hit.layer], hit.code))[:MOST]
    return [
        {"layer": hit.layer, "code": hit.code, "uid": hit.uid, "name": hit.name, "address": hit.address}
        | _place(hit.geometry)
        for hit in best
    ]


def _place(geometry: Any) -> dict[str, Any]:
    if geometry is None or geometry.is_empty:
        return {"lon": None, "lat": None, "bounds": None}
    point = shapely.point_on_surface(geometry)
    return {"lon": float(point.x), "lat": float(point.y), "bounds": [float(v) for v in geometry.bounds]}
