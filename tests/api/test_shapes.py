"""Geometries of strangers over HTTP: too many, too deep, without end, in more dimensions."""

import json

import pytest

from geo_service.foundation import geometry


@pytest.fixture
def store_kind():
    """Refused before any store is asked: one is enough."""
    return "embedded"


def put(client, coordinates, kind="Polygon", layer="green_spaces", **members):
    body = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates, **members}}
    body["properties"] = {"name": "绿地", "kind": "green" if layer == "projects" else "park"}
    answer = client.post(f"/api/{layer}", content=json.dumps(body), headers={"Content-Type": "application/json"})
    problem = answer.json()
    return answer.status_code, [fault["code"] for fault in problem.get("faults", [])] or [problem.get("code")]


def ring(count):
    return [[116 + n * 1e-6, 40.0] for n in range(count)] + [[116.1, 40.1], [116.0, 40.0]]


def test_shapes_that_are_too_much(client, town, monkeypatch):
    monkeypatch.setattr(geometry, "MOST_PARTS", 20)
    assert put(client, [ring(30_000)] * 2)[0] in (413, 422)
    assert put(client, [ring(97)])[0] == 201
    assert put(client, [[ring(2)]] * 20_000, "MultiPolygon")[0] in (413, 422)
    assert put(client, [[0, 0]] * 10_001, "MultiPoint", "projects") == (422, ["shape_too_many_parts"])
    assert put(client, [[[n % 180, 0] for n in range(100_001)]]) == (422, ["shape_too_many_vertices"])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400])
def test_numbers_without_end(client, town, number):
    body = f'{{"type": "Feature", "geometry": {{"type": "Point", "coordinates": [{number}, 1]}}, "properties": {{}}}}'
    answer = client.post("/api/facilities", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("depth", [5, 20, 31, 2000, 100_000])
def test_nesting(client, town, depth):
    collection = '{"type": "GeometryCollection", "geometries": [' * depth + "]}" * depth
    for geometry_text in (collection, '{"type": "Polygon", "coordinates": ' + "[" * depth + "]" * depth + "}"):
        body = f'{{"type": "Feature", "geometry": {geometry_text}, "properties": {{"name": "x", "kind": "park"}}}}'
        answer = client.post("/api/green_spaces", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (413, 422), answer.text


def test_height_is_dropped_and_other_ranges_are_refused(client, town):
    high = [[116.0, 40.0, 5], [116.01, 40.0, 6], [116.01, 40.01, 7], [116.0, 40.0, 5]]
    assert put(client, [high])[0] == 201
    assert put(client, [[[40.0, 116.0], [40.1, 116.0], [40.1, 116.1], [40.0, 116.0]]]) == (422, ["shape_swapped"])
    assert put(client, [[[500, 1], [501, 1], [501, 2], [500, 1]]]) == (422, ["shape_out_of_range"])
