"""Which rows of a layer lie in a polygon that is drawn or in an area of the store."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.areas import AREAS
from geo_service.domain.fields import Layer
from geo_service.domain.rights import read_story
from geo_service.domain.values import checked_text, shown
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.geometry import as_drawn, as_read, valid
from geo_service.foundation.geometry_limits import check_wkt
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage import rows
from geo_service.storage.spatial import inside

if TYPE_CHECKING:
    from sqlalchemy import Connection

Within: TypeAlias = BaseGeometry | str  # a polygon in degrees, or the code of an area
MOST_CORNERS: Final = 150  # of a drawn polygon: so many fit into every address and into a saved view
_POLYGONS: Final = ("Polygon", "MultiPolygon")
_WKT: Final = re.compile(r"[A-Za-z]+\s*(?:(?:ZM|Z|M)\s*)?(?:\(|EMPTY\b)", re.IGNORECASE)
_SRID: Final = re.compile(r"SRID\s*=", re.IGNORECASE)


def parse_within(written: str) -> Within:
    """Return a polygon written as WKT or GeoJSON, in degrees and longitude first, or the code of an area as it is.

    Raises InvalidInput ``within_form``, ``within_srid``, ``within_not_polygon``, ``within_crosses_itself`` and those of
    ``foundation.geometry`` (``shape_empty``, ``shape_out_of_range``, ``geometry_curved`` …); TooMuch
    ``within_too_many_corners``.
    """
    text = written.strip()
    if text.startswith("{"):
        drawn = _of_geojson(text)
    elif _SRID.match(text):
        raise InvalidInput("within_srid")
    elif _WKT.match(text):
        drawn = _of_wkt(text)
    elif text:
        return checked_text(text, 64)
    else:
        raise InvalidInput("within_form", given="")
    if drawn.geom_type not in _POLYGONS:
        raise InvalidInput("within_not_polygon", given=drawn.geom_type)
    return drawn


def _whole(drawn: BaseGeometry) -> BaseGeometry:
    """Return a polygon if its sides do not cross; InvalidInput ``within_crosses_itself``."""
    try:
        return valid(drawn)
    except InvalidInput as error:
        if error.code != "shape_invalid" or drawn.geom_type not in _POLYGONS:
            raise
        raise InvalidInput("within_crosses_itself") from None


def rows_within(
    conn: "Connection", ctx: Context, layer: Layer, within: Within | None, *, retired: bool = False
) -> list[int] | None:
    """Return the ids of the rows of ``layer`` with a point on surface inside, None for all where nothing is asked.

    Raises NotFound ``row_unknown`` for the code of no area.
    """
    if within is None:
        return None
    if isinstance(within, str):
        may(ctx.actor, read_story(AREAS.name))
        within = rows.get(conn, AREAS, within)["geom"]
    return inside(conn, layer, within, retired=retired)


def _of_geojson(text: str) -> BaseGeometry:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("within_form", given=shown(text)) from None
    if isinstance(given, Mapping) and given.get("type") == "Feature":
        given = given.get("geometry")
    try:
        return _whole(as_drawn(given, most_vertices=MOST_CORNERS + 1))
    except TooMuch:
        raise TooMuch("within_too_many_corners", maximum=MOST_CORNERS) from None


def _of_wkt(text: str) -> BaseGeometry:
    if text.count(",") > MOST_CORNERS:  # the first corner is written twice
        raise TooMuch("within_too_many_corners", maximum=MOST_CORNERS)
    check_wkt(text)
    try:
        drawn = as_read(shapely.from_wkt, text)
    except shapely.errors.GEOSException:
        raise InvalidInput("within_form", given=shown(text)) from None
    return _whole(drawn)
