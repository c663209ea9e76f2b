"""Coverage by area, grid and band, kept as runs."""

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import MultiPolygon, box

from geo_service.analysis.coverage import ROW_COLUMNS
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services import runs
from geo_service.services.coverage import coverage
from geo_service.services.limit_rules import LIMIT_COLUMNS
from geo_service.services.questions import CoverageQuestion
from geo_service.services.results import CONSTANT_COLUMNS, write_coverage

LEFT, RIGHT = "990001001001", "990001001002"


def ask(town, categories=("supermarket",), **more):
    asked = {"circle": None if "minutes" in more else 15} | more
    return coverage(town.ctx, CoverageQuestion.asked(list(categories), **asked))


def rows(result, **wanted):
    listed = [row for row in result["rows"] if all(row[key] == value for key, value in wanted.items())]
    return {row["code"]: row for row in listed}


def people(town):
    """Write two communities of one street office, people in them, a supermarket at 100 m."""
    town.main_street()
    town.community("990001", -200, 2200)
    town.community("990001001", -200, 2200)
    town.community(LEFT, -200, 1000)
    town.community(RIGHT, 1000, 2200)
    town.homes(0, residents_persons=30, age_0_2_persons=10, age_80_plus_persons=20, people_basis="register")
    town.homes(900, residents_persons=10, age_0_2_persons=1, age_80_plus_persons=9, people_basis="register")
    town.homes(1800, residents_persons=60, age_0_2_persons=0, age_80_plus_persons=60, people_basis="register")
    town.facility("f1", 100)
    return town


@pytest.fixture
def peopled(town):
    """The town with its people, to be changed."""
    return people(town)


@pytest.fixture(scope="module")
def seen(kept_town):
    """The town with its people, for looking only."""
    return people(kept_town)


def test_people_and_buildings_by_community(seen):
    result = ask(seen)
    found = rows(result, band="all")
    left, right = found[LEFT], found[RIGHT]
    assert (left["people_total"], left["people_covered"], left["people_covered_share"]) == (40, 40, 1.0)
    assert (left["buildings_total"], left["buildings_covered"]) == (2, 2)
    assert (right["people_total"], right["people_not_covered"], right["people_not_covered_share"]) == (60, 60, 1.0)
    assert left["mean_m"] == pytest.approx((30 * 140 + 10 * 840) / 40, rel=1e-3)
    assert right["mean_s"] == pytest.approx(right["mean_m"] * 3.6 / 4, abs=0.02)
    assert result["people_basis"] == "register"
    assert result["limit"] == {"kind": "distance", "metres": 1000.0, "minutes": 15.0}
    total = next(row for row in result["totals"] if row["band"] == "all")
    assert (total["people_total"], total["people_covered"], total["people_covered_share"]) == (100, 40, 0.4)
    assert total["buildings_covered_share"] == pytest.approx(2 / 3, abs=1e-6)


def test_age_bands(seen):
    result = ask(seen, by="street")
    old = next(row for row in result["rows"] if row["band"] == "80_plus")
    assert (old["people_total"], old["people_covered"]) == (89, 29)
    assert {row["band"] for row in result["rows"]} == {"all", "0_2", "80_plus"}


def test_a_facility_for_one_band_covers_that_band_only(peopled):
    peopled.facility("f2", 1800, admits="age_band", admits_bands=["80_plus"])
    result = ask(peopled, by="street")
    covered = {row["band"]: row["people_covered"] for row in result["rows"]}
    assert covered["80_plus"] == 89
    assert covered["0_2"] == 11
    assert "note.admits_bands" in {note["key"] for note in result["notes"]}


def test_all_ages_are_the_sum_of_the_bands_that_are_admitted(peopled):
    """A kindergarten covers its children, not everybody in the house."""
    peopled.facility("k1", 0, category="kindergarten", admits="age_band", admits_bands=["0_2"])
    result = ask(peopled, ["kindergarten", "supermarket"])
    row = rows(result, band="all", category="kindergarten")[LEFT]
    assert (row["people_total"], row["people_covered"], row["people_not_covered"]) == (40, 11, 29)
    assert row["people_covered_share"] == pytest.approx(11 / 40)
    assert (row["buildings_covered"], row["buildings_not_covered"]) == (2, 0), "a building counts by any facility"
    assert row["mean_m"] == pytest.approx((10 * 40 + 1 * 940) / 11, rel=1e-3)
    assert row["reached_share"] == pytest.approx(11 / 40)
    assert rows(result, band="all", category="supermarket")[LEFT]["people_covered"] == 40
    total = next(r for r in result["totals"] if r["band"] == "all" and r["category"] == "kindergarten")
    assert (total["people_total"], total["people_covered"]) == (100, 11)


