"""Two-step floating catchments, by hand and against the formula written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.analysis.catchment import GAUSSIAN_ZONES, catchment, zone_weights

PLAIN = ((1.0, 1.0),)


def dense(metres, people, capacity, limit, zones):
    """The formula of Luo and Qi, loops and all."""

    def weight(d):
        return next((w for share, w in zones if d <= share * limit + 1e-6), 0.0)

    homes, facilities = metres.shape
    each = []
    for j in range(facilities):
        demand = sum(people[k] * weight(metres[k, j]) for k in range(homes))
        each.append(capacity[j] / demand if demand > 0 else 0.0)
    return [sum(each[j] * weight(metres[i, j]) for j in range(facilities)) for i in range(homes)]


def found_for(metres, people, capacity, limit, zones):
    home, facility = np.nonzero(metres <= limit + 1e-6)
    weight = zone_weights(metres[home, facility], limit, zones)
    return catchment(home.astype(np.int32), facility.astype(np.int32), weight, people, capacity)


def test_weights_by_zones_and_ends_belong_to_the_nearer_zone():
    metres = np.array([0.0, 100.0, 100.01, 200.0, 299.0, 300.0, 300.01, np.inf])
    assert zone_weights(metres, 300.0).tolist() == [1, 1, 0.68, 0.68, 0.22, 0.22, 0, 0]
    assert zone_weights(metres, 300.0, PLAIN).tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


def test_two_homes_share_a_kindergarten():
    """30 children at 50 m, 10 at 150 m, 40 places: 40 / (30 + 6.8) each, then 0.68 of it."""
    found = found_for(np.array([[50.0], [150.0], [400.0]]), np.array([30.0, 10.0, 5.0]), np.array([40.0]), 300.0,
                      GAUSSIAN_ZONES)  # fmt: skip
    each = 40 / (30 + 0.68 * 10)
    assert found.demand.tolist() == [36.8]
    assert found.places_each[0] == pytest.approx(each)
    assert found.places == pytest.approx([each, 0.68 * each, 0.0])
    assert found.reached.tolist() == [True, True, False]


def test_a_facility_nobody_comes_to_gives_nothing_and_no_nan_reaches_homes():
    found = found_for(np.array([[50.0, 400.0]]), np.array([np.nan]), np.array([40.0, 10.0]), 300.0, PLAIN)
    assert np.isnan(found.places_each).all()
    assert (found.places.tolist(), found.reached.tolist()) == ([0.0], [True])


def test_whom_a_facility_does_not_admit_does_not_count():
    """Ten people at a home, four of them admitted: twenty places for four, two a head over all ten."""
    found = catchment(
        np.array([0], np.int32),
        np.array([0], np.int32),
        np.array([1.0]),
        np.array([10.0]),
        np.array([20.0]),
        served=np.array([4.0]),
    )
    assert found.demand.tolist() == [4.0]
    assert found.places.tolist() == [2.0]


tables = st.integers(1, 5).flatmap(
    lambda homes: st.integers(1, 4).flatmap(
        lambda facilities: st.tuples(
            st.lists(
                st.lists(st.floats(0, 500), min_size=facilities, max_size=facilities), min_size=homes, max_size=homes
            ),
            st.lists(st.integers(0, 50), min_size=homes, max_size=homes),
            st.lists(st.integers(1, 300), min_size=facilities, max_size=facilities),
        )
    )
)


@given(tables, st.sampled_from([GAUSSIAN_ZONES, PLAIN]))
def test_equals_the_formula(table, zones):
    metres, people, capacity = (np.array(part, float) for part in table)
    found = found_for(metres, people, capacity, 300.0, zones)
    assert found.places == pytest.approx(dense(metres, people, capacity, 300.0, zones), rel=1e-9)
    lived = (metres <= 300 + 1e-6) & (people > 0)[:, None]
    used = capacity[lived.any(axis=0)].sum()
    assert float(people @ found.places) == pytest.approx(used), "all places of whom somebody reaches are shared out"


@given(tables, st.randoms())
def test_order_of_homes_changes_nothing(table, random):
    metres, people, capacity = (np.array(part, float) for part in table)
    order = list(range(len(people)))
    random.shuffle(order)
    one = found_for(metres, people, capacity, 300.0, GAUSSIAN_ZONES).places
    other = found_for(metres[order], people[order], capacity, 300.0, GAUSSIAN_ZONES).places
    assert other == pytest.approx(one[order], rel=1e-12)


@given(tables)
def test_one_more_facility_takes_no_places_from_anybody(table):
    metres, people, capacity = (np.array(part, float) for part in table)
    all_of_them = found_for(metres, people, capacity, 300.0, GAUSSIAN_ZONES)
    without = found_for(metres[:, :-1], people, capacity[:-1], 300.0, GAUSSIAN_ZONES)
    assert (all_of_them.places >= without.places - 1e-12).all()
    assert (all_of_them.reached >= without.reached).all()
