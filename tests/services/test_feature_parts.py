"""Rows split and merged, on both stores: nothing is lost, nothing is counted twice, all or nothing."""

import json
from datetime import UTC, datetime

import pytest
import shapely
from shapely.geometry import LineString, Point, box

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS as L
from geo_service.foundation.errors import (
    Conflict,
    Forbidden,
    GeoServiceError,
    InvalidInput,
    NotFound,
    StaleVersion,
    TooMuch,
)
from geo_service.services import feature_pieces
from geo_service.services.context import Context
from geo_service.services.feature_history import list_versions, restore_row
from geo_service.services.feature_parts import merge_rows, split_row
from geo_service.storage import audit_lines, rows
from tests.community import HERE, LAT, LON, settle

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def drawn(shape):
    return json.loads(shapely.to_geojson(shape))


ACROSS = drawn(LineString([(LON + 0.0001, LAT - 1), (LON + 0.0001, LAT + 1)]))
OFFICIAL = Actor("o", "official", areas=(HERE,))


@pytest.fixture
def desk(store, tmp_path):
    settle(store, NOW)

    def ask(story, layer, *given, actor=OFFICIAL, **more):
        with store.writing() as conn:
            return story(conn, Context(store, actor, lambda: NOW, tmp_path, "en"), L[layer], *given, **more)

    return ask


def put(store, layer, code, geom, **values):
    with store.writing() as conn:
        return rows.insert(conn, L[layer], {"code": code, "geom": geom, **values}, actor=LOCAL_ADMIN, now=NOW)


def area(row):
    return row["geom"].area


def test_a_split_and_the_merge_of_its_parts_lose_nothing(desk, store):
    put(store, "green_spaces", "GS", box(LON, LAT, LON + 0.0003, LAT + 0.0002), kind="park", name="绿地", area_m2=600.0)
    parted = desk(split_row, "green_spaces", "GS", line=ACROSS, versions={"GS": 1}, codes=["GS-W"])
    kept, made = parted.rows
    assert (kept["code"], kept["version"], made["code"], made["version"]) == ("GS", 2, "GS-W", 1)
    assert area(kept) == pytest.approx(2 * area(made))  # the largest part keeps the code
    assert (kept["name"], made["name"], made["kind"]) == ("绿地", "绿地 (2)", "park")
    assert (kept["area_m2"], made["area_m2"], made["area_code"]) == (400.0, 200.0, kept["area_code"])
    assert [(one.field, one.values) for one in parted.to_review] == [("area_m2", {"GS": 400.0})]

    merged = desk(merge_rows, "green_spaces", ["GS-W", "GS"], keep="GS", versions={"GS": 2, "GS-W": 1})
    kept, gone = merged.rows
    assert area(kept) == pytest.approx(6e-8)
    assert len(kept["geom"].geoms) == 1
    assert (gone["code"], gone["retired_reason"]) == ("GS-W", "merged into GS")
    assert kept["area_m2"] == 600.0  # added up
    assert [(one.field, one.values) for one in merged.to_review] == [("name", {"GS": "绿地", "GS-W": "绿地 (2)"})]
    back = desk(restore_row, "green_spaces", "GS", version=2, expected_version=3)
    assert area(back) == pytest.approx(4e-8)
    assert desk(restore_row, "green_spaces", "GS-W", version=1, expected_version=2)["retired_at"] is None
    told = desk(list_versions, "green_spaces", "GS").versions
    assert [(one.action, one.cause, one.partners) for one in told] == [
        ("restored", None, ()),
        ("updated", "merged", ("GS-W",)),
        ("updated", "split", ("GS-W",)),
        ("created", None, ()),
    ]
    told = desk(list_versions, "green_spaces", "GS-W").versions
    assert [(one.action, one.cause, one.partners) for one in told] == [
        ("restored", None, ()),
        ("retired", "merged", ("GS",)),
        ("created", "split", ("GS",)),
    ]
    with store.reading() as conn:
        lines = audit_lines.find_lines(conn, audit_lines.LineFilter(layer="green_spaces", actor="o"), 10)
    assert sorted(line["verb"] for line in lines) == [
        "created",
        "restored",
        "restored",
        "retired",
        "updated",
        "updated",
    ]


def test_an_area_recorded_of_one_alone_is_not_that_of_both(desk, store):
    west, east = box(LON, LAT, LON + 0.0001, LAT + 0.0002), box(LON + 0.0001, LAT, LON + 0.0003, LAT + 0.0002)
    put(store, "green_spaces", "GS", west, kind="park", area_m2=200.0)
    put(store, "green_spaces", "GS-E", east, kind="park")
    merged = desk(merge_rows, "green_spaces", ["GS", "GS-E"], keep="GS", versions={"GS": 1, "GS-E": 1})
    assert merged.rows[0]["area_m2"] is None
    assert [(one.field, one.values) for one in merged.to_review] == [("area_m2", {"GS": 200.0, "GS-E": None})]


