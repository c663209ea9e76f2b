"""The shapes a row is split into: cut along a line or given, and how a recorded area is divided among them."""

from collections.abc import Sequence
from typing import Any, Final

import shapely

from geo_service.analysis.parting import cut
from geo_service.domain.fields import Layer
from geo_service.foundation.crs import MetricFrame
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.geometry import from_geojson, promoted

_MOST_CROSSINGS: Final = 2_000_000  # points of a shape times those of the line that cuts it
_SAME_M: Final = 0.02  # how far apart the outline of a row and that of its parts may lie


def cut_along(layer: Layer, shape: Any, line: Any) -> list[Any]:
    """Return the parts of a shape along a GeoJSON line, the largest first, the others west to east."""
    drawn = from_geojson(line)
    if shapely.get_dimensions(drawn) != 1:
        raise InvalidInput("shape_wrong_type", given=drawn.geom_type, wanted="LineString")
    if int(shapely.get_num_coordinates(drawn)) * int(shapely.get_num_coordinates(shape)) > _MOST_CROSSINGS:
        raise TooMuch("split_line_long")
    if not shapely.is_simple(drawn):
        raise InvalidInput("split_line_crosses")
    pieces = cut(shape, drawn)
    if len(pieces) < 2:
        raise InvalidInput("split_no_cut")
    sizes = [_size(piece) for piece in _metric(shape, pieces)]
    largest = sizes.index(max(sizes))
    ordered = [pieces[largest], *pieces[:largest], *pieces[largest + 1 :]]
    return [promoted(piece, str(layer.geometry)) for piece in ordered]


def given_parts(layer: Layer, shape: Any, parts: Sequence[Any]) -> list[Any]:
    """Return given parts if they are the shape, cut."""
    pieces = [promoted(from_geojson(part), str(layer.geometry)) for part in parts]
    whole, *apart = _metric(shape, [shape, *pieces])
    allowed = _SAME_M * float(shapely.length(whole))
    is_area = shapely.get_dimensions(whole) == 2
    together = shapely.union_all(apart)
    is_same = all(shapely.get_dimensions(part) == shapely.get_dimensions(whole) for part in apart)
    if is_same and is_area:
        differing = _size(shapely.symmetric_difference(whole, together))
        is_same = differing <= allowed and sum(map(_size, apart)) - _size(together) <= allowed
    elif is_same:
        beside = shapely.hausdorff_distance(whole, together)
        is_same = beside <= _SAME_M and abs(sum(map(_size, apart)) - _size(whole)) <= _SAME_M * len(apart)
    if len(pieces) < 2 or not is_same:
        raise InvalidInput("split_parts_differ")
    return pieces


def _metric(shape: Any, pieces: Sequence[Any]) -> list[Any]:
    frame = MetricFrame.at(shape.centroid.x, shape.centroid.y)
    return list(frame.geometries_to_metric(list(pieces)))


def divided(area_m2: float, pieces: Sequence[Any]) -> list[float]:
    """Return a recorded area by the drawn areas of the parts, to a tenth; together it stays what it was."""
    drawn = [_size(piece) for piece in _metric(pieces[0], pieces)]
    others = [round(area_m2 * size / sum(drawn), 1) for size in drawn[1:]]
    return [max(0.0, round(area_m2 - sum(others), 1)), *others]


def _size(shape: Any) -> float:
    """Return the area of a polygon, the length of a line."""
    return float(shapely.area(shape) if shapely.get_dimensions(shape) == 2 else shapely.length(shape))
