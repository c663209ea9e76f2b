"""An attacker with every answer a planner, a resident or a unit can get learns no number of fewer than five people.

Differencing over areas, levels, categories, limits (1000 m against 995 m), dates (a household more), points, tiles of
neighbouring zooms, sort orders and exports.
"""

import csv
import itertools
import json
from dataclasses import replace

import mapbox_vector_tile
import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box

from geo_service.analysis.coverage import ALL
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.privacy import PEOPLE_FIELDS
from geo_service.foundation.errors import InvalidInput
from geo_service.services import features, reports, runs, tiles
from geo_service.services.circles import service_circles
from geo_service.services.coverage import coverage
from geo_service.services.questions import CoverageQuestion
from geo_service.services.results import write_coverage
from geo_service.services.told import shown_result
from geo_service.services.what_if import WhatIfQuestion, evaluate
from tests.services.attack import Puzzle, gives_away

CATEGORIES = ["supermarket", "toilet"]
STATES = {"not_covered": 0, "covered": 1, "unknown": 2}
BANDS = ("0_2", "80_plus")
DISTRICT = "990001"
AREAS = {"990001001001": (-200, 700), "990001001002": (700, 1400), "990001001003": (1400, 2200)}
GRIDS = {f"G{n}": (-200 + 600 * n, 400 + 600 * n) for n in range(4)}
CELLS = {f"U{n}": (-200 + 150 * n, -50 + 150 * n) for n in range(16)}
EASTS = [40.0 * n + 7 for n in range(50)]
LIMITS = [{"circle": 15}, {"minutes": 14.925}, {"circle": 5}]  # 1000 m, 995 m, 300 m
CHANGED, MORE = "h1407", 3
PLANNER = Actor("planner", "planner", areas=(DISTRICT,))
READERS = [Actor("resident", "resident"), Actor("unit", "unit"), Actor("official", "official", areas=("990002",))]


def crowd():
    """People of every home by band: many homes of a few, one area's uncovered ones three in all."""
    numbers = np.random.default_rng(20260331)
    told = {}
    for east in EASTS:
        young, old = int(numbers.integers(0, 3)), int(numbers.integers(0, 4))
        people = young + old + int(numbers.integers(0, 9))
        if east >= 1900:
            young, old, people = 1, 0, 1
        told[f"h{east:g}"] = {ALL: people, "0_2": young, "80_plus": old}
    return told


def counts_of(people):
    """Return the counts of a home as its row has them."""
    return {"residents_persons": people[ALL], **{f"age_{band}_persons": people[band] for band in BANDS}}


def put_home(town, code, people, **more):
    town.homes(float(code[1:]), people_basis="register", **counts_of(people), **more)


@pytest.fixture
def community(town):
    town.main_street()
    for code, (west, east) in {DISTRICT: (-200, 2200), "990001001": (-200, 2200), **AREAS}.items():
        town.community(code, west, east)
    for kind, cells in (("governance", GRIDS), ("unit", CELLS)):
        outlines = {
            code: MultiPolygon([box(*town.at(west, -400), *town.at(east, 400))]) for code, (west, east) in cells.items()
        }
        town.put("grids", [{"code": c, "name": None, "kind": kind, "geometry": shape} for c, shape in outlines.items()])
    people = crowd()
    town.each_home({float(code[1:]): counts_of(one) for code, one in people.items()}, people_basis="register")
    town.homes(2100, use="other", residents_persons=2)
    town.homes(2140, use="other")
    town.homes(2180, use="commercial", households_count=0, residents_persons=0, people_basis="households")
    town.facility("f1", 300)
    town.facility("f2", 1500, category="toilet")
    return town


def place_of(code, cells):
    east = float(code[1:])
    return next(name for name, (low, high) in cells.items() if low <= east < high)


