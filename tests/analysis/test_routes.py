import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from geo_service.analysis.routes import route
from tests.analysis.places import FRAME, X0, Y0, network_of, snap_at, walk
from tests.analysis.test_distances import towns

STREETS = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (500, 500), 6: (600, 500)}


def way(network, home, facility, **options):
    return route(
        network,
        snap_at(network, [home]),
        snap_at(network, [facility]),
        (home[0] + X0, home[1] + Y0),
        (facility[0] + X0, facility[1] + Y0),
        **options,
    )


def corners(found):
    x, y = FRAME.to_metric(*np.array(found.line.coords).T)
    return [(round(float(a - X0)), round(float(b - Y0))) for a, b in zip(x, y, strict=True)]


def test_the_line_goes_from_the_home_over_the_streets_to_the_facility():
    network = network_of(STREETS, [[1, 2, 3, 4]])
    found = way(network, (20, -10), (40, 120))
    assert found.metres == pytest.approx(10 + 80 + 100 + 60 + 20, abs=0.01)
    assert corners(found) == [(20, -10), (20, 0), (100, 0), (100, 100), (40, 100), (40, 120)]
    assert list(found.edges) == [0, 1, 2]


def test_on_the_same_edge_it_runs_along_it():
    network = network_of(STREETS, [[1, 2, 3, 4]])
    found = way(network, (80, 5), (20, 5))
    assert found.metres == pytest.approx(70, abs=0.01)
    assert corners(found) == [(80, 5), (80, 0), (20, 0), (20, 5)]
    assert list(found.edges) == [0]


def test_there_is_no_route_to_an_island_without_a_street_or_beyond_the_limit():
    network = network_of(STREETS, [[1, 2, 3, 4], [5, 6]])
    assert way(network, (20, 0), (550, 500)) is None
    assert way(network, (20, 0), (2000, 0)) is None
    assert way(network, (20, 0), (100, 50), limit_m=120) is None
    assert way(network, (20, 0), (100, 50), limit_m=130.01).metres == pytest.approx(130, abs=0.01)


def test_without_steps_it_goes_round():
    network = network_of(STREETS, [[1, 2], {"nodes": [2, 3], "snap": False, "step_free": False}, [1, 4, 3]])
    home, shop = (90, -5), (90, 105)
    assert way(network, home, shop).metres == pytest.approx(5 + 10 + 100 + 10 + 5, abs=0.01)
    assert way(network, home, shop, step_free=True).metres == pytest.approx(5 + 90 + 100 + 90 + 5, abs=0.01)


@settings(max_examples=50, deadline=None)
@given(towns())
def test_every_route_is_as_long_as_the_distance_found(town):
    nodes, ways, homes, facilities = town
    network = network_of(nodes, ways)
    found = walk(network, facilities, homes)
    for home, metres, owner in zip(homes[:10], found.metres, found.owner, strict=False):
        if np.isinf(metres):
            continue
        line = way(network, tuple(home), tuple(facilities[owner]), limit_m=float(metres))
        assert line.metres == pytest.approx(metres, abs=1e-6)
        assert shapely.length(FRAME.geometries_to_metric([line.line])[0]) == pytest.approx(metres, rel=1e-4, abs=0.01)
