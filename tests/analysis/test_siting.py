"""Siting: cases to check by hand, and every choice of small random ones tried out."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis import siting
from geo_service.analysis.pairs import Pairs
from geo_service.analysis.siting import GREEDY_SHARE, GREEDY_SHARE_OF_BUDGET, Effort, best_sites, fewest_to_reach
from geo_service.analysis.siting_bound import bound
from geo_service.analysis.siting_gains import coverage_gains, nearness_gains
from geo_service.analysis.siting_search import exchanged, greedy

NOBODY = np.zeros(0)


def table(reaches, metres=None):
    """Pairs from lists of demands, one list a candidate."""
    start = np.array([j for j, those in enumerate(reaches) for _ in those], np.int32)
    end = np.array([i for those in reaches for i in those], np.int32)
    far = np.zeros(len(start)) if metres is None else np.array([m for those in metres for m in those], float)
    return Pairs(start, end, far)


def covering(reaches, weight):
    return coverage_gains(table(reaches), np.asarray(weight, float), len(reaches))


def test_the_best_two_are_not_the_greedy_ones():
    # the greedy choice starts with the middle; the two ends together cover everybody
    gains = covering([[0, 1], [1, 2, 3, 4], [3, 4, 5], [0, 1, 2]], [10, 10, 10, 10, 10, 10])
    found = best_sites(gains, np.ones(4), 2)
    assert found.chosen == [2, 3]  # the same gain: the earlier first
    assert found.adds == [30, 30]
    assert (found.value, found.bound, found.gap_share, found.is_proven) == (60, 60, 0, True)
    assert gains.value(greedy(gains, np.ones(4), 2)) == 60 - 10


def test_demands_with_the_same_candidates_are_one_group():
    gains = covering([[0, 1, 2], [2, 3], []], [5, 6, 7, 8])
    assert gains.demand_count == 3
    assert gains.candidate_count == 3
    assert sorted(gains.most.tolist()) == [7, 8, 11]
    assert gains.value([0]) == 18
    assert gains.value([0, 1]) == 26


def test_a_site_that_adds_nothing_is_not_chosen_and_nobody_to_cover_is_no_site():
    found = best_sites(covering([[0, 1], [1], [0]], [3, 4]), np.ones(3), 3)
    assert found.chosen == [0]
    nothing = best_sites(covering([[], []], [3, 4]), np.ones(2), 1)
    assert (nothing.chosen, nothing.value, nothing.bound, nothing.gap_share) == ([], 0, 0, 0)
    assert best_sites(coverage_gains(table([]), NOBODY, 0), NOBODY, 1).chosen == []
    assert best_sites(covering([[0]], [3]), np.ones(1), 0).chosen == []


def test_of_equal_sites_the_earlier_is_taken_whatever_the_order():
    reaches = [[4], [0, 1], [2, 3], [0, 1], [2, 3]]
    found = best_sites(covering(reaches, [1, 1, 1, 1, 1]), np.ones(5), 2)
    assert found.chosen == [1, 2]


def test_within_a_budget_two_cheap_sites_beat_one_dear_one():
    gains = covering([[0, 1, 2], [0, 1], [2, 3]], [10, 10, 10, 10])
    cost = np.array([100.0, 40, 50])
    found = best_sites(gains, cost, 95)
    assert found.chosen == [1, 2]
    assert found.value == 40
    assert best_sites(gains, cost, 39).chosen == []
    assert best_sites(gains, cost, 45).chosen == [1]
    free = best_sites(gains, np.array([0.0, 40, 50]), 10)
    assert free.chosen == [0]


def test_the_fewest_that_reach_a_share():
    gains = covering([[0, 1], [1, 2, 3, 4], [3, 4, 5], [0, 1, 2]], [10] * 6)
    whole = fewest_to_reach(gains, 60)
    assert (sorted(whole.chosen), whole.bound, whole.gap_share, whole.is_proven) == ([2, 3], 2, 0, True)
    assert fewest_to_reach(gains, 40).chosen == [1]
    assert fewest_to_reach(gains, 0).chosen == []
    with pytest.raises(ValueError, match="less than"):
        fewest_to_reach(gains, 61)


def test_nearest_walks_are_made_shorter():
    # two demands: 900 m and 500 m from what there is; one candidate near each, one between
    pairs = table([[0], [1], [0, 1]], [[100], [100], [300, 200]])
    gains = nearness_gains(pairs, np.array([1.0, 10.0]), np.array([900.0, 500.0]), 3)
    found = best_sites(gains, np.ones(3), 1)
    assert found.chosen == [1]  # 10 × 400 against 600 + 10 × 300
    assert found.value == 4000
    both = best_sites(gains, np.ones(3), 2)
    assert both.chosen == [1, 0]
    assert both.adds == [4000, 800]


def test_what_stays_open_is_said(monkeypatch):
    monkeypatch.setattr(siting, "EXACT_UP_TO_PAIRS", -1)
    rng = np.random.default_rng(3)
    reaches = [rng.choice(60, 9, replace=False) for _ in range(40)]
    found = best_sites(covering(reaches, rng.integers(1, 9, 60)), np.ones(40), 6)
    assert found.solver == "search"
    assert not found.is_proven
    assert 0 < found.gap_share < 0.2
    assert found.bound > found.value
    fewest = fewest_to_reach(covering(reaches, np.ones(60)), 55)
    assert (fewest.solver, fewest.is_proven) == ("search", False)
    assert 0 < fewest.bound < len(fewest.chosen)


def test_a_solver_without_time_leaves_the_search_and_its_bound():
    rng = np.random.default_rng(3)
    reaches = [rng.choice(60, 9, replace=False) for _ in range(40)]
    gains = covering(reaches, rng.integers(1, 9, 60))
    found = best_sites(gains, np.ones(40), 6, Effort(seconds=0.0))
    assert found.timed_out
    assert found.value <= best_sites(gains, np.ones(40), 6).value <= found.bound


def test_with_a_gap_asked_for_it_may_stop_early():
    rng = np.random.default_rng(3)
    reaches = [rng.choice(60, 9, replace=False) for _ in range(40)]
    gains = covering(reaches, rng.integers(1, 9, 60))
    found = best_sites(gains, np.ones(40), 6, Effort(gap_share=0.2))
    assert found.is_proven
    assert found.gap_share <= 0.2


# --- random tables ---------------------------------------------------------------------------------------------------


@st.composite
def questions(draw):
    """Reaches of up to 8 candidates to 12 demands with walks, weights (some 0, some not whole) and costs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    candidates, demands = draw(st.integers(1, 8)), draw(st.integers(1, 12))
    reaches = [
        sorted(rng.choice(demands, rng.integers(0, demands + 1), replace=False).tolist()) for _ in range(candidates)
    ]
    metres = [rng.integers(0, 1000, len(those)).tolist() for those in reaches]
    weight = rng.integers(0, 6, demands) * draw(st.sampled_from([1.0, 1.5, 0.1]))
    cost = rng.integers(draw(st.sampled_from([0, 1])), 9, candidates).astype(float)
    return reaches, metres, weight, cost


