"""Open ground that is no facility yet is named where people lack one: in gaps and in the search for sites."""

from shapely.geometry import box

from geo_service.services import analyses

KEY = "note.unregistered_near_gap"


def notes(town, name, *asked, **more):
    kind = analyses.kind_named(name)
    return [one for one in analyses.answer(town.ctx, kind, kind.asked(*asked, **more))["notes"] if one["key"] == KEY]


def test_ground_near_a_gap_is_named_until_it_is_a_facility(town):
    town.main_street(closed=True)
    town.community("990101001001", 0, 2000)
    town.homes(100, 1900, residents_persons=50)
    west, south = town.at(80, -60)
    east, north = town.at(120, -20)
    ground = box(west, south, east, north)
    town.put("public_spaces", [{"code": "Q", "name": "小广场", "geometry": ground, "kind": "square"}])
    town.facility("S", 800)
    found = notes(town, "gaps", ["activity_ground"])
    assert [one["facts"]["count"] for one in found] == [1]
    assert "小广场 Q" in found[0]["zh"]
    assert "小广场 Q" in found[0]["en"]
    assert notes(town, "siting", "activity_ground", k=1)
    assert notes(town, "gaps", ["clinic"]) == []
    town.facility("F", 100, north_m=-40, category="activity_ground")
    assert notes(town, "gaps", ["activity_ground"]) == []