class Collected:
    """All a reader was told of coverage: each figure with the homes it counts, as the reader can work out."""

    def __init__(self):
        self.figures, self.secrets, self.lines = [], [], []

    def take(self, town, actor, people, date):
        for limit, by in itertools.product(LIMITS, ("community", "street", "grid", "unit_grid")):
            question = CoverageQuestion.asked(CATEGORIES, by=by, **limit)
            uid = coverage(town.ctx, question)["uid"]
            with town.store.reading() as conn:
                ctx = replace(town.ctx, actor=actor)
                run = runs.get_run(conn, ctx, uid)
                told, exact = shown_result(conn, ctx, run), runs.run_result(run)
                homes = runs.run_homes(conn, ctx, uid)
                codes = dict(rows_of(conn))
            shown = [codes[int(one)] for one in homes["building_id"][homes["is_told"]]]
            state = homes["state"][homes["is_told"]]
            cells = {"community": AREAS, "street": {"990001001": (-200, 2200)}, "grid": GRIDS, "unit_grid": CELLS}[by]
            self.table(told, exact, shown, state, cells, people, date)

    def table(self, told, exact, codes, state, cells, people, date):
        truth = {(r["category"], r["band"], r["code"]): r for r in exact["rows"] + exact["totals"]}
        for row in told["rows"] + told["totals"]:
            lies = [row["code"] is None or place_of(code, cells) == row["code"] for code in codes]
            place = CATEGORIES.index(row["category"])
            for name in (*STATES, "total"):
                fits = [here and (name == "total" or state[n, place] == STATES[name]) for n, here in enumerate(lies)]
                who = frozenset(
                    (code + (date if code == CHANGED else ""), row["band"])
                    for code, here in zip(codes, fits, strict=True)
                    if here
                )
                figure = row[f"people_{name}"]
                real = truth[row["category"], row["band"], row["code"]][f"people_{name}"]
                if figure is None:
                    self.secrets.append((who, sum(people[home.removesuffix("+")][band] for home, band in who)))
                else:
                    assert figure % 5 == 0
                    assert real >= 5 or not who, f"{real} people told as {figure}"
                    self.figures.append((who, figure))
                if figure is None:
                    assert row[f"people_{name}_share"] is None if name != "total" else row["mean_m"] is None
                    assert row["withheld"]
            self.lines.append([row[f"people_{name}"] for name in (*STATES, "total")])


def rows_of(conn):
    from geo_service.storage.frames import read_frame

    frame = read_frame(conn, LAYERS["buildings"], ["id", "code"], geometry=False)
    return zip(frame["id"].astype(int), frame["code"], strict=True)


def puzzle_of(figures, dates=("",), *, rounded=True):
    puzzle = Puzzle(rounded)
    homes = [f"h{east:g}" for east in EASTS] + [CHANGED + date for date in dates if date]
    for home in homes:
        puzzle.add_up((home, ALL), [(home, band) for band in BANDS])
    for who, figure in dict(figures).items():
        puzzle.published(who, figure)
    return puzzle