def test_restoring_tells_whose_ground_it_takes_and_takes_them_along(desk, store):
    put(store, "green_spaces", "GS", box(LON, LAT, LON + 0.0003, LAT + 0.0002), kind="park", name="绿地")
    desk(split_row, "green_spaces", "GS", line=ACROSS, versions={"GS": 1}, codes=["GS-W"])

    def stakes(ident):
        told = desk(list_versions, "green_spaces", ident).versions
        return {one.version: [(p.code, p.name, p.becomes) for p in one.at_stake] for one in told}

    assert stakes("GS") == {2: [], 1: [("GS-W", "绿地 (2)", "doubled")]}
    desk(merge_rows, "green_spaces", ["GS-W", "GS"], keep="GS", versions={"GS": 2, "GS-W": 1})
    assert stakes("GS") == {3: [], 2: [("GS-W", "绿地 (2)", "lost")], 1: []}
    assert stakes("GS-W")[1] == [("GS", "绿地", "doubled")]
    (lost,) = desk(list_versions, "green_spaces", "GS").versions[1].at_stake
    assert (round(lost.area_m2), lost.length_m, lost.version) == (190, None, 2)

    take = {"version": 2, "expected_version": 3}
    with pytest.raises(StaleVersion):
        desk(restore_row, "green_spaces", "GS", **take, partners={"GS-W": 1})
    with pytest.raises(InvalidInput, match="restore_partner"):
        desk(restore_row, "green_spaces", "GS", **take, partners={"green_spaces-A": 1})
    desk(restore_row, "green_spaces", "GS", **take, partners={"GS-W": 2})  # the merge is undone
    assert stakes("GS") == {4: [], 3: [("GS-W", "绿地 (2)", "doubled")], 2: [], 1: [("GS-W", "绿地 (2)", "doubled")]}
    whole = desk(restore_row, "green_spaces", "GS", version=1, expected_version=4, partners={"GS-W": 3})  # so the split
    assert area(whole) == pytest.approx(6e-8)
    with store.reading() as conn:
        partner = rows.get(conn, L["green_spaces"], "GS-W")
    assert (partner["version"], partner["retired_reason"]) == (4, "version 1 of GS restored")
    desk(split_row, "green_spaces", "GS", line=ACROSS, versions={"GS": 5}, codes=["GS-V"])
    desk(merge_rows, "green_spaces", ["GS-V", "GS"], keep="GS", versions={"GS": 6, "GS-V": 1})
    # of two that had the same ground one after the other it is the one of that time
    assert stakes("GS")[6] == [("GS-V", "绿地 (3)", "lost")]
    assert stakes("GS")[2] == [("GS-W", "绿地 (2)", "lost")]


def test_a_line_is_split_and_names_stay_where_they_must(desk, store):
    parted = desk(split_row, "frontages", "frontages-A", line=ACROSS, versions={"frontages-A": 1})
    kept, made = parted.rows
    assert kept["geom"].length == pytest.approx(0.0004)
    with store.reading() as conn:
        assert rows.get(conn, L["frontages"], made["code"])["holder_name"] == "李世民"
    assert made["holder_name"] == "李**"


def test_parts_are_taken_if_they_are_the_whole(desk, store):
    put(store, "public_spaces", "PS", box(LON, LAT, LON + 0.0003, LAT + 0.0002), kind="square")
    west, east = box(LON, LAT, LON + 0.0001, LAT + 0.0002), box(LON + 0.0001, LAT, LON + 0.0003, LAT + 0.0002)
    for parts in ([west], [west, west], [west, box(LON + 0.0002, LAT, LON + 0.0003, LAT + 0.0002)], [east, west, west]):
        with pytest.raises(InvalidInput) as caught:
            desk(split_row, "public_spaces", "PS", parts=[drawn(part) for part in parts], versions={"PS": 1})
        assert caught.value.code == "split_parts_differ"
    parted = desk(split_row, "public_spaces", "PS", parts=[drawn(west), drawn(east)], versions={"PS": 1})
    assert area(parted.rows[0]) == pytest.approx(2e-8)  # the first one given is kept


def refused(kind, code, ask, *given, **more):
    with pytest.raises(GeoServiceError) as caught:
        ask(*given, **more)
    assert (type(caught.value), caught.value.code) == (kind, code)


