"""Coverage in which every age band walks by its own profile: hand-checked figures on both stores."""

from dataclasses import replace

import numpy as np
import pytest

from geo_service.domain.bands import BANDS
from geo_service.domain.reference import profile_label, profile_named, profiles_by_age
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.run_checks import verify
from geo_service.services.told import shown_result
from geo_service.storage import runs as stored

CHILD, STANDARD, ELDER = (km_h / 3.6 for km_h in (3.5, 4.0, 3.0))
# homes so many metres (along the street) from the supermarket: walks are 40 m longer, 20 m at each end
NEAR, MIDDLE, FAR = 340.0, 520.0, 640.0


@pytest.fixture
def aged(town):
    """Three homes; 6 of the people in the farthest are of unknown age."""
    town.main_street()
    town.community("990001001001", -200, 2200)
    town.facility("f1", 0)
    town.homes(300, residents_persons=10, age_80_plus_persons=10)
    town.homes(480, residents_persons=30, age_0_2_persons=4, age_15_59_persons=16, age_80_plus_persons=10)
    town.homes(600, residents_persons=20, age_3_5_persons=5, age_15_59_persons=5, age_65_79_persons=4)
    return town


def asked(**more):
    return CoverageQuestion.asked(["supermarket"], profile="by_age", **more)


def totals(result):
    return {row["band"]: row for row in result["totals"]}


def test_every_band_has_a_profile():
    assert list(profiles_by_age()) == list(BANDS)
    codes = {band: profile.code for band, profile in profiles_by_age().items()}
    assert codes == {
        "0_2": "child", "3_5": "child", "6_11": "child", "12_14": "child",
        "15_59": "standard", "60_64": "standard", "65_79": "elder", "80_plus": "elder",
    }  # fmt: skip
    assert set(profile_label("by_age")) == {"zh", "en"}


def test_with_minutes_every_band_has_its_own_limit(aged):
    """Ten minutes: children 583 m, grown-ups 667 m, old people 500 m; the homes are 340, 520 and 640 m away."""
    result = coverage(aged.ctx, asked(minutes=10))
    found = totals(result)
    assert {band: row["people_covered"] for band, row in found.items()} == {
        "all": 10 + (4 + 16) + (5 + 6), "0_2": 4, "3_5": 0, "15_59": 21, "65_79": 0, "80_plus": 10,
    }  # fmt: skip
    assert (found["all"]["people_total"], found["all"]["people_not_covered"]) == (60, 10 + 5 + 4)
    assert {row["buildings_covered"] for row in found.values()} == {3}, "buildings count by the standard profile"
    assert result["limit"]["metres"] == 666.67, "told as it decides"
    limits = {band: one["limit_m"] for band, one in result["walkers"].items()}
    assert (limits["0_2"], limits["15_59"], limits["80_plus"]) == (583.33, 666.67, 500.0)
    assert "note.by_age_time" in {note["key"] for note in result["notes"]}
    (row,) = (row for row in result["rows"] if row["band"] == "all")
    assert row["people_covered"] == 41


def test_with_a_circle_the_distance_decides_for_all(aged):
    """Within 1,000 m everybody is covered, within 500 m the nearest home; only the seconds differ by age."""
    for circle, covered in ((15, 60), (10, 10)):
        by_age = totals(coverage(aged.ctx, asked(circle=circle)))
        plain = totals(coverage(aged.ctx, CoverageQuestion.asked(["supermarket"], circle=circle)))
        assert by_age["all"]["people_covered"] == covered
        for band, row in by_age.items():
            same = {key: value for key, value in row.items() if key not in ("mean_s", "p90_s")}
            assert same == {key: plain[band][key] for key in same}


