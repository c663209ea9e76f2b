"""Shapes cut in parts and joined again, in degrees: which corners there are is all that counts, nothing is measured."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

_SNAPPED_DEG: Final = 1e-8  # a millimetre: corners nearer than this are one where neighbours are joined


def cut(shape: Any, line: Any) -> list[Any]:
    """Return the parts a line cuts a polygon or line in, west to east; one part where it cuts nothing.

    Of a shape in several parts those the line leaves alone stay together with the first part.
    """
    pieces: list[Any] = []
    alone: list[Any] = []
    for part in shapely.get_parts(shape).tolist():
        found = _polygons(part, line) if part.geom_type == "Polygon" else _lines(part, line)
        (pieces if len(found) > 1 else alone).extend(found)
    if not pieces:
        return [shape]
    pieces.sort(key=lambda piece: (piece.centroid.x, piece.centroid.y))
    return [_together([pieces[0], *alone]), *pieces[1:]] if alone else pieces


def joined(shapes: Sequence[Any]) -> Any:
    """Return polygons or lines that touch each other as one; None where they do not all.

    Polygons touch along an edge, not in a corner alone; lines in a point.
    """
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    wanted = int(shapely.get_dimensions(array[0])) - 1
    one, two = np.triu_indices(len(array), 1)
    shared = shapely.intersection(array[one], array[two], grid_size=_SNAPPED_DEG)
    touching = (shapely.get_dimensions(shared) >= wanted) & ~shapely.is_empty(shared)
    links = csr_matrix((np.ones(int(touching.sum())), (one[touching], two[touching])), shape=(len(array), len(array)))
    if connected_components(links, directed=False)[0] > 1:
        return None
    exact, snapped = shapely.union_all(array), shapely.union_all(array, grid_size=_SNAPPED_DEG)
    whole = exact if shapely.get_num_geometries(exact) <= shapely.get_num_geometries(snapped) else snapped
    return shapely.line_merge(whole) if wanted == 0 else whole


def _polygons(polygon: Any, line: Any) -> list[Any]:
    noded = shapely.union(shapely.boundary(polygon), line)
    found = shapely.get_parts(shapely.polygonize([noded]))
    return [piece for piece in found if polygon.contains(shapely.point_on_surface(piece))]


def _lines(own: Any, line: Any) -> list[Any]:
    found = shapely.get_parts(shapely.difference(own, line)).tolist()
    is_whole = abs(sum(map(shapely.length, found)) - shapely.length(own)) <= _SNAPPED_DEG
    return found if is_whole else [own]  # a line along it would take a part away


def _together(parts: Sequence[Any]) -> Any:
    """Return parts as one multi-geometry; they do not overlap."""
    is_area = parts[0].geom_type == "Polygon"
    return shapely.multipolygons(parts) if is_area else shapely.multilinestrings(parts)