def few(secrets, most=12):
    """Return some of the withheld cells of one to four people, no two the same."""
    small = sorted({who: count for who, count in secrets if 1 <= count <= 4}.items(), key=lambda one: sorted(one[0]))
    return small[:: max(1, len(small) // most)]


def test_the_attacker_is_able(community):
    """Against figures that are only withheld, and not rounded, it finds what is withheld."""
    collected, people = Collected(), crowd()
    collected.take(community, PLANNER, people, "")
    exact = {}
    for who, _ in collected.figures + collected.secrets:
        count = sum(people[home][band] for home, band in who)
        if count >= 5 or not who:
            exact[who] = count
    puzzle = puzzle_of(exact.items(), rounded=False)
    assert any(gives_away(*puzzle.between(who)) for who, _ in few(collected.secrets))


def test_no_run_nor_two_dates_give_few_people_away(community):
    collected, people = Collected(), crowd()
    collected.take(community, PLANNER, people, "")
    after = people | {CHANGED: people[CHANGED] | {ALL: people[CHANGED][ALL] + MORE}}
    put_home(community, CHANGED, after[CHANGED])
    collected.take(community, PLANNER, after, "+")
    assert collected.figures
    assert len(few(collected.secrets)) > 5
    assert not any(line.count(None) == 1 for line in collected.lines), "the total less the others"
    puzzle = puzzle_of(collected.figures, ("", "+"))
    for who, count in few(collected.secrets):
        least, most = puzzle.between(who)
        assert least <= count <= most, "the attacker must not err"
        assert not gives_away(least, most), (sorted(who), count, least, most)
    newcomers = puzzle.between([(CHANGED + "+", ALL)], [(CHANGED, ALL)])
    assert newcomers[0] <= MORE <= newcomers[1]
    assert not gives_away(*newcomers)


def states_by_home(town):
    """Return the state of each home towards a supermarket within 300 m, as maps show it."""
    uid = coverage(town.ctx, CoverageQuestion.asked(["supermarket"], circle=5))["uid"]
    with town.store.reading() as conn:
        homes, codes = runs.run_homes(conn, town.ctx, uid), dict(rows_of(conn))
    shown = homes["is_told"]
    return dict(
        zip([codes[int(one)] for one in homes["building_id"][shown]], homes["state"][shown, 0].tolist(), strict=True)
    )


def suppose(town, east, levels):
    """Return by level what a planner and an admin are told of a facility more, and the states it really brings."""
    edits = [{"edit": "facility_add", "category": "supermarket", "position": list(town.at(east, -20))}]
    told = {}
    with town.store.reading() as conn:
        for by in levels:
            asked = WhatIfQuestion.asked(["supermarket"], edits=edits, by=by, circle=5)
            told[by] = [evaluate(conn, replace(town.ctx, actor=actor), asked) for actor in (PLANNER, LOCAL_ADMIN)]
    town.facility("new", east, -20)
    after = states_by_home(town)
    town.facility("new", east, -20, opening_state="closed")
    return told, after


MOVED = {"newly_covered": ("not_covered", "covered"), "covered_from_unknown": ("unknown", "covered")}


def told_of(row, before, after, lies):
    """Return every figure of a row with the homes it counts and those it takes off, None where it is withheld."""

    def who(states, name):
        return {(code, row["band"]) for code, state in states.items() if lies(code) and state == STATES[name]}

    for name in STATES:
        was, then = who(before, name), who(after, name)
        yield was, set(), row[f"people_{name}_before"]
        yield then, set(), row[f"people_{name}_after"]
        yield then - was, was - then, row[f"people_{name}_difference"]
    for move, (one, other) in MOVED.items():
        yield who(before, one) & who(after, other), set(), row[f"people_{move}"]


def test_before_after_and_difference_of_what_ifs_give_few_people_away(community):
    """Two homes of one person each stay not known (or become covered), whatever facility is added."""
    community.facility("f3", 2150, verification="unverified")
    levels = {"community": AREAS, "street": {"990001001": (-200, 2200)}, "grid": GRIDS}
    before, people, figures, secrets = states_by_home(community), crowd(), {}, []
    for east in (860, 1300, 1850):
        answers, after = suppose(community, east, levels)
        for by, (told, exact) in answers.items():
            real = {(row["band"], row["code"]): row for row in (*exact["rows"], *exact["totals"])}
            for row in (*told["rows"], *told["totals"]):
                inside = {code for code in before if row["code"] in (None, place_of(code, levels[by]))}
                for more, less, figure in told_of(row, before, after, inside.__contains__):
                    if figure is None and not less:
                        secrets.append((frozenset(more), sum(people[home][band] for home, band in more)))
                    elif figure is not None:
                        figures[frozenset(more), frozenset(less)] = figure
                for move in MOVED:
                    if row[f"people_{move}"]:
                        assert real[row["band"], row["code"]][f"people_{move}"] >= 5
    assert any(figure and less for (_, less), figure in figures.items())
    assert len(few(secrets)) > 5
    puzzle = puzzle_of({})
    for (more, less), figure in figures.items():
        puzzle.published(more, figure, less)
    for who, count in few(secrets, most=8):
        least, most = puzzle.between(who)
        assert least <= count <= most, "the attacker must not err"
        assert not gives_away(least, most), (sorted(who), count, least, most)


def test_who_may_not_see_households_is_told_the_same_by_every_door(community, tmp_path):
    uid = coverage(community.ctx, CoverageQuestion.asked(CATEGORIES))["uid"]
    answers = []
    for actor in (PLANNER, *READERS):
        ctx = replace(community.ctx, actor=actor)
        with community.store.reading() as conn:
            answers.append(shown_result(conn, ctx, runs.get_run(conn, ctx, uid)))
    assert all(answer == answers[0] for answer in answers)
    assert "note.people_rounded" in {note["key"] for note in answers[0]["notes"]}
    assert coverage(replace(community.ctx, actor=PLANNER), CoverageQuestion.asked(CATEGORIES)) == answers[0]
    ctx = replace(community.ctx, actor=PLANNER)
    with community.store.reading() as conn:
        for ending in (".json", ".csv", ".gpkg"):
            write_coverage(conn, ctx, tmp_path / f"c{ending}", answers[0])
        page = reports.page_data(
            conn, ctx, shown_result(conn, community.ctx, runs.get_run(conn, ctx, uid), to_anybody=True)
        )
    assert json.loads((tmp_path / "c.json").read_text(encoding="utf-8")) == answers[0]
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.DictReader(file))
    for row, told in zip(written, answers[0]["totals"] + answers[0]["rows"], strict=True):
        assert row["people_covered"] == ("" if told["people_covered"] is None else str(told["people_covered"]))
        assert row["withheld"].lower() == str(told["withheld"]).lower()
    told = {(r["category"], r["code"]): r for r in answers[0]["rows"] if r["band"] == ALL}
    for category in page["categories"]:
        for code, row in zip(AREAS, category["rows"], strict=True):
            assert row["withheld"] == told[category["code"], code]["withheld"]
            assert row["covered"] == (None if row["withheld"] else told[category["code"], code]["people_covered_share"])


def test_own_households_are_exact_and_others_are_told(community):
    uid = coverage(community.ctx, CoverageQuestion.asked(CATEGORIES))["uid"]
    official = replace(community.ctx, actor=Actor("o", "official", areas=("990001001003",)))
    with community.store.reading() as conn:
        run = runs.get_run(conn, official, uid)
        mine, told = shown_result(conn, official, run), shown_result(conn, official, run, to_anybody=True)
        exact = runs.run_result(run)
        assert shown_result(conn, community.ctx, run) == exact
    for row, all_told, real in zip(mine["rows"], told["rows"], exact["rows"], strict=True):
        if row["code"] == "990001001003":
            assert row == real | {"withheld": False}
        else:
            assert row == all_told
    assert mine["totals"] == told["totals"]


def test_a_grid_is_exact_for_whom_it_is_assigned_to_only(community):
    """A grid in an own area may hold homes that a register puts elsewhere."""
    run_uid = coverage(community.ctx, CoverageQuestion.asked(CATEGORIES, by="grid"))["uid"]
    with community.store.reading() as conn:
        run = runs.get_run(conn, community.ctx, run_uid)
        codes = sorted({row["code"] for row in run["result"]["rows"] if row["code"]})
        told = shown_result(conn, community.ctx, run, to_anybody=True)["rows"]
        by_area = replace(community.ctx, actor=Actor("o", "official", areas=("990001001",)))
        assert shown_result(conn, by_area, run)["rows"] == told
        worker = replace(community.ctx, actor=Actor("w", "grid_worker", grids=(codes[0],)))
        mine = shown_result(conn, worker, run)["rows"]
    for row, all_told, real in zip(mine, told, run["result"]["rows"], strict=True):
        assert row == (real | {"withheld": False} if row["code"] == codes[0] else all_told)


def test_a_run_kept_before_tells_no_people(community):
    asked = coverage(community.ctx, CoverageQuestion.asked(CATEGORIES))
    finished = runs.Finished(
        "coverage", "old", {}, {}, {key: asked[key] for key in ("rows", "totals", "notes", "by")}, 1.0
    )
    with community.store.writing() as conn:
        uid = runs.keep_run(conn, community.ctx, finished)["uid"]
    with community.store.reading() as conn:
        old = shown_result(conn, replace(community.ctx, actor=PLANNER), runs.get_run(conn, community.ctx, uid))
    assert {row[f"people_{name}"] for row in old["rows"] + old["totals"] for name in (*STATES, "total")} == {None}


def test_circles_around_points(community):
    """Two circles that differ by one home; a building that is a home by its two residents only is in none."""
    planner = replace(community.ctx, actor=PLANNER)
    found = {}
    with community.store.reading() as conn:
        for east in (1700, 1720, 2000):
            for metres in (100, 140, 180, 400):
                answer = service_circles(conn, planner, points=[community.at(east, 0)], minutes=[metres * 60 / 4000])
                circle = next(f["properties"] for f in answer["features"] if f["properties"]["kind"] == "circle")
                found[east, metres] = circle
    assert any(circle["withheld"] for circle in found.values())
    for circle in found.values():
        assert (circle["people"] is None) == circle["withheld"]
        assert circle["withheld"] or circle["people"] % 5 == 0
    assert found[2000, 140]["buildings"] == sum(1880 <= east <= 2120 for east in EASTS)


def test_lists_of_buildings(community):
    """Rounded, few withheld; no order nor filter tells more."""
    planner, people = replace(community.ctx, actor=PLANNER), crowd()
    with community.store.reading() as conn:
        listed = features.list_rows(conn, planner, LAYERS["buildings"], features.ListQuestion(limit=500)).rows
        for row in listed:
            told = row["residents_persons"]
            assert row["age_0_2_persons"] is None
            if row["code"] in people:
                assert (told is None and row["withheld"]) or (told % 5 == 0 and people[row["code"]][ALL] >= 8)
        others = [row for row in listed if row["code"] not in people]
        assert [row["code"] for row in others] == ["h2100", "h2140", "h2180"], "few, never any, no longer any"
        for row in others:
            assert {row[key] for key in PEOPLE_FIELDS} == {None}
            assert not row["withheld"]
        for key in features.sort_keys(LAYERS["buildings"]):
            if not key.endswith("_persons") and key != "households_count":
                continue
            try:
                rows = features.list_rows(
                    conn, planner, LAYERS["buildings"], features.ListQuestion(limit=500, sort=key)
                ).rows
            except InvalidInput:
                continue
            hidden = [people[r["code"]][ALL] for r in rows if r["residents_persons"] is None and r["code"] in people]
            assert hidden != sorted(hidden), f"sorting by {key} tells the order of withheld numbers"
        for actor in READERS:
            ctx = replace(community.ctx, actor=actor)
            rows = features.list_rows(conn, ctx, LAYERS["buildings"], features.ListQuestion(limit=500)).rows
            assert {row["residents_persons"] for row in rows} == {None}


def test_tiles_of_neighbouring_zooms(community):
    """A cell of one zoom is the sum of its four of the next; nothing but rounded buildings is added up."""
    planner, people = replace(community.ctx, actor=PLANNER), crowd()
    lon, lat = community.at(1000, 20)
    sums = {}
    with community.store.reading() as conn:
        for zoom in (10, 11, 12, 13):
            side = 2**zoom
            x0 = int((lon + 180) / 360 * side)
            y0 = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
            cells = []
            for x, y in itertools.product((x0 - 1, x0, x0 + 1), (y0 - 1, y0, y0 + 1)):
                tile = tiles.make_tile(conn, planner, tiles.TileAddress("buildings", zoom, x, y), tiles.RunsKept())
                layer = mapbox_vector_tile.decode(tile)["buildings"] if tile else {"features": []}
                cells += [feature["properties"] for feature in layer["features"]]
            told = [cell["residents_persons"] for cell in cells if "residents_persons" in cell]
            assert sum(cell["count"] for cell in cells) == len(EASTS) + 3
            assert all(figure % 5 == 0 and figure >= 10 for figure in told)
            sums[zoom] = (sum(told), len(cells))
        resident = replace(community.ctx, actor=READERS[0])
        tile = tiles.make_tile(conn, resident, tiles.TileAddress("buildings", 10, *xy(lon, lat, 10)), tiles.RunsKept())
    every = sum(5 * ((one[ALL] + 2) // 5) for one in people.values())
    assert sums[10][0] <= every
    assert sums[10][1] < sums[13][1]
    assert "residents_persons" not in mapbox_vector_tile.decode(tile)["buildings"]["features"][0]["properties"]


def test_tiles_of_a_run_show_no_home_that_is_one_by_few_people(community):
    uid = coverage(community.ctx, CoverageQuestion.asked(CATEGORIES))["uid"]
    address = tiles.TileAddress("buildings", 16, *xy(*community.at(2100, 20), 16), run=uid)
    shown = {}
    with community.store.reading() as conn:
        kept = tiles.RunsKept()
        for ctx in (community.ctx, replace(community.ctx, actor=PLANNER)):
            layer = mapbox_vector_tile.decode(tiles.make_tile(conn, ctx, address, kept))["buildings"]
            homes = {f["properties"]["code"] for f in layer["features"] if "s_toilet" in f["properties"]}
            shown[ctx.actor.role] = homes
    assert "h2100" in shown["admin"]
    assert shown["planner"] == shown["admin"] - {"h2100"}


def xy(lon, lat, zoom):
    side = 2**zoom
    return int((lon + 180) / 360 * side), int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side)
