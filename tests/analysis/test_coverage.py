import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.analysis.coverage import Groups, aggregate, covered_shares
from geo_service.analysis.states import REASONS, States

INF = np.inf


def groups(index, size=2):
    codes = [f"42010{i}" for i in range(size)]
    return Groups("district", codes, [f"区{i}" for i in range(size)], np.array(index, np.int32))


def states_of(state, reason=None):
    state = np.atleast_2d(np.array(state, np.uint8))
    return States(state, np.zeros_like(state) if reason is None else np.atleast_2d(np.array(reason, np.uint8)))


def test_a_community_counted_by_hand():
    people = {
        "all": np.array([10.0, 30, 60, 5, 1000]),
        "80_plus": np.array([1.0, 0, 3, 0, 500]),
    }
    frame = aggregate(
        groups([0, 0, 0, 1, -1]),
        ["supermarket"],
        np.array([[100.0, 400.0, 1500.0, INF, 1.0]]),
        states_of([1, 1, 0, 2, 1], [0, 0, 0, 4, 0]),
        speed_m_s=1.25,
        people=people,
        inventory_complete=np.array([[True], [None]], object),
    )
    assert list(frame["band"]) == ["all", "all", "80_plus", "80_plus"]
    row = frame.iloc[0]
    assert (row.level, row.code, row["name"], row.category) == ("district", "420100", "区0", "supermarket")
    assert (row.people_total, row.people_covered, row.people_not_covered, row.people_unknown) == (100, 40, 60, 0)
    assert (row.people_covered_share, row.people_not_covered_share, row.people_unknown_share) == (0.4, 0.6, 0.0)
    assert (row.buildings_total, row.buildings_covered, row.buildings_not_covered) == (3, 2, 1)
    assert row.mean_m == pytest.approx((10 * 100 + 30 * 400 + 60 * 1500) / 100)
    assert row.p90_m == 1500
    assert row.mean_s == pytest.approx(row.mean_m / 1.25)
    assert row.p90_s == pytest.approx(1200)
    assert row.reached_share == 1
    assert row.inventory_complete is True
    other = frame.iloc[1]
    assert (other.people_total, other.people_unknown, other.unknown_edge, other.unknown_not_snapped) == (5, 5, 1, 0)
    assert np.isnan(other.mean_m)
    assert np.isnan(other.p90_m)
    assert other.reached_share == 0
    assert other.inventory_complete is None
    old = frame.iloc[2]
    assert (old.people_total, old.people_covered, old.buildings_total) == (4, 1, 3)
    assert old.mean_m == pytest.approx((100 + 3 * 1500) / 4)
    nobody = frame.iloc[3]
    assert nobody.people_total == 0
    assert np.isnan(nobody.people_covered_share)


def test_without_people_buildings_are_the_weights():
    frame = aggregate(
        groups([0, 0, 0, 0, 1]),
        ["park"],
        np.array([[100.0, 200.0, 300.0, INF, 50.0]]),
        states_of([1, 1, 1, 0, 1]),
        speed_m_s=1.0,
    )
    row = frame.iloc[0]
    assert np.isnan(row.people_total)
    assert np.isnan(row.people_covered_share)
    assert row.buildings_covered_share == 0.75
    assert row.mean_m == 200
    assert row.p90_m == 300
    assert row.reached_share == 0.75


def test_people_known_in_one_group_only_and_of_some_homes_only():
    people = {"all": np.array([4.0, np.nan, np.nan])}
    frame = aggregate(
        groups([0, 0, 1]),
        ["park"],
        np.array([[100.0, 900.0, 70.0]]),
        states_of([1, 0, 1]),
        speed_m_s=1.0,
        people=people,
    )
    assert frame.people_total[0] == 4
    assert frame.mean_m[0] == 100
    assert np.isnan(frame.people_total[1])
    assert frame.mean_m[1] == 70


def test_no_homes_give_rows_with_nothing_counted():
    frame = aggregate(
        groups([]),
        ["park", "clinic"],
        np.zeros((2, 0)),
        states_of(np.zeros((2, 0))),
        speed_m_s=1.0,
        people={"all": np.zeros(0)},
    )
    assert len(frame) == 4
    assert (frame.buildings_total == 0).all()
    assert frame.buildings_covered_share.isna().all()
    assert frame.mean_m.isna().all()


def test_shares_of_every_category_at_once():
    state = np.array([[1, 1, 0, 2], [0, 0, 0, 0]], np.uint8)
    assert covered_shares(state).tolist() == [[0.25, 0.5, 0.25], [1, 0, 0]]
    assert covered_shares(state, np.array([0.0, 1, 1, 2])).tolist() == [[0.25, 0.25, 0.5], [1, 0, 0]]
    assert np.isnan(covered_shares(np.zeros((1, 0), np.uint8))).all()


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 4))
def test_figures_agree_with_counting_row_by_row(seed, homes, size):
    rng = np.random.default_rng(seed)
    index = rng.integers(-1, size, homes)
    metres = np.where(rng.uniform(size=(2, homes)) < 0.2, INF, rng.integers(0, 50, (2, homes)) * 10.0)
    reason = rng.integers(0, len(REASONS), (2, homes))
    state = np.where(reason > 0, 2, rng.integers(0, 2, (2, homes)))
    people = np.where(rng.uniform(size=homes) < 0.3, np.nan, rng.integers(0, 9, homes))
    frame = aggregate(
        groups(index, size), ["a", "b"], metres, states_of(state, reason), speed_m_s=2.0, people={"all": people}
    )
    table = pd.DataFrame({"group": index, "people": people})
    for number, category in enumerate("ab"):
        table["metres"], table["state"], table["reason"] = metres[number], state[number], reason[number]
        for group in range(size):
            row = frame[(frame.category == category) & (frame.code == f"42010{group}")].iloc[0]
            some = table[table.group == group]
            assert row.buildings_total == len(some)
            assert row.buildings_covered == (some.state == 1).sum()
            known = some.people.notna().any()
            assert np.isnan(row.people_total) == (not known)
            weight = some.people.fillna(0) if known else pd.Series(1.0, some.index)
            if known:
                assert row.people_unknown == some.people[some.state == 2].sum()
            for place, name in enumerate(REASONS):
                if name:
                    assert row[f"unknown_{name}"] == (some.reason == place).sum()
            reached = some[np.isfinite(some.metres) & (weight > 0)].sort_values("metres")
            total = weight[reached.index].sum()
            if total == 0:
                assert np.isnan(row.mean_m)
                assert np.isnan(row.p90_m)
                continue
            assert row.mean_m == pytest.approx((reached.metres * weight[reached.index]).sum() / total)
            running = weight[reached.index].cumsum()
            assert row.p90_m == reached.metres[running >= 0.9 * total - 1e-9].iloc[0]
            assert row.p90_s == row.p90_m / 2
