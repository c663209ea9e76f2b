"""Find things by name, code, address, or the number of a building in its quarter or street."""

from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import hidden_fields
from geo_service.domain.rights import reach_of, read_story
from geo_service.domain.search_words import PLACE_ALONE, SearchWords, rank_of, search_words
from geo_service.domain.values import checked_text
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.natural_order import natural_key
from geo_service.services.context import Context
from geo_service.services.rights import may, may_read
from geo_service.storage.search import Hit, find, shapes_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEARCHED: Final = (
    "areas",
    "buildings",
    "facilities",
    "projects",
    "public_spaces",
    "green_spaces",
    "grids",
    "gates",
    "barriers",
    "ways",
)
MOST: Final = 20
_PLACES: Final = ("areas", "ways")  # in which a building has its number
_LOOKED_AT: Final = 400  # rows of a layer that are ranked
_OF_EACH: Final = 8  # hits of a layer before those of the others
_LONGEST: Final = 100


def search(conn: "Connection", ctx: Context, words: str) -> list[dict[str, Any]]:
    """Return up to 20 things that ``words`` name, layer by layer, that of the best hit first; in each the best first.

    A number said to be that of a building (3号, 3栋, 3号楼, 三幢) finds all of these, and the quarter or street it was
    asked in. Each has layer, code, uid, name, address, title (what people call it), lon, lat (a point on it, degrees)
    and bounds (west, south, east, north), the last three null where it has no place. Layers the actor may not read
    are not looked into. Raises InvalidInput ``search_empty``, ``field_too_long``.
    """
    may(ctx.actor, "read_published")
    wanted = search_words(checked_text(words, _LONGEST))
    if not wanted.typed:
        raise InvalidInput("search_empty")
    found = {
        name: _ranked(conn, ctx, name, wanted) for name in SEARCHED if reach_of(ctx.actor, read_story(name)) != "none"
    }
    closest = {name: min((rank, len(hit.title)) for rank, hit in hits) for name, hits in found.items() if hits}
    best = sorted(closest, key=lambda name: (closest[name], SEARCHED.index(name)))
    left = MOST
    taken: dict[str, list[Hit]] = {name: [] for name in best}
    for most in (_OF_EACH, MOST):
        for name in taken:
            more = found[name][len(taken[name]) : most][:left]
            taken[name] += [hit for _, hit in more]
            left -= len(more)
    return [one for name, hits in taken.items() for one in _told(conn, name, hits)]


Rank = tuple[int, bool]  # how well the words are met, and whether elsewhere than in what it is called


def _ranked(conn: "Connection", ctx: Context, name: str, wanted: SearchWords) -> list[tuple[Rank, Hit]]:
    """Return what was found in a layer, the best first; a street that has several rows once.

    Of areas, higher ones before lower ones; the place alone only where nothing else was found.
    """
    layer, alone = LAYERS[name], name in _PLACES
    hidden = hidden_fields(ctx.actor, layer)
    rows = find(conn, layer, wanted.needles(alone=alone), _LOOKED_AT, seen=may_read(ctx.actor, layer), hidden=hidden)
    hits = [(rank, hit) for hit in rows if (rank := _rank(wanted, hit, alone)) is not None]
    if any(rank[0] < PLACE_ALONE for rank, _ in hits):
        hits = [one for one in hits if one[0][0] < PLACE_ALONE]
    level = len if name == "areas" else lambda _code: 0
    hits.sort(key=lambda one: (one[0], level(one[1].code), natural_key(one[1].title), one[1].code))
    once: dict[str, tuple[Rank, Hit]] = {}
    for rank, hit in hits:
        once.setdefault(hit.title if name == "ways" else hit.uid, (rank, hit))
    return list(once.values())


def _rank(wanted: SearchWords, hit: Hit, alone: bool) -> Rank | None:
    rank = rank_of(wanted, hit.code, hit.texts, alone=alone)
    return None if rank is None else (rank, rank_of(wanted, hit.code, (hit.title,), alone=alone) is None)


def _told(conn: "Connection", name: str, hits: list[Hit]) -> list[dict[str, Any]]:
    shapes = shapes_of(conn, LAYERS[name], [hit.id for hit in hits])
    return [
        {"layer": name, "code": hit.code, "uid": hit.uid, "name": hit.name, "address": hit.address, "title": hit.title}
        | _place(shapes.get(hit.id))
        for hit in hits
    ]


def _place(geometry: Any) -> dict[str, Any]:
    if geometry is None or geometry.is_empty:
        return {"lon": None, "lat": None, "bounds": None}
    point = shapely.point_on_surface(geometry)
    return {"lon": float(point.x), "lat": float(point.y), "bounds": [float(v) for v in geometry.bounds]}
