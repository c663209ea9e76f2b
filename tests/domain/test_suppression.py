"""Few people: rounding of homes and bands, what is withheld with what, and what rounded homes can never tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.suppression import (
    hidden_cells,
    least_of,
    least_together,
    nearest_five,
    rounded_homes,
    shown_count,
    shown_counts,
    turns,
)

BANDS = ("0_2", "15_59", "80_plus")


def homes(count=400, seed=3, most=12):
    numbers = np.random.default_rng(seed)
    ages = {band: numbers.integers(0, most, count).astype(float) for band in BANDS}
    return ages, sum(ages.values()), numbers.random(count)


def test_residents_are_rounded_to_the_nearest_five():
    assert nearest_five(np.arange(13.0)).tolist() == [0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10]
    assert np.isnan(nearest_five(np.array([np.nan])))
    people = np.arange(200.0)
    assert (least_of(nearest_five(people)) <= people).all()
    assert least_of(np.array([0.0, 5.0, 10.0])).tolist() == [0, 3, 8]


def test_bands_add_up_to_the_rounded_residents():
    ages, residents, turn = homes()
    told = rounded_homes(ages, residents, turn, everybody="all")
    assert (sum(told.persons[band] for band in BANDS) == told.persons["all"]).all()
    assert all((told.persons[band] % 5 == 0).all() and (told.persons[band] >= 0).all() for band in BANDS)
    for band in BANDS:
        assert abs(told.persons[band].sum() - ages[band].sum()) < 5 * np.sqrt(len(turn)), "no drift"


def test_bands_side_by_side_are_told_to_be_more_than_each_for_itself():
    ages, residents, turn = homes()
    told = rounded_homes(ages, residents, turn, everybody="all")
    for bands in (("0_2",), ("0_2", "15_59"), ("15_59", "80_plus"), ("0_2", "80_plus"), BANDS, ("all",)):
        least = least_together(told.persons, bands, everybody="all")
        there = residents if bands == ("all",) else sum(ages[band] for band in bands)
        assert (least <= there).all()
        assert bands == ("all",) or (least >= sum(told.least[band] for band in bands)).all()
    two = {"all": np.array([10.0]), "a": np.array([5.0]), "b": np.array([5.0]), "c": np.array([0.0])}
    assert [int(least_together(two, one, everybody="all")[0]) for one in ("a", "ab", "ac", "abc")] == [1, 5, 1, 8]


@pytest.mark.parametrize("most", [2, 4, 12, 300])
def test_least_is_never_more_than_there_are(most):
    ages, residents, turn = homes(3000, most=most)
    told = rounded_homes(ages, residents, turn, everybody="all")
    for band, people in {**ages, "all": residents}.items():
        assert (told.least[band] <= people).all()
        assert (told.least[band] <= told.persons[band]).all()
        assert ((told.least[band] > 0) == (told.persons[band] > 0)).all()


def test_rounded_homes_might_always_be_the_truth():
    """The proof that nothing drawn from them makes one to four people certain: they would be told the same."""
    ages, residents, turn = homes()
    told = rounded_homes(ages, residents, turn, everybody="all")
    same = {band: told.persons[band] for band in BANDS}
    for turned in (turn, np.zeros_like(turn), np.full_like(turn, 0.999)):
        again = rounded_homes(same, told.persons["all"], turned, everybody="all")
        assert all((again.persons[band] == told.persons[band]).all() for band in (*BANDS, "all"))


def test_somebody_more_might_be_told_the_same():
    """And that a withheld cell is not certainly empty."""
    ages, residents, turn = homes()
    told = rounded_homes(ages, residents, turn, everybody="all")
    for band in BANDS:
        more = {other: told.persons[other] + (other == band) for other in BANDS}
        again = rounded_homes(more, told.persons["all"] + 1, np.full_like(turn, 0.5), everybody="all")
        assert all((again.persons[other] == told.persons[other]).all() for other in (*BANDS, "all"))


def test_unknown_stays_unknown():
    nobody = np.array([np.nan, 7.0, np.nan])
    told = rounded_homes({"0_2": np.array([np.nan, np.nan, 9.0]), "": nobody}, nobody, np.zeros(3), everybody="all")
    assert np.isnan(told.persons["all"]).tolist() == [True, False, True]
    assert np.isnan(told.persons["0_2"]).tolist() == [True, True, False]
    assert told.persons["0_2"][2] == 10
    assert rounded_homes({}, nobody, np.zeros(3), everybody="all").persons["all"][1] == 5


def test_one_home_in_a_change_changes_itself_only():
    ages, residents, turn = homes()
    before = rounded_homes(ages, residents, turn, everybody="all")
    ages["0_2"][7] += 3
    after = rounded_homes(ages, residents + 3 * (np.arange(len(turn)) == 7), turn, everybody="all")
    for band in (*BANDS, "all"):
        assert (np.flatnonzero(before.persons[band] != after.persons[band]) == 7).all()


def test_turns_are_the_same_for_a_code_and_another_secret_turns_otherwise():
    first = turns(["B1", "B2"], b"x" * 32)
    assert (first == turns(["B1", "B2"], b"x" * 32)).all()
    assert (first != turns(["B1", "B2"], b"y" * 32)).all()
    many = turns([str(n) for n in range(2000)], b"x")
    assert 0 <= many.min() < many.max() < 1
    assert abs(many.mean() - 0.5) < 0.05


def table(areas):
    """A table of one category and band: areas of [covered, not covered, unknown], with all sums."""
    rows = np.array([*areas, np.sum(areas, axis=0)], float)
    return np.concatenate([rows, rows.sum(axis=1, keepdims=True)], axis=1)[None, None]


def hidden(areas, within=()):
    cells = table(areas)
    return hidden_cells(cells, least_of(cells), cells > 0, [np.array(one) for one in within])[0, 0].tolist()


def test_nothing_small_nothing_withheld():
    assert not np.array(hidden([[10, 0, 0], [20, 10, 0]])).any()


def test_a_single_small_cell_takes_others_with_it():
    found = np.array(hidden([[30, 5, 0], [40, 20, 0], [50, 70, 0]]))
    assert found[0].tolist() == [True, True, False, False], "covered is the total less the small one"
    assert found[1].tolist() == [True, True, False, False], "the sum over the areas less the others, too"
    assert not found[2].any()
    assert not found[3].any()


def test_no_line_has_a_single_withheld_cell():
    numbers = np.random.default_rng(5)
    for _ in range(50):
        areas = numbers.choice([0, 5, 10, 40, 90], (6, 3))
        found = np.array(hidden(areas, [[0, 0, 1, 1, 1, -1]]))
        cells = table(areas)[0, 0]
        assert not found[cells == 0].any()
        assert found[(cells > 0) & (cells < 10)].all()
        lines = [*found, *found.T, *found[:2].T, *found[2:5].T]
        values = [*cells, *cells.T, *cells[:2].T, *cells[2:5].T]
        alone = [n for n, line in enumerate(lines) if np.count_nonzero(line) == 1]
        assert all(np.count_nonzero(values[n]) == 1 for n in alone)


@given(st.integers(0, 2**32 - 1))
def test_withholding_never_shows_again_what_was_withheld(seed):
    """A second round over what a first left finds nothing more to hide and nothing to show."""
    numbers = np.random.default_rng(seed)
    within = [np.array([0, 0, 1, 1, 1, -1])]
    cells = table(numbers.choice([0, 5, 10, 40, 90], (6, 3)))
    least, present = least_of(cells), cells > 0
    first = hidden_cells(cells, least, present, within)
    assert np.array_equal(hidden_cells(cells, np.where(first, 0, least), present, within), first)
    fewer = np.where(numbers.random(cells.shape) < 0.2, 0, least)  # less is known for certain: what was few stays few
    assert hidden_cells(cells, fewer, present, within)[present & (least < 5)].all()


def test_bands_are_a_line_too():
    cells = np.zeros((1, 4, 2, 4))
    for band, people in enumerate((60, 5, 15, 40)):
        cells[0, band, :, :] = [people, 0, 0, people]
    found = hidden_cells(cells, least_of(cells), cells > 0)
    assert found[0, :, 0, 0].tolist() == [False, True, True, False]


def test_counts_of_a_single_building():
    assert [shown_count(n) for n in (None, 0, 4, 7, 8, 12, 13)] == [None, None, None, None, 10, 10, 15]
    row = {
        "code": "B1",
        "residents_persons": 3,
        "registered_persons": None,
        "households_count": 21,
        "age_0_2_persons": 9,
    }
    assert shown_counts(row) == {
        "code": "B1",
        "residents_persons": None,
        "registered_persons": None,
        "households_count": 20,
        "age_0_2_persons": None,
        "withheld": True,
    }
    assert shown_counts({"residents_persons": 21, "age_0_2_persons": None})["withheld"] is False