def test_people_of_unknown_age_are_not_known_where_only_some_ages_are_admitted(peopled):
    peopled.homes(50, residents_persons=7)
    peopled.facility("k1", 0, category="kindergarten", admits="age_band", admits_bands=["0_2"])
    found = rows(ask(peopled, ["kindergarten"]), band="all")[LEFT]
    assert (found["people_covered"], found["people_not_covered"], found["people_unknown"]) == (11, 29, 7)
    peopled.facility("k2", 60, category="kindergarten")
    found = rows(ask(peopled, ["kindergarten"]), band="all")[LEFT]
    assert (found["people_total"], found["people_covered"], found["people_unknown"]) == (47, 47, 0)


def test_rows_say_of_how_many_buildings_people_are_not_known(peopled):
    peopled.homes(40, 60)
    found = rows(ask(peopled), band="all")
    assert (found[LEFT]["buildings_without_people"], found[LEFT]["buildings_total"]) == (2, 4)
    assert found[RIGHT]["buildings_without_people"] == 0
    peopled.community("990001001003", 2200, 3000)
    peopled.homes(2300)
    third = rows(ask(peopled), band="all")["990001001003"]
    assert (third["people_total"], third["buildings_without_people"]) == (None, 1)


def test_three_shares_add_up(peopled):
    peopled.facility("f1", 100, verification="unverified")
    found = rows(ask(peopled), band="all")[LEFT]
    assert (found["people_unknown"], found["people_covered"], found["unknown_facility_unverified"]) == (40, 0, 2)
    assert found["people_unknown_share"] + found["people_covered_share"] + found["people_not_covered_share"] == 1


@pytest.mark.parametrize(
    ("asked", "used"),
    [("quarter", "community"), ("grid", "community"), ("unit_grid", "community"), ("city", "district")],
)
def test_a_missing_level_is_replaced_by_the_nearest_one_and_says_so(seen, asked, used):
    result = ask(seen, by=asked)
    assert (result["by"], result["by_requested"]) == (used, asked)
    note = next(note for note in result["notes"] if note["key"] == "note.by_nearest_level")
    assert note["facts"] == {"asked": asked, "used": used}
    assert "{" not in note["zh"] + note["en"]


def test_by_grid_and_unit_grid(peopled):
    outline = MultiPolygon([box(*peopled.at(-200, -500), *peopled.at(500, 500))])
    peopled.put(
        "grids",
        [
            {"code": "G1", "name": "grid one", "kind": "governance", "geometry": outline},
            {"code": "U1", "name": None, "kind": "unit", "geometry": outline},
        ],
    )
    for by, code in (("grid", "G1"), ("unit_grid", "U1")):
        result = ask(peopled, by=by)
        found = rows(result, band="all")
        assert result["by"] == by
        assert found[code]["people_total"] == 30
        assert (found[None]["level"], found[None]["people_total"]) == ("none", 70)
    assert {row["band"] for row in result["rows"]} == {"all"}
    assert {row["band"] for row in result["totals"]} == {"all", "0_2", "80_plus"}


def test_homes_outside_every_area_are_listed_apart(peopled):
    peopled.homes(2300, residents_persons=5)
    result = ask(peopled)
    assert rows(result, band="all")[None]["people_total"] == 5
    assert "note.homes_in_no_area" in {note["key"] for note in result["notes"]}


def test_without_areas_there_is_one_row(town):
    town.main_street()
    town.homes(0)
    town.facility("f1", 100)
    result = ask(town)
    assert [(row["level"], row["code"], row["buildings_covered"]) for row in result["rows"]] == [("total", None, 1)]
    assert result["people_basis"] == "no_data"
    assert result["rows"][0]["people_total"] is None
    assert result["rows"][0]["people_covered_share"] is None