def test_walking_times_are_those_of_the_people_themselves(aged):
    found = totals(coverage(aged.ctx, asked(circle=15)))
    walks = [  # people, metres, speed; those of unknown age walk as standard
        (10, NEAR, ELDER),
        (4, MIDDLE, CHILD), (16, MIDDLE, STANDARD), (10, MIDDLE, ELDER),
        (5, FAR, CHILD), (5, FAR, STANDARD), (4, FAR, ELDER), (6, FAR, STANDARD),
    ]  # fmt: skip
    people, metres, speed = np.array(walks).T
    assert found["all"]["mean_m"] == pytest.approx((people * metres).sum() / 60, rel=1e-3)
    assert found["all"]["mean_s"] == pytest.approx((people * metres / speed).sum() / 60, rel=1e-3)
    # from the slowest on: 4 take 768 s, 5 take 658 s; nine tenths of the 60 are reached at 658 s
    assert found["all"]["p90_s"] == pytest.approx(FAR / CHILD, rel=1e-3)
    assert found["0_2"]["mean_s"] == pytest.approx(MIDDLE / CHILD, rel=1e-3)
    assert found["80_plus"]["mean_s"] == pytest.approx((NEAR + MIDDLE) / 2 / ELDER, rel=1e-3)


def test_steps_stop_only_who_cannot_use_them(town):
    town.streets(
        [[(0.0, 0.0), (100.0, 0.0)], [(100.0, 0.0), (200.0, 0.0)], [(200.0, 0.0), (500.0, 0.0)]],
        highways=["residential", "steps", "residential"],
    )
    town.facility("f1", 50)
    town.homes(300, residents_persons=12, age_15_59_persons=5, age_80_plus_persons=7)
    question = asked(circle=10)
    wheels = profile_named("wheelchair")
    question = replace(question, walkers={**question.walkers, "80_plus": (wheels, question.limit)})
    found = totals(coverage(town.ctx, question))
    assert {band: row["people_covered"] for band, row in found.items()} == {"all": 5, "15_59": 5, "80_plus": 0}
    assert found["80_plus"]["mean_m"] is None
    assert found["all"]["reached_share"] == pytest.approx(5 / 12, abs=1e-6)


def test_a_facility_for_some_ages_and_own_limits_go_together(aged):
    """A nursery 600 m along: children under three walk 160 m to it from the middle home, nobody else may use it."""
    aged.facility("n1", 600, category="nursery", admits="age_band", admits_bands=["0_2"])
    result = coverage(aged.ctx, CoverageQuestion.asked(["nursery"], profile="by_age", minutes=5))
    found = totals(result)
    assert {band: row["people_covered"] for band, row in found.items() if row["people_covered"]} == {"all": 4, "0_2": 4}
    assert found["all"]["people_unknown"] == 6, "of unknown age, only a facility for some ages near"
    assert found["all"]["mean_s"] == pytest.approx(160 / CHILD, rel=1e-3)


def test_without_ages_everybody_walks_as_standard(town):
    town.main_street()
    town.facility("f1", 0)
    town.homes(600, residents_persons=7)
    found = totals(coverage(town.ctx, asked(minutes=10)))
    assert (found["all"]["people_covered"], set(found)) == (7, {"all"})
    assert found["all"]["mean_s"] == pytest.approx(FAR / STANDARD, rel=1e-3)


def test_a_run_by_age_is_found_again_verified_and_told(aged):
    first = coverage(aged.ctx, asked(minutes=10))
    assert coverage(aged.ctx, asked(minutes=10))["uid"] == first["uid"]
    assert coverage(aged.ctx, CoverageQuestion.asked(["supermarket"], minutes=10))["uid"] != first["uid"]
    assert first["parameters"]["profile"] == "by_age"
    assert verify(aged.ctx, first["uid"]).is_same
    with aged.store.reading() as conn:
        told = shown_result(conn, aged.ctx, stored.get_run(conn, first["uid"]), to_anybody=True)
    people = [row["people_covered"] for row in (*told["totals"], *told["rows"])]
    assert all(one is None or one % 5 == 0 for one in people)
    assert told["walkers"] == first["walkers"]
