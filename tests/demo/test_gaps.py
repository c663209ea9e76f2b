"""The deliberate gaps are where the demo says they are: facts about them; states are tested in tests/services."""

import numpy as np
import pytest
import shapely

from geo_service.demo.gaps import PLANNED
from geo_service.demo.plan import CENTRE_LAT_DEG, CENTRE_LON_DEG
from geo_service.domain.reference import categories
from geo_service.foundation.crs import MetricFrame

FRAME = MetricFrame.at(CENTRE_LON_DEG, CENTRE_LAT_DEG)


def place(town, layer, code):
    frame = town.frames[layer].set_index("code")
    return FRAME.geometries_to_metric([frame.loc[code, "geometry"]])[0].centroid


def gap(town, kind):
    return next(g for g in town.gaps if g.plan.kind == kind)


def facility(town, kind):
    return town.frames["facilities"].set_index("code").loc[gap(town, kind).facility]


def others_away(town, kind):
    """Return how far the nearest facility of the category is that is not the gap's own, and counts."""
    found = gap(town, kind)
    facilities = town.frames["facilities"]
    rest = facilities[(facilities["category"] == found.plan.category) & (facilities["code"] != found.facility)]
    if not len(rest):
        return np.inf
    points = shapely.centroid(FRAME.geometries_to_metric(rest.geometry))
    return float(shapely.distance(points, place(town, "buildings", found.building)).min())


def test_every_planned_gap_is_there_once(town):
    wanted = [p.kind for p in PLANNED if not (p.needs_room and town.size.name == "small")]
    assert [g.plan.kind for g in town.gaps] == wanted
    codes = set(town.frames["buildings"]["code"])
    assert all(g.building is None or g.building in codes for g in town.gaps)
    areas = set(town.frames["areas"]["code"])
    assert all(g.area is None or g.area in areas for g in town.gaps)


@pytest.mark.parametrize(
    "kind",
    ["none_in_reach", "unverified", "opening_unknown", "verification_expired", "facility_not_snapped", "admits_others"],
)
def test_nothing_else_is_in_reach(town, kind):
    assert others_away(town, kind) > 1000


def test_barriers_stand_between_near_neighbours(town):
    for kind in ("barrier_rail", "barrier_wall"):
        found = gap(town, kind)
        home, near = place(town, "buildings", found.building), place(town, "facilities", found.facility)
        assert home.distance(near) < 220
    barriers = town.frames["barriers"]
    rail = FRAME.geometries_to_metric(barriers.loc[barriers["kind"] == "rail"].geometry)[0]
    found = gap(town, "barrier_rail")
    straight = shapely.linestrings(
        [
            place(town, layer, code).coords[0]
            for layer, code in (("buildings", found.building), ("facilities", found.facility))
        ]
    )
    assert straight.crosses(rail)
    quarter = town.frames["buildings"].set_index("code").loc[gap(town, "barrier_wall").building, "quarter_code"]
    gates = town.frames["gates"]
    assert (gates["quarter_code"] == quarter).sum() == 1


def test_facilities_are_wrong_in_the_planned_way(town):
    assert facility(town, "over_capacity")["capacity"] == 30
    assert facility(town, "too_small")["floor_area_m2"] < 100
    assert facility(town, "admits_others")["admits"] == "unit"
    assert facility(town, "unverified")["verification"] == "unverified"
    assert facility(town, "opening_unknown")["opening_state"] == "unknown"
    assert facility(town, "verification_expired")["verified_on"] < "2020"
    assert categories()["culture_station"].verification_term_days < 5 * 365


def test_more_children_than_places_around_the_small_kindergarten(street):
    found = gap(street, "over_capacity")
    buildings = street.frames["buildings"]
    homes = buildings[buildings["residents_persons"].notna()]
    points = shapely.centroid(FRAME.geometries_to_metric(homes.geometry))
    near = shapely.distance(points, place(street, "facilities", found.facility)) < 300
    assert homes.loc[near, "age_3_5_persons"].astype(int).sum() > 60


def test_parcel_points_of_one_community_are_not_surveyed(town):
    found = gap(town, "not_surveyed")
    statements = town.frames["inventory_statements"]
    own = statements[statements["statement_area_code"] == found.area]
    assert found.plan.category not in set(own["category"])
    assert len(own) > 15
    assert set(statements["is_complete"]) == {True, False}