def test_buildings_of_unknown_use_are_left_out_and_counted(town):
    town.main_street()
    town.facility("f1", 100)
    town.homes(0, 50, use="unknown")
    with pytest.raises(InvalidInput, match="no_homes_use_unknown") as caught:
        ask(town)
    assert caught.value.facts == {"count": 2}
    town.homes(90)
    town.homes(120, use="unknown", residents_persons=4)
    result = ask(town)
    assert result["totals"][0]["buildings_total"] == 2
    assert [note["facts"] for note in result["notes"] if note["key"] == "note.use_unknown"] == [{"count": 2}]


def test_an_estimate_is_called_one(town):
    town.main_street()
    town.homes(0, residents_persons=9, people_basis="estimate")
    town.homes(50, residents_persons=9, people_basis="households")
    town.homes(90)
    result = ask(town)
    assert result["people_basis"] == "estimate"
    assert {"note.people_estimate", "note.people_partly"} <= {note["key"] for note in result["notes"]}


def test_inventory_statements_of_the_area_or_above(peopled):
    said = {"category": "supermarket", "is_complete": True, "declared_on": "2026-01-01", "declared_by": "x"}
    peopled.put("inventory_statements", [{"code": "s1", "statement_area_code": "990001001", **said}])
    assert [row["inventory_complete"] for row in rows(ask(peopled), band="all").values()] == [True, True]
    later = said | {"is_complete": False, "declared_on": "2026-02-01"}
    peopled.put("inventory_statements", [{"code": "s2", "statement_area_code": RIGHT, **later}])
    result = ask(peopled, categories=["supermarket", "toilet"])
    found = rows(result, band="all", category="supermarket")
    assert (found[LEFT]["inventory_complete"], found[RIGHT]["inventory_complete"]) == (True, False)
    assert rows(result, band="all", category="toilet")[LEFT]["inventory_complete"] is None
    assert next(row for row in result["totals"])["inventory_complete"] is False


def test_same_inputs_give_the_stored_run(peopled):
    first = ask(peopled)
    peopled.moment += timedelta(days=1)
    assert ask(peopled)["uid"] == first["uid"], "another day on which nothing expired"
    both = ["supermarket", "toilet"]
    assert ask(peopled, both, circle=None)["uid"] == ask(peopled, both)["uid"], "15 is what several are asked without"
    assert ask(peopled, circle=None)["limit"]["metres"] != 1000, "one has the limit of its own"
    assert ask(peopled, circle=10)["uid"] != first["uid"]
    assert ask(peopled, minutes=15)["uid"] != first["uid"]
    assert ask(peopled, profile="elder")["uid"] != first["uid"]
    peopled.homes(40, residents_persons=1)
    assert ask(peopled)["uid"] != first["uid"]


def test_an_edited_profile_is_another_input(seen):
    asked = CoverageQuestion.asked(["supermarket"], circle=15)
    first = coverage(seen.ctx, asked)
    slower = replace(asked, profile=replace(asked.profile, speed_m_s=0.5))
    second = coverage(seen.ctx, slower)
    assert second["uid"] != first["uid"]
    assert second["totals"][0]["mean_s"] == pytest.approx(second["totals"][0]["mean_m"] / 0.5, abs=0.02)
    assert coverage(seen.ctx, replace(asked, profile=replace(asked.profile, step_free=True)))["uid"] != first["uid"]
    farther = replace(asked, limit=replace(asked.limit, metres=1200.0))
    assert coverage(seen.ctx, farther)["uid"] != first["uid"]
    assert coverage(seen.ctx, asked)["uid"] == first["uid"]


@pytest.mark.parametrize("ending", [".json", ".csv"])
def test_a_run_is_written_the_same_every_time(seen, tmp_path, ending):
    files = [tmp_path / f"{name}{ending}" for name in ("first", "second")]
    for file in files:
        result = ask(seen)
        with seen.store.reading() as conn:
            write_coverage(conn, seen.ctx, file, result)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_every_row_of_the_csv_says_what_it_is(seen, tmp_path):
    result = ask(seen, minutes=10, profile="elder")
    with seen.store.reading() as conn:
        write_coverage(conn, seen.ctx, tmp_path / "c.csv", result)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        written = list(table)
        columns = list(table.fieldnames or ())
    assert columns == [*ROW_COLUMNS, *LIMIT_COLUMNS, *CONSTANT_COLUMNS]
    limits = {tuple(row[name] for name in ("limit_kind", "limit_m", "minutes", "rules")) for row in written}
    assert limits == {("time", "500.0", "10", "")}
    assert columns[-1] == "attribution"
    assert len(written) == len(result["totals"]) + len(result["rows"])
    same = {tuple(row[name] for name in CONSTANT_COLUMNS) for row in written}
    assert same == {("register", result["uid"], "elder", "; ".join(result["attribution"]))}


