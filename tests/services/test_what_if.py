"""What-if: the same as coverage of data in which the edits are really made; nothing stored changes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from geo_service.domain.actors import Actor
from geo_service.domain.scenarios import checked_edits
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound, TooMuch
from geo_service.services import analyses, scenarios
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.what_if import SCENARIO, WhatIfQuestion, evaluate

CATEGORY = "supermarket"
FIGURES = [
    f"{what}_{one}" for what in ("people", "buildings") for one in ("total", "covered", "not_covered", "unknown")
]
BANDS = ("0_2", "3_5", "6_11", "12_14", "15_59", "60_64", "65_79", "80_plus")


def ask(town, edits, **more):
    return analyses.answer(town.ctx, SCENARIO, WhatIfQuestion.asked([CATEGORY], edits=edits, circle=5, **more))


def fast(town, edits, actor=None, **more):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    with ctx.store.reading() as conn:
        return evaluate(conn, ctx, WhatIfQuestion.asked([CATEGORY], edits=edits, circle=5, **more))


def covered(town, actor=None):
    ctx = town.ctx if actor is None else replace(town.ctx, actor=actor)
    return coverage(ctx, CoverageQuestion.asked([CATEGORY], circle=5))


def rows_by(result):
    return {(row["code"], row["level"], row["band"]): row for row in (*result["totals"], *result["rows"])}


def assert_same(found, side, wanted):
    """Every figure of one side is that of the coverage run."""
    ours, theirs = rows_by(found), rows_by(wanted)
    assert ours.keys() == theirs.keys()
    for key, row in ours.items():
        for figure in FIGURES:
            if figure.startswith("people") or key[2] == "all":
                assert row[f"{figure}_{side}"] == theirs[key][figure], (key, figure, side)


LEVELS = [0.0, 300.0, 600.0]  # metres north of the long streets
CROSS = [0.0, 350.0, 700.0, 1050.0, 1400.0]
EXTENT = (-900.0, -700.0, 2300.0, 1300.0)


def lines_of(paths=(), cuts=()):
    """Streets as a grid, cut and joined where edits say; ends of paths and cuts lie on the long streets."""
    marks = {}
    for (east, north), is_cut in [*((end, False) for path in paths for end in path), *((cut, True) for cut in cuts)]:
        marks.setdefault(north, []).append((east, is_cut))
    lines = []
    for north in LEVELS:
        part = []
        for east, is_cut in sorted([*marks.get(north, []), *((east, False) for east in CROSS)]):
            part.append((east - 0.0005 if is_cut else east, north))
            if is_cut:
                lines.append(part)
                part = [(east + 0.0005, north)]
        lines.append(part)
    lines += [[(east, north) for north in LEVELS] for east in CROSS[::2]]
    return [*lines, *paths], ["residential"] * len(lines) + ["steps"] * len(paths)


def streets(town, paths=(), cuts=()):
    lines, highways = lines_of(paths, cuts)
    town.streets([line for line in lines if len(line) > 1], extent=EXTENT, highways=highways)


def people(rng):
    bands = rng.integers(0, 9, len(BANDS))
    own = {f"age_{band}_persons": int(one) for band, one in zip(BANDS, bands, strict=True)}
    return {"residents_persons": int(bands.sum() + rng.integers(0, 4)), "people_basis": "register", **own}


def settle(town, rng, homes=40):
    """Two communities, homes, facilities of every sort."""
    streets(town)
    town.community("990001001001", -200, 700)
    town.community("990001001002", 700, 1700)
    for number in range(homes):
        east, north = rng.uniform(-100, 1500), rng.uniform(-250, 850)
        more = people(rng) if number % 7 else {}
        town.homes(round(east, 1), north_m=round(north, 1), **more)
    kinds = [
        {},
        {"verification": "unverified"},
        {"admits": "age_band", "admits_bands": ["0_2", "80_plus"]},
        {"admits": "catchment", "admits_area_code": "990001001001"},
        {"admits": "unit"},
    ]
    for number, kind in enumerate(kinds):
        town.facility(f"f{number}", round(rng.uniform(0, 1400), 1), round(rng.uniform(-80, 680), 1), **kind)


def position(town, rng, low=-80, high=680):
    east, north = round(rng.uniform(0, 1400), 1), round(rng.uniform(low, high), 1)
    return (east, north), list(town.at(east, north))


def made(town, rng, count):
    """Some random edits, and what makes them really."""
    edits, work, paths, cuts = [], [], [], []
    kinds = ["add", "add_banded", "adrift", "close", "move", "share", "path", "cut", "homes"]
    free = [f"f{n}" for n in range(5)]
    for number, kind in enumerate(rng.permutation(kinds)[:count]):
        if kind in ("add", "add_banded", "adrift"):
            bands = ["3_5", "80_plus"] if kind == "add_banded" else None
            (east, north), at = position(town, rng, *((850, 900) if kind == "adrift" else ()))
            edits.append({"edit": "facility_add", "category": CATEGORY, "position": at, "bands": bands})
            more = {"admits": "age_band", "admits_bands": bands} if bands else {}
            work.append(lambda n=number, e=east, o=north, m=more: town.facility(f"new{n}", e, o, **m))
        elif kind in ("close", "move", "share"):
            code = free.pop(int(rng.integers(len(free))))
            (east, north), at = position(town, rng)
            edits.append({"edit": f"facility_{kind}", "facility": code} | ({"position": at} if kind == "move" else {}))
            work.append(lambda k=kind, c=code, e=east, o=north: change(town, k, c, e, o))
        elif kind == "path":
            path = [(round(rng.uniform(10, 340), 1), 0.0), (round(rng.uniform(360, 1390), 1), 600.0)]
            edits.append({"edit": "path_add", "line": [list(town.at(*one)) for one in path]})
            paths.append(path)
        elif kind == "cut":
            cut = (round(float(rng.choice([100.0, 500.0, 900.0])) + rng.uniform(0, 100), 1), 300.0)
            edits.append({"edit": "path_cut", "position": list(town.at(*cut))})
            cuts.append(cut)
        else:
            who = people(rng)
            (east, north), at = position(town, rng)
            own = {band: who[f"age_{band}_persons"] for band in BANDS}
            edits.append(
                {"edit": "homes_add", "position": at, "residents": who["residents_persons"], "people": own}
            )  # fmt: skip
            work.append(lambda e=east, o=north, w=who: town.homes(e, north_m=o, **w))
    if paths or cuts:
        work.append(lambda: streets(town, paths, cuts))
    return edits, work


def change(town, kind, code, east, north):
    before = next(row for row in facilities(town) if row["code"] == code)
    values = {key: before[key] for key in ("category", "verification", "admits", "admits_bands") if before[key]}
    values |= {"opening_state": "closed" if kind == "close" else "open"}
    if before["admits_area_code"]:
        values["admits_area_code"] = before["admits_area_code"]
    if kind == "share":
        values |= {"admits": "public", "admits_bands": None, "admits_area_code": None}
    at = (east, north) if kind == "move" else None
    if at is None:
        town.put("facilities", [{"code": code, "geometry": before["geometry"], **values}])
    else:
        town.facility(code, east, north, **values)


def facilities(town):
    from geo_service.domain.layers import LAYERS
    from geo_service.storage.frames import read_frame

    columns = ["code", "category", "verification", "admits", "admits_bands", "admits_area_code"]
    with town.store.reading() as conn:
        frame = read_frame(conn, LAYERS["facilities"], columns)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{**row, "geometry": geometry} for row, geometry in zip(rows, frame.geometry, strict=True)]


def test_every_band_walks_by_its_own_profile(town):
    """Within ten minutes a child, a grown-up and an old person walk 583, 667 and 500 m."""
    rng = np.random.default_rng(4)
    settle(town, rng)
    edits, work = made(town, rng, 6)
    asked = {"minutes": 10, "profile": "by_age"}
    question = CoverageQuestion.asked([CATEGORY], **asked)
    before = coverage(town.ctx, question)
    found = analyses.answer(town.ctx, SCENARIO, WhatIfQuestion.asked([CATEGORY], edits=edits, **asked))
    assert found["walkers"]["80_plus"]["limit_m"] == 500.0
    assert_same(found, "before", before)
    for do in work:
        do()
    assert_same(found, "after", coverage(town.ctx, question))


@pytest.mark.parametrize(
    ("store_kind", "seed"),
    [*(("embedded", n) for n in range(8)), ("postgis", 3), ("postgis", 4)],
    indirect=["store_kind"],
)
def test_edits_are_as_if_they_were_made(town, seed):
    rng = np.random.default_rng(seed)
    settle(town, rng)
    edits, work = made(town, rng, 1 + seed % 5)
    before, found, quick = covered(town), ask(town, edits), fast(town, edits)
    assert_same(found, "before", before)
    other = ask(town, list(reversed(edits)))
    assert other["uid"] == found["uid"], "the order of edits is none of the question"
    planner = Actor("p", "planner", areas=("990001001001",))
    told_before, told = covered(town, planner), fast(town, edits, planner)
    for do in work:
        do()
    assert_same(found, "after", covered(town))
    listed = rows_by(found)
    for key, row in rows_by(quick).items():
        assert row == listed[key]
    assert {key for key, row in listed.items() if any(row[f"{one}_difference"] for one in FIGURES)} <= set(
        rows_by(quick)
    )
    if not any(edit["edit"] == "homes_add" for edit in edits):
        assert_told(told, told_before, covered(town, planner))


def assert_told(told, before, after):
    """What is told of both sides is what coverage tells, and what it withholds of either is withheld of both.

    A difference may be told all the same: of those who move, as far as these are five at least.
    """
    for key, row in rows_by(told).items():
        for one in FIGURES[:4]:
            pair = [rows_by(result)[key][one] for result in (before, after)]
            if None in pair:
                found = [row[f"{one}_{side}"] for side in ("before", "after", "difference")]
                assert found[:2] == [None, None], (key, one, pair)
                assert found[2] is None or found[2] % 5 == 0
            else:
                found = [row[f"{one}_before"], row[f"{one}_after"]]
                assert found in (pair, [None, None]), (key, one, found, pair)
                difference = row[f"{one}_difference"]
                assert difference == (pair[1] - pair[0]) or (difference is found[0] is None)


@pytest.fixture
def street(town):
    """Homes along the main street, a supermarket at its start."""
    town.main_street()
    town.community("990001001001", -200, 2200)
    for east, persons in ((0, 30), (900, 10), (1800, 60)):
        town.homes(east, residents_persons=persons, age_80_plus_persons=persons, people_basis="register")
    town.facility("f1", 100)
    return town


def add(town, east):
    return {"edit": "facility_add", "category": CATEGORY, "position": list(town.at(east, -20))}


def total(result, figure="people_covered", band="all"):
    row = next(row for row in result["totals"] if row["band"] == band)
    return [row[f"{figure}_{side}"] for side in ("before", "after", "difference")]


def test_by_hand_one_more_and_one_less(street):
    assert total(ask(street, [add(street, 1800)])) == [30, 90, 60]
    assert total(ask(street, [{"edit": "facility_close", "facility": "f1"}])) == [30, 0, -30]
    moved = {"edit": "facility_move", "facility": "f1", "position": list(street.at(900, 0))}
    assert total(ask(street, [moved])) == [30, 10, -20]
    home = {"edit": "homes_add", "position": list(street.at(150, 10)), "residents": 7}
    assert total(ask(street, [home])) == [30, 37, 7]
    assert total(ask(street, [home]), "people_total") == [100, 107, 7]
    resized = ask(street, [{"edit": "facility_resize", "facility": "f1", "capacity": 9}])
    assert total(resized) == [30, 30, 0]
    assert "note.scenario_capacity_idle" in {note["key"] for note in resized["notes"]}


def moved(result, band="all"):
    row = next(row for row in result["totals"] if row["band"] == band)
    return [row[f"people_{one}"] for one in ("newly_covered", "covered_from_unknown", "no_longer_covered")]


def test_who_was_not_known_before_is_told_apart(street):
    """Within 300 m of an unverified facility at 1900 m it is not known whether those at 1800 m are covered."""
    street.homes(1500, residents_persons=25, age_80_plus_persons=25, people_basis="register")
    street.facility("f2", 2000, verification="unverified")
    found = ask(street, [add(street, 1650)])
    assert moved(found) == moved(found, "80_plus") == [25, 60, 0]
    assert total(found) == [30, 115, 85]
    assert total(found, "people_unknown") == [60, 0, -60]
    everybody = next(row for row in found["totals"] if row["band"] == "all")
    names = ("buildings_newly_covered", "buildings_covered_from_unknown", "buildings_no_longer_covered")
    assert [everybody[name] for name in names] == [1, 1, 0]
    assert moved(ask(street, [{"edit": "facility_close", "facility": "f1"}])) == [0, 0, 30]
    home = {"edit": "homes_add", "position": list(street.at(150, 10)), "residents": 7}
    assert moved(ask(street, [home])) == [0, 0, 0]
    assert moved(fast(street, [add(street, 1650)], Actor("p", "planner"))) == [25, 60, 0]


def test_a_few_people_who_stay_unknown_hide_no_difference(street):
    """What states count is withheld with the two people of whom it is not known; who moves is told."""
    street.homes(100, north_m=450.0, residents_persons=2, age_80_plus_persons=2, people_basis="register")
    found = fast(street, [add(street, 1800)], Actor("p", "planner"))
    assert total(found, "people_unknown") == [None, None, 0]
    assert None in total(found)[:2] + total(found, "people_not_covered")[:2]
    assert (total(found)[2], total(found, "people_not_covered")[2]) == (60, -60)
    assert moved(found) == [60, 0, 0]


def test_nothing_stored_changes_and_a_run_is_found_again(street):
    before = covered(street)["uid"]
    one = ask(street, [add(street, 1800)])
    assert ask(street, [add(street, 1800)])["uid"] == one["uid"]
    assert covered(street)["uid"] == before
    json.dumps(one, allow_nan=False)


def test_what_is_withheld_of_one_side_is_withheld_of_both(street):
    street.homes(905, residents_persons=2, age_80_plus_persons=2, people_basis="register")
    street.community("990001001002", 890, 1000)
    planner = Actor("p", "planner", areas=("990001001001",))
    found = fast(street, [add(street, 900)], planner)
    assert found["rows"]
    for row in (*found["rows"], *found["totals"]):
        for one in FIGURES[:4]:
            sides = [row[f"{one}_{side}"] for side in ("before", "after", "difference")]
            assert (sides[0] is None) == (sides[1] is None)
            assert all(value is None or value % 5 == 0 for value in sides)


def test_scenarios_are_kept_compared_and_made_projects(street):
    ctx = street.ctx
    with ctx.store.writing() as conn:
        one = scenarios.create_scenario(conn, ctx, name="东头", edits=[add(street, 1800)], question={"circle": 5})
        two = scenarios.create_scenario(conn, ctx, name="中间", edits=[add(street, 900)])
    asked = WhatIfQuestion.asked([CATEGORY], scenarios=[one["uid"], two["uid"]], circle=5)
    found = analyses.answer(ctx, SCENARIO, asked)
    everybody = {row["scenario"]: row for row in found["totals"] if row["band"] == "all"}
    assert {row["people_covered_before"] for row in everybody.values()} == {30}
    assert everybody[one["uid"]]["people_covered_after"] == 90
    assert everybody[two["uid"]]["people_covered_after"] == 40
    with ctx.store.writing() as conn:
        edits = [add(street, 900), {"edit": "facility_close", "facility": "f1"}]
        changed = scenarios.change_scenario(conn, ctx, two["uid"], expected_version=1, changes={"edits": edits})
        assert changed["version"] == 2
    again = analyses.answer(ctx, SCENARIO, asked)
    assert again["uid"] != found["uid"]
    with ctx.store.writing() as conn:
        project = scenarios.open_project(conn, ctx, two["uid"])
        assert (project["source"], list(project["measures"])) == (f"scenario/{two['uid']}/2", ["edits"])
        assert (project["name"], project["status"], project["kind"]) == ("中间", "proposed", "other")
        codes = [project["code"], scenarios.open_project(conn, ctx, two["uid"])["code"]]
        day = f"{local_date(ctx.clock(), ctx.timezone):%Y%m%d}"
        assert codes == [f"PJ-{day}-01", f"PJ-{day}-02"]
        scenarios.retire_scenario(conn, ctx, one["uid"], expected_version=1)
        assert [row["uid"] for row in scenarios.list_scenarios(conn, ctx)] == [two["uid"]]
    with ctx.store.reading() as conn, pytest.raises(NotFound, match="scenario_unknown"):
        scenarios.get_scenario(conn, ctx, one["uid"])


def test_the_kind_of_a_project_is_that_of_all_its_edits_or_other(street):
    def kind(*edits):
        with street.store.reading() as conn:
            return scenarios.kind_of(conn, checked_edits(list(edits)))

    toilet = {"edit": "facility_add", "category": "toilet", "position": [116.0, 40.0]}
    path = {"edit": "path_add", "line": [[116.0, 40.0], [116.1, 40.0]]}
    street.facility("t1", 100, category="toilet")
    assert kind(toilet, {"edit": "facility_resize", "facility": "t1", "capacity": 9}) == "toilet"
    assert kind(path) == "road_lane"
    assert kind(toilet, path) == kind({"edit": "facility_close", "facility": "f1"}) == "other"


@pytest.mark.parametrize(
    ("edits", "error", "code"),
    [
        ([], InvalidInput, "scenario_empty"),
        ("x", InvalidInput, "scenario_form"),
        ([{"edit": "fly"}], InvalidInput, "scenario_edit_unknown"),
        ([{"edit": "facility_close"}], InvalidInput, "scenario_field_missing"),
        ([{"edit": "facility_close", "facility": "f1", "why": 1}], InvalidInput, "scenario_field_unknown"),
        ([{"edit": "facility_close", "facility": "nobody"}], InvalidInput, "scenario_facility_unknown"),
        ([{"edit": "facility_close", "facility": "shut"}], InvalidInput, "scenario_facility_not_open"),
        ([{"edit": "gate_open", "gate": "nowhere"}], InvalidInput, "scenario_gate_unknown"),
        ([{"edit": "gate_open", "gate": "g1"}], Conflict, "scenario_gate_open"),
        ([{"edit": "path_add", "line": [[116.0, 40.0], [117.0, 41.0]]}], InvalidInput, "scenario_path_off"),
        ([{"edit": "path_cut", "position": [116.0, 40.3]}], InvalidInput, "scenario_cut_off"),
        ([{"edit": "path_cut", "position": [200, 40.3]}], InvalidInput, "scenario_field_value"),
        ([{"edit": "path_cut", "position": [float("nan"), 40.3]}], InvalidInput, "scenario_field_value"),
        (
            [{"edit": "homes_add", "position": [116.0, 40.0], "residents": -1}],
            InvalidInput,
            "scenario_people_negative",
        ),
        (
            [{"edit": "homes_add", "position": [116.0, 40.0], "residents": 1, "people": {"0_2": 2}}],
            InvalidInput,
            "scenario_people_over",
        ),
        (
            [
                {"edit": "facility_close", "facility": "f1"},
                {"edit": "facility_move", "facility": "f1", "position": [116.0, 40.0]},
            ],
            Conflict,
            "scenario_contradiction",
        ),
        ([{"edit": "facility_close", "facility": "f1"}] * 201, TooMuch, "scenario_too_many"),
    ],
)
def test_bad_edits_are_refused_with_a_sentence_that_names_them(street, edits, error, code):
    from shapely.geometry import Point

    street.facility("shut", 500, opening_state="closed")
    street.put("gates", [{"code": "g1", "geometry": Point(street.at(10, 0)), "passes": "everyone"}])
    with pytest.raises(error, match=code) as caught:
        fast(street, edits)
    for lang in ("zh", "en"):
        assert "{" not in caught.value.sentence(lang).replace('{"edit"', "")


def test_only_its_maker_and_admins_change_a_scenario(street):
    ctx = street.ctx
    mine, other = (replace(ctx, actor=Actor(name, "planner")) for name in ("mine", "other"))
    with ctx.store.writing() as conn:
        made_one = scenarios.create_scenario(conn, mine, name="x", edits=[add(street, 900)])
        with pytest.raises(Exception, match="forbidden"):
            scenarios.change_scenario(conn, other, made_one["uid"], expected_version=1, changes={"name": "y"})
        assert scenarios.get_scenario(conn, other, made_one["uid"])["name"] == "x"
        with pytest.raises(Conflict, match="scenario_changed"):
            scenarios.change_scenario(conn, mine, made_one["uid"], expected_version=7, changes={"name": "y"})


def test_opening_a_gate_is_as_if_it_were_open(town):
    from shapely.geometry import MultiPolygon, Point, box

    town.streets(
        [
            [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0)],
            [(0.0, 200.0), (300.0, 200.0), (600.0, 200.0)],
            [(0.0, 0.0), (0.0, 200.0)],
            [(300.0, 0.0), (300.0, 200.0)],
        ]
    )
    town.community("990001001001", -200, 900)
    outline = MultiPolygon([box(*town.at(200, 50), *town.at(400, 150))])
    row = {"code": "990001001001Q01", "name": "q", "level": "quarter", "geometry": outline, "closure": "closed"}
    town.put("areas", [row])
    for code, north in (("g1", 50), ("g2", 150)):
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": "residents"}])
    for east, north in ((310, 100), (290, -10), (590, -10)):
        town.homes(east, north_m=north, residents_persons=30, people_basis="register")
    town.facility("f1", 290, 220)
    edits = [{"edit": "gate_open", "gate": "g1"}, {"edit": "gate_open", "gate": "g2"}]
    found = ask(town, edits)
    assert_same(found, "before", covered(town))
    assert total(found) == [30, 60, 30]
    assert "note.gate_open_idle" not in {note["key"] for note in found["notes"]}
    through = {"edit": "path_add", "line": [list(town.at(300, 100)), list(town.at(400, 0))]}
    with pytest.raises(InvalidInput, match="scenario_path_through_wall"):
        fast(town, [through])
    for code, north in (("g1", 50), ("g2", 150)):
        town.put("gates", [{"code": code, "geometry": Point(town.at(300, north)), "passes": "everyone"}])
    assert_same(found, "after", covered(town))