def test_wrong_splits_change_nothing(desk, store, monkeypatch):
    def split(layer, ident, version=1, **more):
        return desk(split_row, layer, ident, versions={ident: version}, **({"line": ACROSS} | more))

    refused(StaleVersion, "row_changed", split, "green_spaces", "green_spaces-A", 2)
    refused(InvalidInput, "split_wrong_shape", split, "facilities", "facilities-A")
    refused(InvalidInput, "split_wrong_shape", split, "inventory_statements", "inventory_statements-A")
    refused(Forbidden, "forbidden", split, "green_spaces", "green_spaces-B")
    refused(Forbidden, "forbidden", split, "grids", "GA")
    refused(NotFound, "row_unknown", split, "green_spaces", "none")
    refused(InvalidInput, "split_codes", split, "green_spaces", "green_spaces-A", codes=["a", "b"])
    refused(Conflict, "code_taken", split, "green_spaces", "green_spaces-A", codes=["green_spaces-B"])
    refused(InvalidInput, "split_how", split, "green_spaces", "green_spaces-A", line=None)
    beside = drawn(LineString([(LON - 1, LAT), (LON - 1, LAT + 1)]))
    refused(InvalidInput, "split_no_cut", split, "green_spaces", "green_spaces-A", line=beside)
    refused(
        InvalidInput,
        "shape_wrong_type",
        split,
        "green_spaces",
        "green_spaces-A",
        line=drawn(box(116, 40, 116.1, 40.1)),
    )
    refused(
        InvalidInput, "versions_missing", desk, split_row, "green_spaces", "green_spaces-A", line=ACROSS, versions={}
    )
    loop = drawn(LineString([(LON, LAT), (LON + 1, LAT), (LON + 1, LAT + 1), (LON + 0.5, LAT - 1)]))
    refused(InvalidInput, "split_line_crosses", split, "green_spaces", "green_spaces-A", line=loop)
    with monkeypatch.context() as patched:
        patched.setattr(feature_pieces, "_MOST_CROSSINGS", 9)
        refused(TooMuch, "split_line_long", split, "green_spaces", "green_spaces-A")
    with store.reading() as conn:
        assert rows.get(conn, L["green_spaces"], "green_spaces-A")["version"] == 1
        assert rows.page(conn, L["green_spaces"], retired=True).total == 2


def test_parts_of_areas_and_grids_get_the_next_code_under_their_parent(desk, store):
    plot = box(LON, LAT, LON + 0.0003, LAT + 0.0002)
    put(store, "areas", "9901", plot, name="市", level="city")
    put(store, "grids", "990101001001G09", plot, kind="governance")
    with pytest.raises(InvalidInput, match="values_refused"):  # parts of a city have none to stand under
        desk(split_row, "areas", "9901", line=ACROSS, versions={"9901": 1}, actor=LOCAL_ADMIN)
    quarter = {"line": ACROSS, "versions": {"990101001001Q01": 1}, "actor": LOCAL_ADMIN}
    made = desk(split_row, "areas", "990101001001Q01", **quarter).rows[1]
    assert (made["code"], made["level"], made["area_code"]) == ("990101001001Q02", "quarter", HERE)
    community = desk(split_row, "areas", HERE, line=ACROSS, versions={HERE: 1}, actor=LOCAL_ADMIN)
    made = community.rows[1]
    assert (made["code"], made["level"], made["parent_code"]) == ("990101001003", "community", "990101001")
    assert [one.values for one in community.to_review if one.field == "code"] == [{made["code"]: made["code"]}]
    grid = {"line": ACROSS, "versions": {"990101001001G09": 1}, "actor": LOCAL_ADMIN}
    assert desk(split_row, "grids", "990101001001G09", **grid).rows[1]["code"] == "990101001001G10"


def test_wrong_merges_change_nothing(desk, store):
    beside = box(LON + 0.0003, LAT, LON + 0.0006, LAT + 0.0002)
    put(store, "buildings", "B9", beside, use="residential", residents_persons=7)
    put(store, "green_spaces", "G9", box(LON + 0.001, LAT, LON + 0.002, LAT + 0.001), kind="park")

    def merge(layer, idents, keep, **versions):
        return desk(merge_rows, layer, idents, keep=keep, versions=dict.fromkeys(idents, 1) | versions)

    refused(Conflict, "merge_referred", merge, "buildings", ["buildings-A", "B9"], "B9")  # its household
    refused(InvalidInput, "merge_apart", merge, "green_spaces", ["green_spaces-A", "G9"], "green_spaces-A")
    refused(InvalidInput, "merge_idents", merge, "green_spaces", ["green_spaces-A", "G9"], "none")
    refused(InvalidInput, "merge_idents", merge, "green_spaces", ["G9", "G9"], "G9")
    put(store, "gates", "T9", Point(LON, LAT), passes="everyone")
    refused(InvalidInput, "merge_wrong_shape", merge, "gates", ["gates-A", "T9"], "gates-A")
    refused(Forbidden, "forbidden", merge, "green_spaces", ["green_spaces-A", "green_spaces-B"], "green_spaces-A")
    refused(StaleVersion, "row_changed", merge, "buildings", ["buildings-A", "B9"], "buildings-A", B9=3)
    parted = merge("buildings", ["buildings-A", "B9"], "buildings-A")
    assert ("residents_persons", {"buildings-A": 40, "B9": 7}) in [(one.field, one.values) for one in parted.to_review]
    refused(
        Conflict, "row_retired", merge, "buildings", ["buildings-A", "B9"], "buildings-A", B9=2, **{"buildings-A": 2}
    )
