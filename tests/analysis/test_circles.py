import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from geo_service.analysis.circles import STREET_BUFFER_M, circles
from geo_service.analysis.snapping import snap
from tests.analysis.places import FRAME, X0, Y0, network_of, snap_at, walk
from tests.analysis.test_distances import towns

CROSS = {1: (-500, 0), 2: (0, 0), 3: (500, 0), 4: (0, 500), 5: (0, -500)}
WAYS = [[1, 2, 3], [4, 2, 5]]


def around(network, points, limits, **options):
    points = np.asarray(points, float).reshape(-1, 2)
    x, y = points[:, 0] + X0, points[:, 1] + Y0
    return circles(network, x, y, snap(network.snap_index, x, y), limits, **options)


def metric(geometry):
    return FRAME.geometries_to_metric([geometry])[0]


def test_streets_end_exactly_at_the_limit_and_the_access_leg_is_deducted():
    found = around(network_of(CROSS, WAYS), [(100, 20)], [50, 320])
    small, large = found.circles
    assert metric(small.streets).length == pytest.approx(60, abs=0.01)  # 30 m both ways
    # 300 m to the east, 300 m to the west, and from the crossing (100 m away) 200 m up and down
    assert metric(large.streets).length == pytest.approx(600 + 400, abs=0.02)
    west, south, east, north = metric(large.streets).bounds
    assert (west - X0, south - Y0, east - X0, north - Y0) == pytest.approx((-200, -200, 400, 200), abs=0.01)
    assert found.leg_m == pytest.approx([20], abs=0.01)
    assert FRAME.to_metric(found.snap_lon, found.snap_lat)[0] - X0 == pytest.approx([100], abs=0.01)


def test_the_polygon_is_the_streets_with_their_buffer_and_the_paper_circle_beside_it():
    circle = around(network_of(CROSS, WAYS), [(0, 0)], [300]).circles[0]
    polygon = metric(circle.polygon)
    assert polygon.geom_type == "MultiPolygon"
    assert len(polygon.geoms) == 1
    wide = 2 * STREET_BUFFER_M
    strips, caps = 2 * 600 * wide - wide**2, 2 * np.pi * STREET_BUFFER_M**2
    assert circle.area_m2 == pytest.approx(strips + caps, rel=0.005)
    assert polygon.area == pytest.approx(circle.area_m2, rel=1e-6)
    assert polygon.bounds[2] - X0 == pytest.approx(300 + STREET_BUFFER_M, abs=0.01)
    assert circle.paper_area_m2 == pytest.approx(np.pi * 300**2, rel=2e-4)
    assert circle.overstates_share == pytest.approx(circle.paper_area_m2 / circle.area_m2 - 1)
    assert metric(circle.paper).contains(polygon.buffer(-STREET_BUFFER_M))


def test_circles_come_by_rising_limit_and_each_contains_the_smaller():
    found = around(network_of(CROSS, WAYS), [(30, 40), (300, -40)], [400, 100, 250, 100])
    assert [circle.limit_m for circle in found.circles] == [100, 250, 400]
    for small, large in zip(found.circles[:-1], found.circles[1:], strict=True):
        assert metric(large.polygon).buffer(0.01).contains(metric(small.polygon))
        assert metric(large.streets).buffer(0.01).contains(metric(small.streets))


def test_a_point_without_a_street_reaches_nothing_but_has_its_paper_circle():
    found = around(network_of(CROSS, WAYS), [(2000, 2000)], [300])
    circle = found.circles[0]
    assert circle.polygon.is_empty
    assert circle.streets.is_empty
    assert circle.overstates_share is None
    assert circle.paper_area_m2 > 0
    assert np.isnan(found.leg_m).all()
    assert around(network_of(CROSS, WAYS), [(170, 150)], [149.9]).circles[0].polygon.is_empty  # the leg is longer


def test_holes_thinner_than_the_street_buffer_are_dropped_and_wide_ones_kept():
    def block(width):
        nodes = {1: (0, 0), 2: (400, 0), 3: (400, width), 4: (0, width)}
        return metric(around(network_of(nodes, [[1, 2, 3, 4, 1]]), [(0, 0)], [2000]).circles[0].polygon)

    assert len(block(2 * STREET_BUFFER_M + 20).geoms[0].interiors) == 0
    assert len(block(2 * STREET_BUFFER_M + 30).geoms[0].interiors) == 1


def test_a_street_reached_from_both_ends_keeps_its_gap_in_the_middle():
    nodes = {1: (0, 0), 2: (0, 100), 3: (600, 100), 4: (600, 0)}
    found = around(network_of(nodes, [[1, 2, 3, 4, 1]]), [(300, -10)], [610, 720]).circles
    # 300 m to each corner, 100 m up, then 200 m of the 600 m along the far side from each end
    assert metric(found[0].streets).length == pytest.approx(600 + 200 + 400, abs=0.02)
    assert metric(found[1].streets).length == pytest.approx(1400, abs=0.02)


def test_several_points_on_one_edge_and_steps():
    network = network_of(CROSS, WAYS)
    circle = around(network, [(100, 0), (150, 0), (400, 0)], [60]).circles[0]
    assert metric(circle.streets).length == pytest.approx(170 + 120, abs=0.02)
    stepped = network_of(CROSS, [[1, 2, 3], {"nodes": [4, 2, 5], "snap": False, "step_free": False}])
    assert metric(around(stepped, [(100, 0)], [300]).circles[0].streets).length == pytest.approx(1000, abs=0.02)
    free = around(stepped, [(100, 0)], [300], step_free=True).circles[0]
    assert metric(free.streets).length == pytest.approx(600, abs=0.02)


@settings(max_examples=40, deadline=None)
@given(towns())
def test_reached_streets_are_the_places_within_walking_distance(town):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    limit = 400.0
    circle = around(network, facilities, [150.0, limit]).circles[1]
    streets, polygon = metric(circle.streets), metric(circle.polygon)
    assert circle.polygon.is_valid
    assert shapely.is_valid(polygon)
    # points standing on streets (homes moved to their snap points), reached or not
    snaps = snap_at(network, homes)
    some = np.flatnonzero(snaps.snapped)
    if not len(some):
        return
    on_street = np.column_stack([snaps.x[some] - X0, snaps.y[some] - Y0])
    metres = walk(network, facilities, on_street).metres
    away = shapely.distance(
        shapely.points(snaps.x[some], snaps.y[some]), streets if not streets.is_empty else shapely.Point()
    )
    inside = np.nan_to_num(away, nan=np.inf) < 1e-3
    clear = np.abs(metres - limit) > 0.01
    assert (~inside | (metres <= limit + 0.01)).sum() >= len(some) - 1  # crossing streets without a joint
    assert np.array_equal(inside[clear & (metres <= limit)], np.ones((clear & (metres <= limit)).sum(), bool))
