"""Limits of one geometry: how deep, how many vertices and parts, which numbers."""

import struct

import pytest
import shapely

from geo_service.foundation import geometry, geometry_limits
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.geometry import as_read, from_geojson
from geo_service.foundation.geometry_limits import check_nesting, check_wkt


def refused(value, **limits):
    with pytest.raises(InvalidInput) as caught:
        from_geojson(value, **limits)
    for lang in ("zh", "en"):
        assert "{" not in caught.value.sentence(lang)
    return caught.value.code


def nested(levels):
    value = {"type": "Point", "coordinates": [1, 1]}
    for _ in range(levels):
        value = {"type": "GeometryCollection", "geometries": [value]}
    return value


def line(count):
    return {"type": "LineString", "coordinates": [[n * 1e-5, 1.0] for n in range(count)]}


def test_vertices_are_counted_before_they_are_looked_at():
    assert len(from_geojson(line(100)).coords) == 100
    assert refused(line(101), most_vertices=100) == "shape_too_many_vertices"
    assert refused({"type": "LineString", "coordinates": ["x"] * 200_000}) == "shape_too_many_vertices"
    ring = [[[n, n] for n in range(60)]]
    assert (
        refused({"type": "MultiPolygon", "coordinates": [ring, ring]}, most_vertices=100) == "shape_too_many_vertices"
    )


def test_parts_are_counted():
    dots = {"type": "MultiPoint", "coordinates": [[0, 0]] * (geometry.MOST_PARTS + 1)}
    assert refused(dots) == "shape_too_many_parts"


@pytest.mark.parametrize(
    "position",
    [[10**400, 1], [1, -(10**400)], [float("nan"), 1], [1, float("inf")], [1, 1, float("nan")], [1, 1, 10**400]],
    ids=str,
)
def test_numbers_without_end(position):
    assert refused({"type": "Point", "coordinates": position}) == "shape_not_finite"


@pytest.mark.parametrize("position", [[1, 1, "x"], [1, 1, None], [1, 1, 2, 3, 4], [True, 1], [[1, 1]], "1 1", [1]])
def test_positions_of_another_form(position):
    assert refused({"type": "Point", "coordinates": position}) == "shape_not_geojson"


def test_height_and_measure_are_dropped():
    assert from_geojson({"type": "Point", "coordinates": [1, 2, 3, 4]}).wkt == "POINT (1 2)"


def test_coordinates_nested_without_end():
    deep = [1, 1]
    for _ in range(500):
        deep = [deep]
    for kind in ("Point", "MultiPoint", "LineString", "Polygon", "MultiPolygon"):
        assert refused({"type": kind, "coordinates": deep}) in ("shape_not_geojson", "shape_open")


def test_nesting_of_collections():
    check_nesting(nested(geometry_limits.DEEPEST_COLLECTION))
    for levels in (geometry_limits.DEEPEST_COLLECTION + 1, 5000):
        with pytest.raises(TooMuch, match="geometry_too_deep"):
            check_nesting(nested(levels))
    for value in (None, 5, [], {"geometries": 5}, {"geometries": [None, 5]}):
        check_nesting(value)
    assert refused(nested(1)) == "shape_type_unknown"


def test_texts_are_looked_at_before_they_are_parsed():
    check_wkt("GEOMETRYCOLLECTION (" * 4 + "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))" + ")" * 4)
    check_wkt("MULTIPOLYGON (" + ", ".join(["((0 0, 1 0, 1 1, 0 0))"] * 100) + ")")
    for levels in (10, 500_000):
        with pytest.raises(TooMuch, match="geometry_too_deep"):
            check_wkt("GEOMETRYCOLLECTION(" * levels + "POINT(1 1)" + ")" * levels)
    with pytest.raises(TooMuch, match="geometry_too_many_vertices"):
        check_wkt("LINESTRING (" + ",".join(["0 0"] * 1_000_001) + ")")


def test_arcs_are_refused_however_they_come():
    ring = struct.pack("<BII8d", 1, 2, 4, 0, 0, 1, 0, 1, 1, 0, 0)
    curve = struct.pack("<BII", 1, 10, 1) + ring
    for raw in (curve, struct.pack("<BII", 1, 7, 1) + curve):
        with pytest.raises(InvalidInput, match="geometry_curved"):
            as_read(shapely.from_wkb, raw)
    assert as_read(shapely.from_wkt, "POINT Z (1 2 3)").wkt == "POINT (1 2)"