def test_files_name_the_rules_a_limit_rests_on(seen, tmp_path):
    result = ask(seen, ["kindergarten"], circle=None)
    with seen.store.reading() as conn:
        for ending in ("csv", "gpkg"):
            write_coverage(conn, seen.ctx, tmp_path / f"c.{ending}", result)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["limit_kind"], row["limit_m"], row["rules"].split("; ")[0]) == (
        "distance",
        "300.0",
        "GB50180-C05-KG v1",
    )
    (rule,) = result["rules"]
    assert row["rule_clauses"].startswith(f"{rule['clauses'][0]['standard']} {rule['clauses'][0]['clause']}")
    assert row["rule_evidence"].split("; ")[0] == rule["clauses"][0]["evidence"]
    for layer in ("coverage", "totals"):
        table = gpd.read_file(tmp_path / "c.gpkg", layer=layer)
        assert {name: table.iloc[0][name] for name in ("rules", "rule_clauses")} == {
            name: row[name] for name in ("rules", "rule_clauses")
        }


def test_the_document_names_every_column():
    text = Path(__file__).parents[2].joinpath("docs", "results.md").read_text(encoding="utf-8")
    assert [name for name in (*ROW_COLUMNS, *LIMIT_COLUMNS, *CONSTANT_COLUMNS) if f"`{name}`" not in text] == []


def test_an_expired_verification_is_another_input(peopled):
    peopled.facility("f1", 100, verified_on="2026-06-01")
    first = ask(peopled)
    peopled.moment += timedelta(days=3650)
    second = ask(peopled)
    assert second["uid"] != first["uid"]
    assert rows(second, band="all")[LEFT]["people_unknown"] == 40


def test_another_street_is_another_input(peopled):
    first = ask(peopled)
    peopled.main_street(extent=(-5000, -5000, 7500, 5000))
    assert ask(peopled)["uid"] != first["uid"]


def test_the_run_keeps_every_home(peopled):
    uid = ask(peopled, categories=["toilet", "supermarket"])["uid"]
    with peopled.store.reading() as conn:
        homes = runs.run_homes(conn, peopled.ctx, uid)
        listed = runs.list_runs(conn, peopled.ctx, kind="coverage")
        assert runs.list_runs(conn, peopled.ctx, kind="other") == []
        with pytest.raises(NotFound, match="run_unknown"):
            runs.get_run(conn, peopled.ctx, "none")
    assert list(homes["categories"]) == ["supermarket", "toilet"]
    assert homes["metres"].shape == homes["state"].shape == (3, 2)
    assert homes["metres"].dtype == np.float32
    assert homes["metres"][0, 0] == pytest.approx(140, rel=1e-3)
    assert np.isinf(homes["metres"][:, 1]).all()
    assert homes["state"][:, 0].tolist() == [1, 0, 1]  # by code: h0, h1800, h900
    assert (homes["facility_id"][:, 1] == -1).all()
    assert [run["uid"] for run in listed] == [uid]


def test_progress_is_told(peopled):
    ask(peopled)
    shares = [share for share, _ in peopled.heard if share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_wrong_questions(town):
    with pytest.raises(NotFound, match="category_unknown"):
        ask(town, categories=["pub"])
    with pytest.raises(InvalidInput, match="limit_twice"):
        ask(town, circle=5, minutes=5)
    with pytest.raises(InvalidInput, match="circle_unknown"):
        ask(town, circle=7)
    for minutes in (0, -1, 1000):
        with pytest.raises(InvalidInput, match="minutes_out_of_range"):
            ask(town, minutes=minutes)
    with pytest.raises(InvalidInput, match="by_unknown"):
        ask(town, by="planet")
    with pytest.raises(InvalidInput, match="no_network"):
        ask(town)
    town.main_street()
    with pytest.raises(InvalidInput, match="no_homes"):
        ask(town)


def test_no_facility_of_a_category_is_an_answer(seen):
    result = ask(seen, categories=["metro"])
    assert rows(result, band="all")[LEFT]["people_not_covered"] == 40
    note = next(note for note in result["notes"] if note["key"] == "note.no_facilities")
    assert note["facts"] == {"categories": ["metro"]}
    assert "轨道交通" in note["zh"]
