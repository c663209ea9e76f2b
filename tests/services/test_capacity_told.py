"""What is told of a facility is proven by the people it admits, not by others who live near it (decision 22)."""

from dataclasses import replace

import pytest

from geo_service.domain.actors import Actor
from geo_service.services import analyses
from geo_service.services.analyses import kind_named, made_run
from geo_service.services.told import shown_result
from geo_service.services.what_if import WhatIfQuestion, evaluate

CATEGORY = "elder_station"
FIGURES = ("people_within", "demand_persons", "load_share", "places_per_1000")


@pytest.fixture
def old(town):
    """30 people from 65 on at 0 m, among them ``young`` of 60 to 64."""
    town.main_street()

    def settle(young):
        town.homes(
            0, code="h", residents_persons=30 + young, age_60_64_persons=young, age_65_79_persons=30,
            people_basis="register",
        )  # fmt: skip

    return town, settle


def told(town):
    return replace(town.ctx, actor=Actor("p", "planner"))


def capacity(town):
    kind = kind_named("capacity")
    run = made_run(town.ctx, kind, kind.asked(CATEGORY, circle=5, by="community"))
    with town.store.reading() as conn:
        return shown_result(conn, told(town), run)["facilities"]


@pytest.mark.parametrize("young", [0, 3])
def test_few_people_admitted_are_withheld_though_many_live_there(old, young):
    """0 of them as well as 3: none of the rounded homes proves five."""
    town, settle = old
    settle(young)
    some = {"category": CATEGORY, "capacity": 9.0, "capacity_unit": "beds"}
    town.facility("some", 20, **some, admits="age_band", admits_bands=["60_64"])
    town.facility("all", 20, **some)
    town.facility("far", 1500, **some)
    rows = {row["code"]: row for row in capacity(town)}
    assert [rows["some"][key] for key in FIGURES] == [None] * 4
    assert {code: row["withheld"] for code, row in rows.items()} == {"some": True, "all": False, "far": False}
    assert rows["all"]["people_within"] >= 30
    assert (rows["far"]["people_within"], rows["far"]["load_share"]) == (0, 0.0), "nobody's home is there to be seen"
    add = {"edit": "facility_add", "category": CATEGORY, "capacity": 9, "bands": ["60_64"]}
    edits = [
        {**add, "position": list(town.at(30, -20))},
        {"edit": "facility_resize", "facility": "some", "capacity": 8},
    ]
    with town.store.reading() as conn:
        found = evaluate(conn, told(town), WhatIfQuestion.asked([CATEGORY], edits=edits, circle=5))
    for row in found["capacity_facilities"]:
        if row["code"] in (None, "some"):
            assert row["withheld"]
            assert all(row[f"{key}_{side}"] is None for key in FIGURES for side in ("before", "after", "difference"))


def test_who_may_see_households_sees_them(old):
    town, settle = old
    settle(3)
    some = {"category": CATEGORY, "capacity": 9.0, "capacity_unit": "beds"}
    town.facility("some", 20, **some, admits="age_band", admits_bands=["60_64"])
    kind = kind_named("capacity")
    exact = analyses.answer(town.ctx, kind, kind.asked(CATEGORY, circle=5, by="community"))
    assert exact["facilities"][0]["people_within"] == 3
