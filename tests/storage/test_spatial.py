import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame
from shapely.geometry import shape

from geo_service.foundation.crs import geodesic_lengths_m
from geo_service.storage import bulk, rows, spatial
from geo_service.storage.tile_space import Tile
from tests.storage.samples import NETWORK, WHO, L, areas, buildings, ways
from tests.storage.samples import grids as sample_grids

RNG = np.random.default_rng(3)
LON, LAT = 114.05, 22.55


def houses(count: int = 400) -> GeoDataFrame:
    west, south = RNG.uniform(LON, LON + 0.02, count), RNG.uniform(LAT, LAT + 0.02, count)
    size = RNG.uniform(0.0001, 0.0004, count)
    return GeoDataFrame(
        {
            "code": [f"B{n:03d}" for n in range(count)],
            "name": [None if n % 3 else f"楼{n}" for n in range(count)],
            "use": "residential",
            "has_lift": [n % 2 == 0 for n in range(count)],
            "floors": np.arange(count) % 30,
            "residents_persons": np.arange(count) % 9,
        },
        geometry=shapely.box(west, south, west + size, south + size),
        crs="EPSG:4326",
    )


def tile_at(zoom: int, lon: float = LON + 0.01, lat: float = LAT + 0.01) -> Tile:
    x = (lon + 180) / 360 * 2**zoom
    y = (0.5 - np.log(np.tan(np.pi / 4 + np.radians(lat) / 2)) / (2 * np.pi)) * 2**zoom
    return Tile(zoom, int(x), int(y))


def decoded(tile: bytes) -> dict:
    if not tile:
        return {}
    found = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    assert len(found) == 1
    return {
        feature["id"]: (shape(feature["geometry"]), feature["properties"])
        for feature in next(iter(found.values()))["features"]
    }


@pytest.fixture
def pair(make_store_url):
    """The same buildings, ways and green spaces in both stores."""
    from geo_service.storage.store import open_store
    from geo_service.storage.ways import write_ways

    stores = [open_store(make_store_url(kind)) for kind in ("embedded", "postgis")]
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    lake = shapely.Polygon(
        np.column_stack(
            [LON + 0.01 + 0.02 * np.cos(angles), LAT + 0.01 + 0.015 * np.sin(angles * 3) * 0.2 + 0.012 * np.sin(angles)]
        ),
        [np.column_stack([LON + 0.01 + 0.003 * np.cos(angles), LAT + 0.01 + 0.003 * np.sin(angles)])],
    )
    greens = GeoDataFrame({"code": ["L"], "kind": ["park"], "name": ["湖"]}, geometry=[lake], crs="EPSG:4326")
    frame = houses()
    lines = ways(shift=LON)
    lines = type(lines)(**{**lines.__dict__, "lat": lines.lat + LAT})
    for store in stores:
        with store.writing() as connection:
            bulk.upsert(connection, L["buildings"], frame, **WHO)
            bulk.upsert(connection, L["green_spaces"], greens, **WHO)
            write_ways(connection, NETWORK, lines, **WHO)
    yield stores
    for store in stores:
        store.close()


@pytest.mark.parametrize("zoom", [14, 15, 16, 18])
@pytest.mark.parametrize("layer", ["buildings", "green_spaces", "ways"])
def test_both_stores_make_the_same_tile(pair, zoom, layer):
    columns = {"buildings": ["code", "name", "has_lift", "floors"], "ways": ["code", "highway"]}.get(
        layer, ["code", "name"]
    )
    tile = tile_at(zoom)
    tiles = []
    for store in pair:
        with store.reading() as connection:
            tiles.append(decoded(spatial.mvt(connection, L[layer], tile.z, tile.x, tile.y, columns)))
    embedded, postgis = tiles
    assert embedded.keys() == postgis.keys()
    for row_id, (mine, properties) in embedded.items():
        theirs, other = postgis[row_id]
        assert properties == other
        assert mine.hausdorff_distance(theirs) <= 2.9, (row_id, mine.wkt, theirs.wkt)  # 2 units along each axis
        assert mine.is_valid
        assert shapely.box(-64, -64, 4160, 4160).covers(mine)


@pytest.mark.parametrize("zoom", [9, 11, 13, 15])
def test_both_stores_count_the_same_cells(pair, zoom):
    tile = tile_at(zoom)
    found = []
    for store in pair:
        with store.reading() as connection:
            cells = decoded(spatial.mvt_cells(connection, L["buildings"], tile.z, tile.x, tile.y))
            found.append({row_id: (cell.wkt, properties) for row_id, (cell, properties) in cells.items()})
    assert found[0] == found[1]
    assert found[0]


