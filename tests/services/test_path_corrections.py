"""Corrections of the walking network, on both stores: coverage counts with them, the source stays as it is."""

import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString

from geo_service.domain.layers import LAYERS
from geo_service.services import networks
from geo_service.services.runs import get_run
from geo_service.storage import rows
from geo_service.storage.ways import read_ways
from tests.services.test_what_if import FIGURES, covered, fast, rows_by, settle


def correct(town, code, *lines, **more):
    shape = MultiLineString([LineString([town.at(*place) for place in line]) for line in lines])
    town.put("path_corrections", [{"code": code, "geometry": shape, "kind": "missing", **more}])


@pytest.mark.parametrize("seed", [2, 9])  # where path and cut change what is covered
def test_coverage_is_that_of_a_what_if_with_the_same_path_and_cut(town, seed):
    rng = np.random.default_rng(seed)
    settle(town, rng)
    path, cut = [(120.0, 3.0), (500.0, 297.0)], (520.0, 300.0)
    edits = [
        {"edit": "path_add", "line": [list(town.at(*one)) for one in path]},
        {"edit": "path_cut", "position": list(town.at(*cut))},
    ]
    supposed = fast(town, edits)
    correct(town, "PC1", path, is_snap_target=False)  # a supposed path is one nobody steps onto from beside it
    correct(town, "PC2", [(520.0, 295.0), (520.0, 305.0)], kind="blocked")
    theirs = rows_by(covered(town))
    told = [row for row in rows_by(supposed).items() if row[0][2] == "all"]
    assert any(row["buildings_covered_after"] != row["buildings_covered_before"] for _, row in told)
    for key, row in told:
        assert {name: row[f"{name}_after"] for name in FIGURES} == {name: theirs[key][name] for name in FIGURES}


def test_a_correction_outlasts_the_next_import_and_can_be_taken_back(town):
    town.streets([[(0.0, 0.0), (400.0, 0.0)], [(0.0, 200.0), (400.0, 200.0)]])
    town.community("990001001001", -200, 700)
    town.homes(100, north_m=10, residents_persons=7, people_basis="register")
    town.facility("f1", 100, 210)
    plain = covered(town)
    assert [row["people_covered"] for row in plain["totals"] if row["band"] == "all"] == [0]
    with town.store.reading() as conn:
        stored = read_ways(conn)
    correct(town, "PC1", [(100.0, 0.0), (100.0, 200.0)])
    first = covered(town)
    assert [row["people_covered"] for row in first["totals"] if row["band"] == "all"] == [7]
    town.streets([[(0.0, 0.0), (400.0, 0.0)], [(0.0, 200.0), (390.0, 200.0)]])
    again = covered(town)
    assert [row["people_covered"] for row in again["totals"] if row["band"] == "all"] == [7]
    with town.store.reading() as conn:
        assert read_ways(conn).codes == stored.codes
        assert get_run(conn, town.ctx, again["uid"])["inputs"]["layers"]["path_corrections"] == 1
    with town.store.writing() as conn:
        rows.retire(conn, LAYERS["path_corrections"], "PC1", 1, "no path there", actor=town.ctx.actor, now=town.moment)
    assert [row["people_covered"] for row in covered(town)["totals"] if row["band"] == "all"] == [0]


def test_corrections_of_other_places_change_nothing(town):
    town.main_street()
    with town.store.reading() as conn:
        before = networks.open_networks(conn, town.ctx)[0].network
    correct(town, "PC1", [(60000.0, 0.0), (60100.0, 0.0)])
    with town.store.reading() as conn:
        after = networks.open_networks(conn, town.ctx)[0].network
    assert after.fingerprint == before.fingerprint
