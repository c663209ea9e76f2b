"""Tiles over HTTP: what they hold, how they are kept, what is refused."""

import mapbox_vector_tile
import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from geo_service.services import runs, tiles
from geo_service.services.context import Context
from geo_service.services.tiles import RunHomes, TileCache, Versions

MVT = "application/vnd.mapbox-vector-tile"


def tile_of(lon, lat, zoom):
    side = 2**zoom
    x = int((lon + 180) / 360 * side)
    y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
    return f"{zoom}/{x}/{y}"


HERE = tile_of(116.3101, 40.0101, 15)
AFAR = tile_of(116.3101, 40.0101, 12)


def decoded(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MVT
    return mapbox_vector_tile.decode(answer.content)


class Statements:
    """Counts the statements a store is sent."""

    def __init__(self, engine: sa.Engine) -> None:
        self.seen: list[str] = []
        event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: self.seen.append(statement))


def test_a_tile_near_by_has_features_without_personal_fields(client, town):
    layer = decoded(client.get(f"/tiles/buildings/{HERE}.mvt"))["buildings"]
    codes = {f["properties"]["code"] for f in layer["features"]}
    assert codes <= {f"B{n}" for n in range(5)}
    assert "B0" in codes
    first = layer["features"][0]
    assert first["properties"]["use"] == "residential"
    assert first["id"] > 0
    grid = decoded(client.get(f"/tiles/grids/{HERE}.mvt"))["grids"]["features"][0]["properties"]
    assert grid["kind"] == "governance"
    assert "leader_name" not in grid


def test_a_tile_from_afar_has_cells_with_counts(client, town):
    layer = decoded(client.get(f"/tiles/buildings/{AFAR}.mvt"))["buildings"]
    assert sum(f["properties"]["count"] for f in layer["features"]) == 5
    assert (
        sum(f["properties"]["residents_persons"] for f in layer["features"]) == 30 + 3 + 32 + 33 + 34
    )  # B1 counts its household


def test_households_are_cells_at_every_zoom_and_photos_have_no_tiles(client, town):
    assert client.get(f"/tiles/households/{HERE}.mvt").status_code in (200, 204)
    answer = client.get(f"/tiles/photos/{HERE}.mvt")
    assert (answer.status_code, answer.json()["code"]) == (404, "layer_without_tiles")
    assert client.get(f"/tiles/inventory_statements/{HERE}.mvt").status_code == 404


def test_an_empty_tile_is_204(client, town):
    answer = client.get("/tiles/buildings/15/0/0.mvt")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"]


REFUSED = [
    ("buildings/15/99999/0.mvt", 422, "tile_out_of_range"),
    ("buildings/0/1/0.mvt", 422, "tile_out_of_range"),
    ("buildings/21/0/0.mvt", 422, "values_refused"),
    ("buildings/-1/0/0.mvt", 422, "values_refused"),
    ("buildings/x/0/0.mvt", 422, "values_refused"),
    ("nothing/1/0/0.mvt", 404, "layer_unknown"),
    ("facilities/15/0/0.mvt?run=x", 422, "tile_run_layer"),
    (f"buildings/{HERE}.mvt?run=x", 404, "run_unknown"),
    (f"buildings/{HERE}.mvt?style=x", 422, "parameter_unknown"),
    (f"buildings/{HERE}.png", 404, "address_unknown"),
]