def every_choice(count):
    return [choice for size in range(count + 1) for choice in combinations(range(count), size)]


def covered(reaches, weight, choice):
    return float(weight[sorted({i for j in choice for i in reaches[j]})].sum())


@settings(max_examples=150, deadline=None)
@given(questions(), st.integers(1, 5), st.integers(0, 25))
def test_no_choice_is_better(question, k, budget):
    reaches, _, weight, cost = question
    gains = covering(reaches, weight)
    for price, most in ((np.ones(len(reaches)), k), (cost, budget)):
        found = best_sites(gains, price, most)
        best = max(covered(reaches, weight, c) for c in every_choice(len(reaches)) if price[list(c)].sum() <= most)
        assert found.value == pytest.approx(best, abs=1e-7)
        assert found.value == pytest.approx(covered(reaches, weight, found.chosen), abs=1e-7)
        assert sum(found.adds) == pytest.approx(found.value, abs=1e-7)
        assert price[found.chosen].sum() <= most + 1e-9
        assert found.is_proven and found.bound == pytest.approx(best, abs=1e-6)
        least = GREEDY_SHARE if (price == 1).all() else GREEDY_SHARE_OF_BUDGET
        tried = max(gains.value(greedy(gains, price, most, per_cost=way)) for way in (True, False))
        assert tried >= least * best - 1e-7


