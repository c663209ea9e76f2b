"""The board in the small town, on both stores: read from kept runs, told as its reader may know, the same in files."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook
from shapely.geometry import LineString, box, shape

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import Forbidden, InvalidInput, NotFound
from geo_service.services import analyses
from geo_service.services.board import read_board
from geo_service.services.board_checklist import short_of
from geo_service.services.board_files import board_file
from geo_service.services.board_gaps import _Cures
from geo_service.services.board_tables import OWN_LIMITS, BoardQuestion, parse_weights

LEFT, RIGHT, STREET = "990001001001", "990001001002", "990001001"
UNIT = Actor("unit", "unit", areas=("990001",))
PLANNER = Actor("planner", "planner", areas=("990001",))


def board(town, view="overview", *, actor=None, **asked):
    ctx = town.ctx if actor is None else replaced(town, actor)
    with town.store.reading() as conn:
        return read_board(conn, ctx, BoardQuestion(view=view, **asked))


def replaced(town, actor):
    return replace(town.ctx, actor=actor)


def run(town, kind, **question):
    one = analyses.kind_named(kind)
    return analyses.answer(town.ctx, one, one.asked(**question))


def rows(found, key):
    return {row["key"]: row for table in found.tables if table.key == key for row in table.rows}


@pytest.fixture
def place(town):
    """A street of two communities: a supermarket in the left one, which the right one does not reach."""
    town.main_street(closed=True)
    for code, west, east in ((STREET, -200, 2200), (LEFT, -200, 900), (RIGHT, 900, 2200)):
        town.community(code, west, east)
    here = box(*town.at(-200, -500), *town.at(900, 500))
    town.put("grids", [{"code": "G1", "name": "一网格", "kind": "governance", "geometry": here}])
    for east, people in {0: 30, 100: 20, 1700: 60, 1800: 40, 1900: 3}.items():
        town.homes(east, residents_persons=people, people_basis="register")
    town.facility("f1", 50)
    return town


def test_where_it_is_worst_and_how_that_changed(place):
    run(place, "coverage", by="community")
    found = board(place, category="supermarket")
    assert found.scope.levels == ("street", "community", "grid")
    parts = found.tables[0].rows
    assert [row["place"]["code"] for row in parts] == [RIGHT, LEFT]
    assert (parts[0]["people_not_covered"], parts[0]["people_covered_share"]) == (103, 0.0)
    assert found.shades["shares"] == {LEFT: 1.0, RIGHT: 0.0}
    figure = rows(found, "figures")["supermarket"]
    assert (figure["change"], figure["since"], len(figure["trend"])) == (None, None, 1)
    place.moment += timedelta(days=30)
    place.facility("f2", 1800)
    assert [label["zh"] for label in board(place).analyses[0]["run"]["changed"]] == ["设施"]
    run(place, "coverage", by="community")
    figure = rows(board(place), "figures")["supermarket"]
    assert (figure["people_covered_share"], figure["since"]) == (1.0, "2026-06-15")
    assert figure["change"] == pytest.approx(103 / 153, abs=1e-5)
    assert [point["as_of"] for point in figure["trend"]] == ["2026-06-15", "2026-07-15"]


def test_each_place_once_with_what_most_of_its_people_lack(place):
    run(place, "coverage", by="community")
    few = board(place)
    codes = [row["place"]["code"] for row in few.tables[0].rows]
    assert codes == [RIGHT] * 3 + [LEFT] * 3, "the place where most people lack something comes first, whole"
    assert few.tables[0].rows[0]["alike"] > 3, "which is said of all categories, not of those listed"
    count = few.tables[0].rows[0]["categories"]
    assert count > 3
    assert [row["is_whole"] for row in few.tables[0].rows] == [False] * 6
    some = board(place, whole=frozenset({LEFT})).tables[0].rows
    assert [row["place"]["code"] for row in some] == [RIGHT] * 3 + [LEFT] * count
    asked = board(place, sort="-people_covered_share", whole=frozenset({"*"}))
    shares = [row["people_covered_share"] for row in asked.tables[0].rows]
    assert (len(shares), shares[0]) == (2 * count, 1.0), "the order asked for holds"
    for found in (few, asked):
        _, content, _ = board_file(place.ctx, found, "xlsx")
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
        head = next(at for at, row in enumerate(sheet) if "设施类别" in row)
        assert len(sheet) - head - 1 == len(found.tables[0].rows), "the file holds what is shown"
        assert any("每处最差的 3 类" in str(row[0]) for row in sheet[:head]) == (found is few)


def test_down_to_the_grid(place):
    for by in ("community", "grid"):
        run(place, "coverage", by=by)
    here = board(place, area=LEFT, category="supermarket")
    assert [one.code for one in here.scope.path] == [STREET, LEFT]
    assert (here.scope.by, [one.code for one in here.scope.parts]) == ("grid", ["G1"])
    assert here.tables[0].rows[0]["people_total"] == 50
    grid = board(place, area="G1")
    assert [one.code for one in grid.scope.path] == [STREET, LEFT, "G1"]
    assert rows(grid, "figures")["supermarket"]["people_total"] == 50
    assert grid.tables[0].rows == []


def test_what_is_mostly_not_known_is_no_gap(place):
    place.facility("f2", 1800, verification="unverified")
    run(place, "coverage", by="community")
    found = board(place, category="supermarket")
    assert found.shades["shares"] == {LEFT: 1.0, RIGHT: "unknown"}
    unknown = next(row for row in found.tables[0].rows if row["place"]["code"] == RIGHT)
    assert (unknown["people_not_covered"], unknown["unknown_columns"][0]) == (0, "people_covered_share")
    assert rows(found, "figures")["supermarket"]["trend"][0]["share"] is None
    _, content, _ = board_file(place.ctx, found, "xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("哪里最差").to_python()
    head = next(row for row in sheet if "已覆盖" in row)
    assert [line[head.index("已覆盖")] for line in sheet if f"area {RIGHT}" in line] == ["情况不详"]


def test_without_a_run_it_names_the_question(place):
    found = board(place)
    assert {(one["kind"], one["run"]) for one in found.analyses} == {("coverage", None), ("indicators", None)}
    assert found.tables[0].rows == []
    with pytest.raises(InvalidInput) as refused:
        board_file(place.ctx, found, "xlsx")
    assert refused.value.code == "board_nothing_kept"
    for one in found.analyses:
        run(place, one["kind"], **one["question"])
    assert all(one["run"] for one in board(place).analyses), "asked as named, the question is answered"


def test_gaps_say_who_does_what(place):
    said = {"code": "S1", "statement_area_code": STREET, "category": "supermarket", "is_complete": True}
    place.put("inventory_statements", [said | {"declared_on": "2026-01-01", "declared_by": "office"}], places=False)
    run(place, "coverage", by="community", circle=15)
    run(place, "gaps", categories=["supermarket"], circle=15)
    found = board(place, "gaps", category="supermarket", area=RIGHT)
    (reason,) = found.reasons
    assert (reason["people"], reason["zones"]) == (103, 1)
    others = board(place, "gaps", category="supermarket", reason="unknown_data")
    assert (others.reasons, others.tables[0].rows) == ([reason], []), "the chart stays, whichever reason is chosen"
    assert "103" in found.lead["zh"], "the same people as in the overview"
    (zone,) = found.tables[0].rows
    assert (zone["circle"], zone["rule"]["en"]) == (15, "15-minute circle, within 1,000 m on foot")
    assert (zone["people"], zone["area_code"], zone["planned"]) == (103, RIGHT, [])
    assert zone["here"] is None, "all of it lies there"
    assert board(place, "gaps", category="supermarket", area=LEFT).tables[0].rows == []
    project = {"code": "P1", "name": "=便民超市", "kind": "service_room", "status": "decided", "quantity": 1}
    project["quantity_unit"] = "处"
    who = {"responsible_unit": "示例商务局", "deadline_on": "2026-01-01", "source": f"gap/{zone['key']} run x"}
    place.put("projects", [project | who | {"geometry": shape(zone["geometry"])}])
    (zone,) = board(place, "gaps", category="supermarket").tables[0].rows
    assert [one["code"] for one in zone["planned"]] == ["P1"]
    assert board(place, "problems", category="supermarket").tables[0].rows == [], "that is by the rule of a supermarket"
    run(place, "gaps")
    problem = board(place, "problems", category="supermarket").tables[0].rows[0]
    assert (problem["unit_responsible"], problem["deadline"]) == ("示例商务局", "2026-01-01")
    found = board(place, "projects")
    assert found.tables[0].rows[0]["overdue"]["en"] == "overdue"
    place.put("projects", [project | {"code": "P2", "planned_yuan": 20000, "geometry": shape(zone["geometry"])}])
    assert len(board(place, "projects").tables[0].rows) == 2
    assert "20,000" in board(place, "projects").lead["zh"]
    assert "1 个没有登记" in board(place, "projects").lead["zh"], "an amount that is missing is no zero"
    assert [row["name"] for row in board(place, "projects", late=True).tables[0].rows] == ["=便民超市"]
    assert found.tables[0].rows[0]["origin"]["en"] == "gap of supermarket"
    assert found.tables[0].rows[0]["quantity"] == {"zh": "1 处", "en": "1 place"}
    name, content, _ = board_file(place.ctx, found, "xlsx")
    assert name.endswith(".xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert any("'=便民超市" in row for row in sheet)


def test_the_way_from_the_worst_place_on_keeps_the_question(place):
    run(place, "coverage", by="community", circle=15)
    found = board(place)
    worst = found.tables[0].rows[0]
    assert worst["place"]["code"] == RIGHT
    assert (worst["people_not_covered"], worst["limit_m"]) == (103, 1000.0)
    whole = board(place, whole=frozenset({RIGHT})).tables[0].rows[1:]
    assert worst["alike"] == sum((row["place"]["code"], row["people_not_covered"]) == (RIGHT, 103) for row in whole)
    (following,) = found.following
    assert following["run"] is None
    run(place, following["kind"], **following["question"])
    asked = {"category": "supermarket", "area": RIGHT}
    assert board(place, "gaps", **asked).analyses[0]["run"] is not None, "a run of all categories answers for one"
    assert board(place, "gaps", circle=10, **asked).analyses[0]["run"] is None
    assert board(place, "gaps", circle=OWN_LIMITS, **asked).analyses[0]["question"] == {"categories": ["supermarket"]}


def test_of_a_zone_that_reaches_out_a_project_takes_what_lies_in_the_place(place):
    place.homes(850, 940, residents_persons=9, people_basis="register")
    run(place, "coverage", by="community", circle=5)
    run(place, "gaps", categories=["supermarket"], circle=5)
    found = board(place, "gaps", category="supermarket", circle=5, area=RIGHT)
    assert [row["here"] is not None for row in found.tables[0].rows] == [False, True]
    row = found.tables[0].rows[1]
    assert (row["people"], row["here"]["name"], row["here"]["people"]) == (18, f"area {RIGHT}", 112)
    border, _ = place.at(900, 0)
    assert shape(row["geometry"]).bounds[0] < border
    assert shape(row["here"]["geometry"]).bounds[0] == pytest.approx(border, abs=1e-6)


def test_paper_holds_all_rows_and_no_sums_across_categories(place):
    run(place, "coverage", by="community", circle=15)
    found = board(place, whole=frozenset({"*"}))
    assert len(found.tables[0].rows) > 40
    _, content, _ = board_file(place.ctx, found, "pdf")
    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    assert words.count(f"area {RIGHT}") == len(found.tables[0].rows) / 2
    assert "合计" not in words.partition("关键指标")[0]
    assert words.index("制表日期") < words.index("结果编号"), "notes stand below the tables"


def test_the_matrix_and_what_is_short(place):
    run(place, "checklist")
    found = board(place, "matrix")
    assert [column.key for column in found.tables[0].columns][-20:] == [f"CRC-{n:02}" for n in range(1, 21)]
    assert {row["key"] for row in found.tables[0].rows} == {LEFT, RIGHT}
    assert [row["key"] for row in board(place, "matrix", area=LEFT).tables[0].rows] == [LEFT]
    assert board_file(place.ctx, found, "xlsx")[0].endswith(".xlsx")
    short = board(place, "short", area=RIGHT).tables[0].rows
    assert all(row["area_code"] == RIGHT for row in short)
    assert all(row["clause"] for row in short)


def test_a_cure_is_told_by_what_is_crossed_and_where_never_by_a_code(place):
    place.put(
        "barriers",
        [{"code": "demo-water-01", "kind": "water", "geometry": LineString([place.at(900, -300), place.at(900, 300)])}],
    )
    with place.store.reading() as conn:
        lon, lat = place.at(900, 0)
        said = _Cures(conn).said({"kind": "crossing", "code": "demo-water-01", "lon": lon, "lat": lat})
        assert said["zh"].startswith("增设过水通道")
        assert "demo" not in said["zh"] + said["en"]


def test_what_is_missing_with_its_place_is_missing_in_its_own_unit():
    """Results kept by older programs tell it as one: a place, called square metres."""
    old = {"measure": "land_area", "have": 0.0, "need": 800.0, "short_by": 1.0}
    assert short_of(old) == 800.0
    assert short_of(old | {"have": 90.0, "short_by": 710.0}) == 710.0
    assert short_of(old | {"measure": "presence", "need": None}) == 1.0


def test_few_people_are_withheld_on_the_page_and_in_the_file(place):
    run(place, "coverage", by="community")
    exact = board(place, category="supermarket").tables[0].rows[0]
    assert board(place).lead is None, "all of it is exact"
    told = board(place, category="supermarket", actor=UNIT)
    assert "取整到 5" in told.lead["zh"]
    mine = board(place, area=RIGHT, actor=Actor("li", "official", areas=(RIGHT,)))
    assert "准确数" in mine.lead["zh"]
    assert told.people_rounded_to == 5
    assert all(row["people_not_covered"] is None or row["people_not_covered"] % 5 == 0 for row in told.tables[0].rows)
    assert exact["people_not_covered"] == 103
    with pytest.raises(Forbidden):
        board_file(replaced(place, UNIT), told, "xlsx")
    shown = board(place, category="supermarket", actor=PLANNER)
    _, content, _ = board_file(replaced(place, PLANNER), shown, "xlsx")
    parts = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("哪里最差").to_python()
    head = next(place for place, row in enumerate(parts) if "未覆盖（人）" in row)
    figures = [row[parts[head].index("未覆盖（人）")] for row in parts[head + 1 :]]
    assert figures == [
        "不公布" if row["people_not_covered"] is None and row["withheld"] else row["people_not_covered"]
        for row in shown.tables[0].rows
    ]
    assert 103 not in figures


def test_order_and_wrong_questions(place):
    run(place, "coverage", by="community")
    for sort, first in (("name", LEFT), ("-name", RIGHT), ("-people_covered_share", LEFT)):
        assert board(place, category="supermarket", sort=sort).tables[0].rows[0]["place"]["code"] == first
    assert parse_weights("80_plus:2,0_2:0.5") == {"80_plus": 2.0, "0_2": 0.5}
    for asked in ({"sort": "nothing"}, {"by": "house"}):
        with pytest.raises(InvalidInput):
            board(place, **asked)
    with pytest.raises(InvalidInput):
        board(place, "gaps", reason="bad luck")
    with pytest.raises(NotFound):
        board(place, area="999999999999")
    with pytest.raises(NotFound):
        BoardQuestion(view="nothing")
    for written in ("80_plus", "90:1", "80_plus:x"):
        with pytest.raises(InvalidInput):
            parse_weights(written)