def test_every_building_is_counted_once(pair):
    for store in pair:
        with store.reading() as connection:
            first, last = tile_at(13, LON - 0.05, LAT + 0.05), tile_at(13, LON + 0.05, LAT - 0.05)
            tiles = [
                decoded(spatial.mvt_cells(connection, L["buildings"], 13, x, y))
                for x in range(first.x, last.x + 1)
                for y in range(first.y, last.y + 1)
            ]
        cells = [properties for tile in tiles for _, properties in tile.values()]
        assert sum(cell["count"] for cell in cells) == 400
        assert sum(cell["residents_persons"] for cell in cells) == sum(n % 9 for n in range(400))


def test_households_are_only_ever_cells(store):
    people = GeoDataFrame(
        {"code": ["H1", "H2"], "building_code": ["B0", "B0"], "residents_persons": [2, 3]},
        geometry=shapely.points([0.02, 0.02001], [0.0202, 0.02021]),
        crs="EPSG:4326",
    )
    with store.writing() as connection:
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        bulk.upsert(connection, L["households"], people, **WHO)
        tile = tile_at(19, 0.02, 0.0202)
        ((cell, properties),) = decoded(spatial.mvt_cells(connection, L["households"], tile.z, tile.x, tile.y)).values()
    assert properties == {"count": 2, "residents_persons": 5}
    assert cell.area > 4000 * 4000


def test_extra_properties_are_joined_by_id(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        wanted = rows.get(connection, L["buildings"], "B1")["id"]
        tile = tile_at(14, 0.07, 0.0202)

        def extra(ids):
            return [{"s_clinic": 2, "d_clinic": -1} if row_id == wanted else {} for row_id in ids.tolist()]

        found = decoded(spatial.mvt(connection, L["buildings"], tile.z, tile.x, tile.y, ["code"], extra=extra))
    assert found[wanted][1] == {"code": "B1", "s_clinic": 2, "d_clinic": -1}


def test_empty_tiles_and_retired_rows(store):
    with store.writing() as connection:
        assert spatial.mvt(connection, L["buildings"], 14, 0, 0, ["code"]) == b""
        assert spatial.mvt_cells(connection, L["buildings"], 5, 0, 0) == b""
        bulk.upsert(connection, L["buildings"], buildings(lon=(0.02,)).iloc[:1], **WHO)
        rows.retire(connection, L["buildings"], "B0", 1, "gone", **WHO)
        tile = tile_at(15, 0.02, 0.0202)
        assert spatial.mvt(connection, L["buildings"], tile.z, tile.x, tile.y, ["code"]) == b""
        assert spatial.mvt_cells(connection, L["buildings"], tile.z, tile.x, tile.y) == b""
        assert spatial.near(connection, L["buildings"], 0.02, 0.02, 500) == []


def test_far_out_only_main_streets_and_no_unit_grids(store):
    from geo_service.storage.ways import write_ways

    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["grids"], sample_grids(), **WHO)
        write_ways(connection, NETWORK, ways(), **WHO)
        near, far = tile_at(12, 0.001, 0.001), tile_at(10, 0.001, 0.001)
        assert len(decoded(spatial.mvt(connection, L["ways"], near.z, near.x, near.y, ["code"]))) == 2
        assert decoded(spatial.mvt(connection, L["ways"], far.z, far.x, far.y, ["code"])) == {}
        kinds = [
            p["kind"] for _, p in decoded(spatial.mvt(connection, L["grids"], far.z, far.x, far.y, ["kind"])).values()
        ]
        assert kinds == ["governance"]


def test_near_measures_in_metres(store):
    clinics = GeoDataFrame(
        {"code": ["C", "A", "B"], "category": "clinic"},
        geometry=shapely.points([116.32, 116.32, 116.33], [40.002, 40.0, 40.0]),
        crs="EPSG:4326",
    )
    with store.writing() as connection:
        bulk.upsert(connection, L["facilities"], clinics, **WHO)
        hits = spatial.near(connection, L["facilities"], 116.32, 40.0, 900)
        assert [hit.code for hit in hits] == ["A", "C", "B"]
        assert [hit.code for hit in spatial.near(connection, L["facilities"], 116.32, 40.0, 800)] == ["A", "C"]
        assert [hit.code for hit in spatial.near(connection, L["facilities"], 116.32, 40.0, 900, limit=1)] == ["A"]
    ellipsoid = geodesic_lengths_m(np.array([116.32]), np.array([40.0]), np.array([116.33]), np.array([40.0]))[0]
    assert hits[2].distance_m == pytest.approx(ellipsoid, rel=1e-4)


def test_in_box_and_within(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
        ids = bulk.ids_by_code(connection, L["buildings"])
        west = bulk.ids_by_code(connection, L["areas"])["990101001001"]
        assert spatial.in_box(connection, L["buildings"], (0.05, 0, 0.2, 0.1)) == [ids["B1"], ids["B2"]]
        assert spatial.within(connection, L["buildings"], west) == [ids["B0"], ids["B1"]]
        assert spatial.within(connection, L["buildings"], 999) == []
