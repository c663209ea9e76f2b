"""Everything wrong with the grids and areas of a place in one list, on both stores."""

import json
from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.geometry import MultiPolygon, box

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS as L
from geo_service.foundation.errors import Forbidden, InvalidInput
from geo_service.services.layer_problems import asked_text, layer_problems
from geo_service.services.problem_files import write_problems
from tests.services.conftest import at

HERE, THERE = "990101001001", "990101001002"


def ground(west, south, east, north):
    return MultiPolygon([box(*at(west, south), *at(east, north))])


@pytest.fixture(scope="module")
def seen(kept_town):
    """Two communities of 500 m x 1,000 m below a street of theirs; grids in the western one alone."""
    town = kept_town
    town.community("990101001", 0, 1000)
    town.community(HERE, 0, 500)
    town.community(THERE, 500, 990)
    town.each_home({10: {}, 450: {}, 480: {"registered_grid_code": None}, 900: {}})
    grids = {
        "A": (0, -500, 260, 500, "governance", None),
        "B": (250, -500, 400, 500, "governance", None),
        "U": (0, -500, 100, 500, "unit", None),
        "M1": (0, -500, 100, 500, "department", "民政"),
        "M2": (100, -500, 500, 500, "department", "民政"),
        "D1": (0, -500, 500, 500, "department", "党建"),
        "F1": (50, -500, 300, 500, "department", "应急"),
    }
    town.put(
        "grids",
        [
            {"code": code, "name": None, "geometry": ground(*given[:4]), "kind": given[4], "department": given[5]}
            for code, given in grids.items()
        ],
    )
    return town


def asked(town, layer="grids", actor=None, **more):
    ctx = replace(town.ctx, lang="en", **({"actor": actor} if actor else {}))
    with town.store.reading() as conn:
        return layer_problems(conn, ctx, L[layer], **more)


def told(found):
    return [(one.kind, one.ident, one.others, one.area_m2 and round(one.area_m2, -3)) for one in found.problems]


def test_grids_are_listed_with_all_that_is_wrong(seen):
    found = asked(seen)
    assert told(found) == [
        ("overlap", "A", ("B",), 10_000),
        ("gap", "B", (), 100_000),
        ("homes_outside", None, (), None),
    ]
    assert (found.rows_count, found.problems_count) == (2, 3)
    assert found.counts == {"overlap": 1, "gap": 1, "homes_outside": 1}
    overlap, gap, homes = found.problems
    assert overlap.sentence.startswith('"A", "B" overlap by ')
    assert f'of "area {HERE}" belong to none, beside "B"' in gap.sentence
    assert gap.shape.bounds == pytest.approx((*at(400, -500), *at(500, 500)), abs=1e-6)
    assert f'2 residential buildings of "area {HERE}"' in homes.sentence
    assert asked_text(found.asked, "zh") == "治理网格"


def test_a_departments_grids_are_held_against_the_governance_grids_and_other_departments(seen):
    assert told(asked(seen, department="民政")) == [
        ("crosses_grids", "M2", ("A",), 160_000),
        ("crosses_departments", "M2", ("F1",), 200_000),
        ("crosses_departments", "M1", ("F1",), 50_000),
    ]
    assert 'grid "F1" of 应急' in asked(seen, department="民政").problems[1].sentence
    assert told(asked(seen, department="党建")) == []  # holds the governance grids and all others whole
    assert told(asked(seen, kind="unit")) == [("gap", "U", (), 400_000)]
    assert asked(seen, department="市场监管").rows_count == 0


def test_areas_are_held_against_the_level_above(seen):
    found = asked(seen, "areas")
    assert told(found) == [("gap", THERE, (), 10_000)]
    assert "area 990101001" in found.problems[0].sentence
    assert told(asked(seen, "areas", level="street")) == []


def test_who_and_what_is_refused(seen):
    with pytest.raises(Forbidden):
        asked(seen, actor=Actor("r", "resident"))
    assert asked(seen, actor=Actor("p", "planner")).problems_count == 3
    for more in ({"layer": "buildings"}, {"kind": "other"}, {"layer": "areas", "level": "village"}):
        with pytest.raises(InvalidInput):
            asked(seen, **more)


def test_they_leave_as_files(seen, tmp_path):
    found = asked(seen)
    for ending in (".gpkg", ".geojson", ".csv"):
        with seen.store.reading() as conn:
            write_problems(conn, seen.ctx, tmp_path / f"p{ending}", L["grids"], found)
    frame = gpd.read_file(tmp_path / "p.gpkg", layer="problems")
    assert list(frame["kind"]) == ["overlap", "gap", "homes_outside"]
    assert json.loads((tmp_path / "p.geojson").read_text())["problems_count"] == 3
    assert len((tmp_path / "p.csv").read_text("utf-8-sig").splitlines()) == 4