@settings(max_examples=100, deadline=None)
@given(questions(), st.sampled_from([0.3, 0.5, 0.8, 0.95, 1.0]))
def test_fewer_sites_do_not_reach_the_share(question, share):
    reaches, _, weight, _ = question
    gains = covering(reaches, weight)
    target = share * gains.value(np.arange(len(reaches)))
    found = fewest_to_reach(gains, target)
    fewest = min(len(c) for c in every_choice(len(reaches)) if covered(reaches, weight, c) >= target - 1e-7)
    assert len(found.chosen) == fewest == found.bound
    assert covered(reaches, weight, found.chosen) >= target - 1e-7
    assert found.is_proven and found.gap_share == 0


@settings(max_examples=100, deadline=None)
@given(questions(), st.integers(1, 5))
def test_no_sites_are_nearer(question, k):
    reaches, metres, weight, _ = question
    now = np.linspace(300, 1200, len(weight))
    gains = nearness_gains(table(reaches, metres), weight, now, len(reaches))

    def walked(choice):
        far = now.copy()
        for j in choice:
            far[reaches[j]] = np.minimum(far[reaches[j]], metres[j])
        return float(weight @ far)

    found = best_sites(gains, np.ones(len(reaches)), k)
    least = min(walked(c) for c in every_choice(len(reaches)) if len(c) <= k)
    assert walked(found.chosen) == pytest.approx(least, rel=1e-9, abs=1e-6)
    assert found.value == pytest.approx(float(weight @ now) - least, rel=1e-9, abs=1e-6)
    for choice in every_choice(len(reaches)):
        assert gains.merged().value(choice) == pytest.approx(gains.value(choice), rel=1e-9, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(questions(), st.integers(0, 25))
def test_bounds_hold_for_every_choice_and_rule_out_no_better_one(question, budget):
    reaches, _, weight, cost = question
    gains = covering(reaches, weight)
    chosen = exchanged(gains, greedy(gains, cost, budget), cost, budget)
    value = gains.value(chosen)
    proven = bound(gains, cost, budget, chosen, aim=value)
    for choice in every_choice(len(reaches)):
        reached = gains.value(choice)
        if cost[list(choice)].sum() <= budget:
            assert reached <= proven.value + 1e-6
            if reached > max(value, proven.chosen_value) + 1e-6:
                assert not proven.useless[list(choice)].any()
                assert set(np.flatnonzero(proven.needed)) <= set(choice)


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_demands_changes_nothing(question, k, random):
    reaches, _, weight, cost = question
    order = list(range(len(weight)))
    random.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    shuffled = [[place[i] for i in those] for those in reaches]
    for price, most in ((np.ones(len(reaches)), k), (cost, 12.0)):
        before = best_sites(covering(reaches, weight), price, most)
        after = best_sites(covering(shuffled, weight[order]), price, most)
        assert before == after


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(1, 5))
def test_no_chosen_site_could_be_exchanged_for_an_earlier_one(question, k):
    reaches, _, weight, _ = question
    found = best_sites(covering(reaches, weight), np.ones(len(reaches)), k)
    for one in found.chosen:
        for earlier in set(range(one)) - set(found.chosen):
            other = [earlier if place == one else place for place in found.chosen]
            assert covered(reaches, weight, other) < found.value - 1e-9
