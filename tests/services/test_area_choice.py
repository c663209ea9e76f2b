"""Which areas somebody may go to, in which order, on both stores."""

import dataclasses

from geo_service.domain.actors import Actor
from geo_service.services.area_choice import places_to_go
from tests.services.conftest import around

AREAS = (
    ("9901", "市", "city"),
    ("990101", "区", "district"),
    ("990101002", "街道十", "street"),
    ("990101001", "街道2", "street"),
    ("990101001002", "第十社区", "community"),
    ("990101001001", "第二社区", "community"),
    ("990101001001Q01", "小区", "quarter"),
    ("990101002001", "别处", "community"),
)


def told(town, **more):
    ctx = town.ctx if not more else dataclasses.replace(town.ctx, actor=Actor("a", "official", **more))
    with town.store.reading() as conn:
        return [(place["depth"], place["name"], place["within"]) for place in places_to_go(conn, ctx)]


def test_all_areas_stand_below_the_one_they_lie_in_and_people_get_their_own(town):
    assert told(town) == []
    town.put(
        "areas",
        [{"code": code, "name": name, "level": level, "geometry": around(0, 0)} for code, name, level in AREAS],
    )
    town.put("grids", [{"code": "G1", "name": "一格", "kind": "governance", "geometry": around(0, 0)}])
    street = [(0, "街道2", None), (1, "第二社区", "街道2"), (1, "第十社区", "街道2")]
    assert told(town) == [
        (0, "市", None),
        (1, "区", "市"),
        (2, "街道2", "区"),
        (3, "第二社区", "街道2"),
        (3, "第十社区", "街道2"),
        (2, "街道十", "区"),
        (3, "别处", "街道十"),
    ]
    assert told(town, areas=("990101001",)) == street
    assert told(town, areas=("990101001",), grids=("G1",)) == [*street, (0, "一格", None)]
    assert told(town, grids=("G1",)) == [(0, "一格", None)]
