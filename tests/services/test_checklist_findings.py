"""What was found on the spot: kept per community and item, shown on the sheet apart from what is worked out."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import use_office_files
from geo_service.exchange.faults import RowsRefused
from geo_service.foundation.errors import Forbidden, InvalidInput
from geo_service.foundation.resources import use_office_folder
from geo_service.services import analyses, features, imports_layers
from geo_service.services.standards_files import checklist_tables

HERE, THERE = "990101001001", "990101001002"
LAYER = LAYERS["checklist_findings"]
GIVEN = {
    "community_code": HERE,
    "item": "CRC-12",
    "finding": "short",
    "amount": 3.0,
    "amount_unit": "处坡道",
    "found_on": "2026-06-01",
    "found_by": "示例街道办",
    "basis": "3号、5号、6号楼没有坡道。",
}
PLAIN = {"amount": None, "amount_unit": None}


@pytest.fixture
def two(town):
    """Two communities, a home and a room in the first, nothing in the second."""
    town.community(HERE, 0, 1000)
    town.community(THERE, 1000, 2000)
    town.community("990101001", 0, 2000)
    town.homes(700, households_count=20, residents_persons=50)
    town.facility("S", 800, category="service_station", floor_area_m2=900)
    return town


def found(town, ctx=None, **changes):
    with town.store.writing() as conn:
        return features.create_row(conn, ctx or town.ctx, LAYER, GIVEN | changes, None)


def item(town, code="CRC-12", community=HERE):
    kind = analyses.kind_named("checklist")
    result = analyses.answer(town.ctx, kind, kind.asked())
    json.dumps(result, allow_nan=False)
    return next(one for one in result["rows"] if one["item"] == code and one["code"] == community)


def test_a_finding_decides_its_item_and_says_when_who_and_why(two):
    assert (item(two)["verdict"], item(two)["source"], item(two)["finding"]) == ("unknown", "recorded", None)
    found(two)
    row = item(two)
    assert (row["verdict"], row["to_verify"]) == ("short", True)
    assert (row["finding"]["found_on"], row["finding"]["found_by"]) == ("2026-06-01", "示例街道办")
    assert [(one["short_by"], one["unit"]) for one in row["checks"]] == [(3.0, "处坡道")]
    assert row["sentence"]["zh"] == (
        "现场核查差 3 处坡道（2026-06-01，示例街道办）：3号、5号、6号楼没有坡道（所依据的标准条文待核实）。"
    )
    assert "short by 3" in row["sentence"]["en"]
    assert item(two, community=THERE)["verdict"] == "unknown"
    assert item(two, "CRC-01")["source"] == "computed"


def test_the_newest_finding_decides_and_the_worst_of_one_day(two):
    found(two)
    later = found(two, **PLAIN, finding="pass", found_on="2026-06-10")
    assert item(two)["verdict"] == "pass"
    found(two, **PLAIN, finding="not_applicable", found_on="2026-06-10", code="A")
    assert item(two)["verdict"] == "pass"
    found(two, found_on="2026-06-10", code="Z")
    assert item(two)["verdict"] == "short"
    with two.store.writing() as conn:
        features.retire_row(conn, two.ctx, LAYER, "Z", expected_version=1, reason="写错了")
        features.retire_row(conn, two.ctx, LAYER, later["uid"], expected_version=1, reason="写错了")
    row = item(two)
    assert row["verdict"] == "not_applicable"
    assert row["sentence"]["zh"].startswith("现场核查为不适用")
    counts = {"pass": 0, "short": 0, "unknown": 0, "not_surveyed": 0, "not_applicable": 0}
    kind = analyses.kind_named("checklist")
    first = analyses.answer(two.ctx, kind, kind.asked(community=HERE))["communities"][0]
    assert sum(first[key] for key in counts) == 20
    assert first["not_applicable"] == 1


def test_an_old_finding_still_decides_and_is_to_be_looked_at_again(two):
    found(two, **PLAIN, finding="pass", found_on="2025-06-15")
    assert (item(two)["verdict"], item(two)["to_review"]) == ("pass", False)
    two.moment += timedelta(days=1)
    row = item(two)
    assert (row["verdict"], row["to_review"], row["finding"]["found_on"]) == ("pass", True, "2025-06-15")
    assert "待复核" in row["sentence"]["zh"]
    assert "looked at again" in row["sentence"]["en"]


def test_a_term_the_office_set_is_another_run(two, tmp_path):
    found(two, **PLAIN, finding="pass", found_on="2025-12-15")
    kind = analyses.kind_named("checklist")
    usual = analyses.answer(two.ctx, kind, kind.asked(community=HERE))
    (tmp_path / "checklist.json").write_text('{"finding_term_days": 90}', encoding="utf-8")
    use_office_files(tmp_path)
    try:
        own = analyses.answer(two.ctx, kind, kind.asked(community=HERE))
        assert "90" in item(two)["sentence"]["zh"]
    finally:
        use_office_folder(None)
    assert [one["inputs"]["finding_term_days"] for one in (usual, own)] == [365, 90]
    assert usual["uid"] != own["uid"]
    assert analyses.answer(two.ctx, kind, kind.asked(community=HERE))["uid"] == usual["uid"]


def test_what_is_worked_out_takes_a_remark_and_no_verdict(two):
    with pytest.raises(InvalidInput, match="finding_item_computed"):
        found(two, item="CRC-01")
    before = item(two, "CRC-01")
    found(two, **PLAIN, item="CRC-01", finding="remark", basis="正在装修")
    row = item(two, "CRC-01")
    assert (row["verdict"], row["checks"]) == (before["verdict"], before["checks"])
    assert row["remark"]["basis"] == "正在装修"
    assert "备注（2026-06-01，示例街道办）：正在装修。" in row["sentence"]["zh"]
    found(two, **PLAIN, finding="remark", basis="再看")
    assert item(two)["verdict"] == "unknown"  # a remark decides nothing


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"community_code": "990101001"}, "finding_not_community"),
        ({"amount_unit": None}, "finding_amount"),
        ({"amount": None}, "finding_amount"),
        ({"finding": "pass"}, "finding_amount"),
        ({"found_on": "2026-06-16"}, "finding_day"),
    ],
)
def test_findings_that_cannot_stand(two, changes, code):
    with pytest.raises(InvalidInput, match=code):
        found(two, **changes)
    kept = found(two)
    with pytest.raises(InvalidInput, match=code), two.store.writing() as conn:
        features.change_row(
            conn, two.ctx, LAYER, kept["uid"], expected_version=1, changes={"properties": changes}
        )  # fmt: skip
    assert kept["area_code"] == HERE


def test_who_may_record_where(two):
    for role, areas in (("planner", (HERE,)), ("official", ("990101001",))):
        ctx = replace(two.ctx, actor=Actor("li", role, areas=areas))
        found(two, ctx)
    for role, areas in (("official", (THERE,)), ("planner", ()), ("grid_worker", (HERE,)), ("resident", ())):
        with pytest.raises(Forbidden):
            found(two, replace(two.ctx, actor=Actor("wang", role, areas=areas)))


def test_a_table_of_findings_is_imported_whole_or_not_at_all(two, tmp_path):
    head = "code,community_code,item,finding,amount,amount_unit,found_on,found_by,basis\n"
    good = tmp_path / "good.csv"
    good.write_text(
        head + f"F1,{HERE},CRC-09,pass,,,2026-05-01,街道,管网图\nF2,{HERE},CRC-12,short,2,部电梯,2026-05-01,街道,看过\n"
    )
    bad = tmp_path / "bad.csv"
    bad.write_text(
        head
        + f"F3,{HERE},CRC-01,pass,,,2026-05-01,街道,x\nF4,990101001,CRC-09,pass,,,2026-05-01,街道,x\n"
        + f"F5,{HERE},CRC-09,pass,2,个,2026-05-01,街道,x\nF6,{HERE},CRC-09,pass,,,2027-05-01,街道,x\n"
    )
    plan = imports_layers.prepare_layer(two.ctx, "checklist_findings", good)
    with two.store.writing() as conn:
        imports_layers.import_layer(conn, two.ctx, plan)
    assert (item(two, "CRC-09")["verdict"], item(two)["verdict"]) == ("pass", "short")
    with pytest.raises(RowsRefused) as refused:
        imports_layers.prepare_layer(two.ctx, "checklist_findings", bad)
    assert [(one.row, one.column, one.code) for one in refused.value.faults] == [
        (2, "finding", "finding_item_computed"),
        (3, "community_code", "finding_not_community"),
        (4, "amount", "finding_amount"),
        (5, "found_on", "finding_day"),
    ]
    change = tmp_path / "change.csv"  # what the file is silent of stays, and is held against the rest
    change.write_text("code,finding\nF2,pass\n")
    with pytest.raises(RowsRefused):
        imports_layers.prepare_layer(two.ctx, "checklist_findings", change)


def test_files_tell_findings_apart(two):
    found(two)
    found(two, **PLAIN, item="CRC-01", finding="remark", basis="正在装修")
    kind = analyses.kind_named("checklist")
    rows = checklist_tables(two.ctx, analyses.answer(two.ctx, kind, kind.asked(community=HERE)))["items"].rows
    of = {row["item"]: row for row in rows}
    assert (of["CRC-12"]["source"], of["CRC-12"]["found_on"], of["CRC-12"]["found_by"]) == (
        "recorded",
        "2026-06-01",
        "示例街道办",
    )
    assert (of["CRC-01"]["source"], of["CRC-01"]["found_on"], of["CRC-01"]["remark"]) == ("computed", None, "正在装修")
