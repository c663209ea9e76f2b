"""Whatever the map's list of layers offers can be drawn: the small demo has something of each in a tile."""

import re
from pathlib import Path

import mapbox_vector_tile
import shapely

from geo_service.demo.town import generate
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import fixed_clock
from geo_service.services import demo
from geo_service.services.context import Context
from tests.api.conftest import NOW
from tests.api.test_tiles import tile_of

GROUPS = Path(__file__).parents[2] / "frontend/src/planner/layer-groups.ts"


def offered():
    """Return the layers the map's list names."""
    lists = re.findall(r"layers: \[([^\]]*)\]", GROUPS.read_text(encoding="utf-8"))
    return [name for listed in lists for name in re.findall(r'"(\w+)"', listed)]


def test_every_layer_on_offer_is_in_a_tile(client, store, tmp_path):
    town = generate("small", 20260331)
    ctx = Context(store, LOCAL_ADMIN, fixed_clock(NOW), tmp_path / "var", "zh")
    demo.store_town(ctx, town, town.checksum())
    assert len(offered()) > 10
    facility = client.get("/api/facilities", params={"limit": 1}).json()["features"][0]
    point = shapely.geometry.mapping(shapely.geometry.shape(facility["geometry"]).representative_point())
    task = {"type": "Feature", "geometry": point, "properties": {"kind": "facility_unverified"}}
    assert client.post("/api/verify_tasks", json=task).status_code == 201  # they come from runs, not from the demo
    way = client.get("/api/ways", params={"limit": 1}).json()["features"][0]["geometry"]
    path = {"type": "Feature", "geometry": way, "properties": {"kind": "missing"}}
    assert client.post("/api/path_corrections", json=path).status_code == 201  # they come from people
    for name in offered():
        shown = client.get(f"/api/{name}", params={"limit": 1}).json()["features"][0]
        assert shown["geometry"] is not None, name
        place = shapely.geometry.shape(shown["geometry"]).representative_point()
        tile = client.get(f"/tiles/{name}/{tile_of(place.x, place.y, 16)}.mvt")
        assert tile.status_code == 200, name
        assert mapbox_vector_tile.decode(tile.content)[name]["features"], name
    listed = client.get("/api/adoptions", params={"limit": 1000}).json()
    assert all(one["geometry"] for one in listed["features"])
