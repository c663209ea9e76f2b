"""How much one geometry may hold, at which door, and how deep it may nest; checked before anything expensive."""

import re
from collections.abc import Mapping
from typing import Final

from geo_service.foundation.errors import TooMuch

MOST_VERTICES: Final = 100_000  # of one geometry over HTTP
MOST_PARTS: Final = 10_000
MOST_FILE_GEOMETRY_VERTICES: Final = 1_000_000  # of one geometry in a file
MOST_FILE_VERTICES: Final = 20_000_000  # of all of a file: a city's buildings have a few millions
DEEPEST_COLLECTION: Final = 4
_DEEPEST_WKT: Final = DEEPEST_COLLECTION + 3  # brackets: those of collections and of a multi-polygon
_BRACKETS: Final = re.compile(r"[()]")


def check_wkt(text: str) -> None:
    """Raise TooMuch ``geometry_too_deep``, ``geometry_too_many_vertices`` for a text that must not be parsed.

    GEOS parses nested collections by recursion without a limit of its own: two hundred thousand brackets end the
    process.
    """
    if text.count(",") >= MOST_FILE_GEOMETRY_VERTICES:
        raise TooMuch("geometry_too_many_vertices", maximum=MOST_FILE_GEOMETRY_VERTICES)
    if text.count("(") <= _DEEPEST_WKT:
        return
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] == "(" else -1
        if depth > _DEEPEST_WKT:
            raise TooMuch("geometry_too_deep", deepest=DEEPEST_COLLECTION)


def check_nesting(geometry: object) -> None:
    """Raise TooMuch ``geometry_too_deep`` for a GeoJSON collection in too many collections."""
    level = [geometry]
    for _ in range(DEEPEST_COLLECTION + 1):
        level = [
            part
            for one in level
            if isinstance(one, Mapping) and isinstance(one.get("geometries"), list)
            for part in one["geometries"]
        ]
        if not level:
            return
    raise TooMuch("geometry_too_deep", deepest=DEEPEST_COLLECTION)


def vertices_of(coordinates: object, depth: int) -> int:
    """Return the number of positions in GeoJSON coordinates whose positions lie ``depth`` lists deep."""
    if depth == 0 or not isinstance(coordinates, list):
        return 1
    return len(coordinates) if depth == 1 else sum(vertices_of(part, depth - 1) for part in coordinates)
