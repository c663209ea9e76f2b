"""The polygon beyond which nothing is known: from a file, or a box around an extract."""

from pathlib import Path

import shapely
from shapely import MultiPolygon

from geo_service.exchange.datums import crs_of, to_lonlat
from geo_service.exchange.osm_file import Bounds
from geo_service.exchange.sources import read_source
from geo_service.foundation.errors import FileFault


def box_extent(bounds: Bounds) -> MultiPolygon:
    """Return west, south, east, north (degrees) as a polygon."""
    return MultiPolygon([shapely.box(*bounds)])


def read_extent(path: Path) -> MultiPolygon:
    """Return all polygons of a GeoJSON, GeoPackage or Shapefile together, in EPSG:4326.

    Raises FileFault ``extent_no_polygon``, ``extent_bad`` (open, self-crossing, out of range) and what
    :func:`sources.read_source` and :func:`datums.crs_of` raise.
    """
    raw = read_source(path)
    if raw.shape_faults:
        raise FileFault("extent_bad", file=str(path), row=raw.numbers[min(raw.shape_faults)])
    polygons = [shape for shape in raw.shapes or [] if shape is not None and "Polygon" in shape.geom_type]
    if not polygons:
        raise FileFault("extent_no_polygon", file=str(path))
    shapes = to_lonlat(polygons, crs_of(path, raw.crs, None))
    for number, shape in enumerate(shapes, 1):
        west, south, east, north = shape.bounds if not shape.is_empty else (0, 0, -1, -1)
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90) or not shape.is_valid:
            raise FileFault("extent_bad", file=str(path), row=number)
    whole = shapely.union_all(shapes)
    return MultiPolygon(list(shapely.get_parts(whole)))
