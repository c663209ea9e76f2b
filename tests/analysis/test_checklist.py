"""Places divided by households, sizes and ratios judged: by hand, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.analysis.checklist import (
    counted_once,
    judged_presence,
    judged_ratio,
    judged_size,
    uses,
    worst,
)

NAN = np.nan


def used(inside, settled, households, pairs, lacking):
    home, place = (np.array([pair[n] for pair in pairs], np.int64) for n in range(2))
    found = uses(
        np.array(inside, np.int64),
        np.array(settled, np.int64),
        np.array(households, float),
        (home, place),
        np.array(lacking, bool),
    )
    return [
        (int(c), int(p), bool(i), round(float(r), 4), round(float(s), 4))
        for c, p, i, r, s in zip(
            found.community, found.place, found.is_inside, found.reach_share, found.share, strict=True
        )
    ]


def test_a_place_of_ones_own_is_ones_own():
    assert used([0], [0, 1], [10, 30], [(0, 0), (1, 0)], [False, False]) == [(0, 0, True, 1.0, 1.0)]


def test_who_has_none_shares_by_the_households_within_reach():
    # the other community has 30 households, 20 of them within reach; the first has 10
    found = used([0], [0, 1, 1], [10, 20, 10], [(1, 0)], [False, True])
    assert found == [(0, 0, True, 1.0, round(10 / 30, 4)), (1, 0, False, round(20 / 30, 4), round(20 / 30, 4))]


def test_less_than_half_within_reach_is_no_use():
    assert used([0], [0, 1, 1], [10, 14, 16], [(1, 0)], [False, True]) == [(0, 0, True, 1.0, 1.0)]
    assert len(used([0], [0, 1, 1], [10, 15, 15], [(1, 0)], [False, True])) == 2


def test_without_households_homes_count():
    found = used([-1], [0, 0, 1], [NAN, NAN, NAN], [(0, 0), (1, 0), (2, 0)], [True, True])
    assert found == [(0, 0, False, 1.0, round(2 / 3, 4)), (1, 0, False, 1.0, round(1 / 3, 4))]


def test_a_place_in_no_community_that_nobody_reaches_is_nobodys():
    assert used([-1], [0], [5], [], [True]) == []
    assert used([], [0], [5], [], [True]) == []


def test_a_community_without_homes_keeps_its_place():
    assert used([0], [1], [5], [], [False, True]) == [(0, 0, True, 1.0, 1.0)]


@given(st.data())
def test_the_parts_of_a_place_are_the_whole(data):
    communities, places = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    homes = data.draw(st.integers(1, 8))
    settled = data.draw(st.lists(st.integers(-1, communities - 1), min_size=homes, max_size=homes))
    households = data.draw(st.lists(st.sampled_from([0.0, 1.0, 7.0, NAN]), min_size=homes, max_size=homes))
    inside = data.draw(st.lists(st.integers(-1, communities - 1), min_size=places, max_size=places))
    pairs = data.draw(st.sets(st.tuples(st.integers(0, homes - 1), st.integers(0, places - 1))))
    lacking = [c not in inside for c in range(communities)]
    found = used(inside, settled, households, sorted(pairs), lacking)
    for place in range(places):
        parts = [share for c, p, _, _, share in found if p == place]
        assert not parts or sum(parts) == pytest.approx(1.0, abs=1e-3)
        assert all(0 <= one <= 1 for one in parts)
    for place, community in enumerate(inside):
        assert community < 0 or (community, place) in {(c, p) for c, p, *_ in found}


@pytest.mark.parametrize(
    ("verified", "complete", "verdict"),
    [([True, False], False, "pass"), ([False], True, "unknown"), ([], True, "short"), ([], False, "not_surveyed")],
)
def test_presence(verified, complete, verdict):
    assert judged_presence(np.array(verified, bool), is_complete=complete).verdict == verdict


@pytest.mark.parametrize(
    ("size", "share", "complete", "verdict", "short_by"),
    [
        ([800], [1], True, "pass", None),
        ([799], [1], True, "short", 1.0),
        ([1000], [0.5], True, "short", 300.0),  # half of it is the neighbours'
        ([500, 500], [1, 1], True, "short", 300.0),  # none is large enough
        ([800, 100], [1, 1], True, "pass", None),
        ([799, NAN], [1, 1], True, "unknown", None),  # the other one may be large enough
        ([800, NAN], [1, 1], True, "pass", None),
        ([NAN], [1], True, "unknown", None),
        ([799], [1], False, "not_surveyed", 1.0),
        ([0], [1], True, "short", 800.0),
    ],
)
def test_sizes(size, share, complete, verdict, short_by):
    judged = judged_size(np.array(size, float), np.array(share, float), 800.0, is_complete=complete)
    assert (judged.verdict, judged.short_by) == (verdict, short_by)


@pytest.mark.parametrize(
    ("amount", "missing", "per", "complete", "verdict", "short_by"),
    [
        (300.0, 0, 10.0, True, "pass", None),
        (290.0, 0, 10.0, True, "short", 1.0),
        (290.0, 1, 10.0, True, "unknown", None),
        (300.0, 1, 10.0, True, "pass", None),
        (290.0, 0, 10.0, False, "not_surveyed", 1.0),
        (300.0, 0, None, True, "unknown", None),
        (300.0, 0, 0.0, True, "unknown", None),
    ],
)
def test_ratios(amount, missing, per, complete, verdict, short_by):
    judged = judged_ratio(amount, missing, per, 30.0, is_complete=complete)
    assert (judged.verdict, judged.short_by) == (verdict, short_by)


def test_a_room_that_is_registered_twice_is_one_room():
    x, y = np.array([0.0, 0.4, 0.0, 50.0, 0.0]), np.zeros(5)
    size = np.array([300.0, 300.0, 200.0, 300.0, NAN])
    assert counted_once(x, y, size).tolist() == [0, 0, 2, 3, 4]


def test_the_worst_check_decides():
    assert worst(["pass", "unknown", "short"]) == "short"
    assert worst(["pass", "unknown", "not_surveyed"]) == "not_surveyed"
    assert worst(["pass", "pass"]) == "pass"
    assert worst([]) == "unknown"