def test_what_no_tile_can_be_is_refused(client, town):
    for path, status, code in REFUSED:
        answer = client.get(f"/tiles/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), path


def test_a_second_request_does_not_touch_the_store(client, town, store):
    first = client.get(f"/tiles/buildings/{HERE}.mvt")
    counted = Statements(store.engine)
    again = client.get(f"/tiles/buildings/{HERE}.mvt")
    assert again.content == first.content
    known = client.get(f"/tiles/buildings/{HERE}.mvt", headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert counted.seen == []


def test_after_a_second_only_the_versions_are_read(client, town, service, store):
    moment = [0.0]
    service.versions = Versions(lambda: moment[0])
    client.get(f"/tiles/buildings/{HERE}.mvt")
    moment[0] = 10.0
    counted = Statements(store.engine)
    client.get(f"/tiles/buildings/{HERE}.mvt")
    assert [s for s in counted.seen if "building" in s] == []
    assert len([s for s in counted.seen if "layer_version" in s]) == 1


def test_a_change_gives_a_new_tile_at_once(client, town):
    before = client.get(f"/tiles/buildings/{HERE}.mvt")
    change = client.patch("/api/buildings/B0", json={"properties": {"name": "新名"}}, headers={"If-Match": '"1"'})
    assert change.status_code == 200
    after = client.get(f"/tiles/buildings/{HERE}.mvt", headers={"If-None-Match": before.headers["etag"]})
    names = {f["properties"].get("name") for f in decoded(after)["buildings"]["features"]}
    assert "新名" in names
    other = client.get(f"/tiles/grids/{HERE}.mvt")
    client.patch("/api/buildings/B0", json={"properties": {"name": "再改"}}, headers={"If-Match": '"2"'})
    same = client.get(f"/tiles/grids/{HERE}.mvt", headers={"If-None-Match": other.headers["etag"]})
    assert same.status_code == 304


def test_a_run_is_joined_to_buildings(client, town, service, store):
    with store.reading() as conn:
        ids = dict(conn.exec_driver_sql("SELECT code, id FROM building").fetchall())
    arrays = {
        "building_id": np.array([ids["B1"], ids["B0"]]),
        "categories": np.array(["clinic", "park"]),
        "metres": np.array([[12.4, np.inf], [7.6, 1000.0]], dtype=np.float32),
        "state": np.array([[1, 0], [1, 2]], dtype=np.uint8),
    }
    ctx: Context = service.context(actor=tiles_actor(), lang="zh")
    finished = runs.Finished("coverage", "f", {}, {}, {}, 0.1, {"homes": runs.pack_arrays(arrays)})
    with store.writing() as conn:
        uid = runs.keep_run(conn, ctx, finished)["uid"]
    layer = decoded(client.get(f"/tiles/buildings/{HERE}.mvt?run={uid}"))["buildings"]
    by_code = {f["properties"]["code"]: f["properties"] for f in layer["features"]}
    assert {k: by_code["B0"][k] for k in ("s_clinic", "s_park", "d_clinic", "d_park")} == {
        "s_clinic": 1,
        "s_park": 2,
        "d_clinic": 8,
        "d_park": 1000,
    }
    assert (by_code["B1"]["s_park"], by_code["B1"]["d_park"]) == (0, -1)
    assert "s_clinic" not in by_code.get("B2", {})
    plain = client.get(f"/tiles/buildings/{HERE}.mvt")
    assert plain.headers["etag"] != client.get(f"/tiles/buildings/{HERE}.mvt?run={uid}").headers["etag"]


def tiles_actor():
    from geo_service.domain.actors import LOCAL_ADMIN

    return LOCAL_ADMIN


def test_the_cache_drops_the_longest_unused_first():
    cache = TileCache(limit_bytes=10_000)
    for name in "abcdefgh":
        cache.put(name, b"x" * 1000)
    assert cache.get("a") is not None
    cache.put("i", b"x" * 1000)
    cache.put("j", b"x" * 1000)
    assert cache.get("b") is None
    assert cache.get("a") is not None
    cache.put("huge", b"x" * 5000)
    assert cache.get("huge") is None
    cache.put("a", b"")
    assert cache.get("a") == b""


def test_a_run_without_homes_gives_no_properties():
    empty = RunHomes.of(
        {
            "building_id": np.zeros(0, np.int64),
            "categories": np.array(["clinic"]),
            "metres": np.zeros((0, 1), np.float32),
            "state": np.zeros((0, 1), np.uint8),
        }
    )
    assert empty.properties(np.array([1, 2])) == [{}, {}]


@pytest.mark.parametrize("layer", ["areas", "ways", "facilities", "projects"])
def test_tiles_carry_what_their_styles_choose_by(layer):
    from geo_service.cartography.styles import STYLES
    from geo_service.domain.layers import LAYERS

    assert {rule.field for rule in STYLES[layer].rules} <= set(tiles.tile_columns(LAYERS[layer]))
