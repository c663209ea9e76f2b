"""Search over all layers, on both stores."""

import dataclasses

import pytest
from shapely.geometry import LineString, MultiLineString

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import InvalidInput
from geo_service.services.search import MOST, search
from tests.services.conftest import around, at

QUARTER = "990101001001Q01"


@pytest.fixture
def quarter(town):
    """A quarter of twelve buildings, some of which are named only by their number; a street, a gate, a wall."""
    town.put(
        "areas",
        [
            {"code": "990101001", "name": "街道", "level": "street", "geometry": around(500, 500, 600)},
            {"code": QUARTER, "name": "示例泉荷苑", "level": "quarter", "geometry": around(500, 500, 400)},
        ],
    )
    names = [f"示例泉荷苑{n}号楼" for n in range(1, 10)] + ["10栋", None, "泉荷苑 12 号楼"]
    addresses = [None] * 10 + ["枫亭街11号", None]
    town.put(
        "buildings",
        [
            {"code": f"H{n:02d}", "name": name, "address": address, "quarter_code": QUARTER,
             "geometry": around(150 + 60 * n, 300)}
            for n, (name, address) in enumerate(zip(names, addresses, strict=True), start=1)
        ],
    )  # fmt: skip
    town.put(
        "gates",
        [
            {
                "code": "G1",
                "name": "泉荷苑南门",
                "passes": "everyone",
                "geometry": LineString([at(1, 1), at(2, 2)]).centroid,
            }
        ],
    )
    town.put(
        "barriers",
        [{"code": "W1", "name": "示例铁路", "kind": "rail", "geometry": MultiLineString([[at(0, 0), at(9, 9)]])}],
    )
    return town


def names(town, words, actor=None):
    ctx = town.ctx if actor is None else dataclasses.replace(town.ctx, actor=actor)
    with town.store.reading() as conn:
        return [(hit["layer"], hit["title"]) for hit in search(conn, ctx, words)]


AREA = ("areas", "示例泉荷苑")


def test_a_building_is_found_by_its_quarter_and_number(quarter):
    for typed in ("示例泉荷苑 3号", "泉荷苑3栋", "泉荷苑３幢", "泉荷苑三号楼"):
        assert names(quarter, typed) == [("buildings", "示例泉荷苑3号楼"), AREA], typed


def test_what_stands_apart_in_the_store_is_put_together(quarter):
    assert names(quarter, "示例泉荷苑10号") == [("buildings", "示例泉荷苑10栋"), AREA]
    assert names(quarter, "泉荷苑12栋") == [("buildings", "泉荷苑 12 号楼"), AREA]
    assert names(quarter, "枫亭街11号") == [("buildings", "枫亭街11号")]


def test_layers_stand_together_and_numbers_in_their_order(quarter):
    found = names(quarter, "泉荷苑")
    assert found[0] == AREA
    buildings = [name for layer, name in found if layer == "buildings"]
    assert buildings[:8] == ["泉荷苑 12 号楼", *(f"示例泉荷苑{n}号楼" for n in range(1, 8))]
    assert ("gates", "泉荷苑南门") in found
    layers = [layer for layer, _ in found]
    assert len(layers) <= MOST
    assert layers == sorted(layers, key=layers.index)


def test_whoever_may_not_see_a_layer_gets_what_he_may_see(quarter, monkeypatch):
    from geo_service.domain import rights

    monkeypatch.setitem(rights.LAYER_STORIES, "buildings", ("read_households", "write_homes"))
    resident = Actor("r", "resident")
    assert names(quarter, "泉荷苑3栋", resident) == [AREA]


def test_a_number_that_is_not_there_leads_to_its_quarter(quarter):
    assert names(quarter, "泉荷苑99号") == [AREA]
    assert names(quarter, "铁路") == [("barriers", "示例铁路")]
    with pytest.raises(InvalidInput, match="search_empty"):
        names(quarter, " \u3000")
