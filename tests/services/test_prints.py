"""Sheets on paper from stored results: one page, figures as anybody may see them, sentences for what is missing."""

import os
import re
import stat
import threading
import zipfile
from dataclasses import replace
from datetime import date

import pypdfium2
import pytest
from shapely.geometry import LineString

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import FileFault, Forbidden, InvalidInput, NotFound, StoreFault
from geo_service.services import analyses, print_batch, prints, runs
from geo_service.services.print_analyses import CirclesShown
from geo_service.services.print_archives import sweep_archives
from geo_service.services.print_setter import Setters
from geo_service.services.print_view import View
from geo_service.storage import overview

HERE, THERE = "990101001001", "990101001002"
COVERAGE = {"categories": ["supermarket", "clinic"], "by": "community"}


def with_results(town):
    """Write three communities of the street, one of them with few people, and a supermarket; results about them."""
    town.main_street(closed=True)
    town.community("990101001", 0, 2000)
    town.community(HERE, 0, 600, source="synthetic demo")
    town.community(THERE, 1000, 2000)
    town.homes(*range(50, 450, 50), residents_persons=15, households_count=5, name="secret-house")
    town.community("990101001003", 600, 1000)
    town.homes(*range(650, 950, 50), residents_persons=30, households_count=10)
    town.homes(1900, residents_persons=3, households_count=1)
    town.facility("f1", 250, name="<b>超市")
    said = {"category": "supermarket", "declared_by": "街道", "declared_on": "2026-09-01", "is_complete": True}
    town.put("inventory_statements", [{"code": "supermarket-street", "statement_area_code": "990101001", **said}])
    kept = (
        ("coverage", {"by": "community"}),
        ("coverage", COVERAGE),
        ("checklist", {}),
        ("gaps", {"categories": ["supermarket"]}),
    )
    for kind, asked in kept:
        answer(town, kind, asked)
    return town


@pytest.fixture(scope="module")
def printed_town(kept_town):
    """The town with its results, for looking only."""
    return with_results(kept_town)


def answer(town, kind, asked):
    one = analyses.kind_named(kind)
    return analyses.answer(town.ctx, one, one.asked(**asked))


def make(town, kind, area, *, ctx=None, form="pdf", **asked):
    with town.store.reading() as conn:
        return prints.printed(conn, ctx or town.ctx, prints.SheetQuestion.asked(kind, area, **asked), form)


def words(pdf):
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    text = (
        document[0].get_textpage().get_text_range().replace("\ufffe", "-")
    )  # what PDFium reads where a line ends in one
    return re.sub(r"\s+", "", text)


WRONG = [
    ({"kind": "map", "area": "nowhere"}, "row_unknown"),
    ({"kind": "community", "area": "990101001"}, "print_not_community"),
    ({"kind": "poster", "area": "990101001"}, "print_no_coverage"),
    ({"kind": "map", "area": HERE, "run": "none", "category": "clinic"}, "run_unknown"),
    ({"kind": "map", "area": HERE, "run": "RUN", "category": "park"}, "print_category_not_in_run"),
    ({"kind": "map", "area": HERE, "run": "RUN"}, "print_category_needs_run"),
    ({"kind": "map", "area": HERE, "layers": ["households"]}, "print_layer_unknown"),
    ({"kind": "map", "area": HERE, "paper_size": "B5"}, "print_paper_unknown"),
    ({"kind": "map", "area": HERE, "title": "长" * 61}, "print_title_long"),
    ({"kind": "map", "area": HERE, "form": "svg"}, "print_format_unknown"),
]


def test_sheets_say_what_they_are_and_tell_of_nobody(printed_town):
    with printed_town.store.reading() as conn:
        run = runs.list_runs(conn, printed_town.ctx, kind="coverage")[0]["uid"]
    planner = replace(printed_town.ctx, actor=Actor("p", "planner", areas=(HERE, THERE)))
    asked = {"run": run, "category": "supermarket"}
    said = words(make(printed_town, "map", HERE, ctx=planner, **asked))
    for expected in (
        "比例尺1:",
        "本图所用设置",
        "CGCS2000，3度带，中央经线117°E",
        "未登记审图号",
        "示例数据",
        "无数据",
        run,
    ):
        assert expected in said
    assert "secret-house" not in said
    assert "95–100%" in words(make(printed_town, "map", HERE, **asked)), "who may see few people prints them"

    said = words(make(printed_town, "community", HERE))
    for expected in ("社区综合服务站CRC-01", "社区文化CRC-20", "120居民", "二十项内容中", "不计入二十项"):
        assert expected in said
    assert said.index("图例") < said.index("步行道路"), "the signs of the map are told"
    few = words(make(printed_town, "community", THERE, ctx=planner))
    assert "人数少，不显示" in few
    assert "3居民" not in few
    assert make(printed_town, "community", HERE, form="png").startswith(b"\x89PNG")

    said = words(make(printed_town, "poster", HERE))
    assert "示意图，不是地图" in said
    assert "比例尺" not in said
    assert "居委会看地图" in said


def test_one_long_name_neither_shrinks_a_poster_nor_breaks_its_columns(town):
    with_results(town)
    road = LineString([town.at(100, 0), town.at(300, 0)])
    rows = [(f"p{number}", f"项目{number}", f"2026-0{number}-01") for number in range(1, 9)]
    for code, name, due in (*rows, ("long", "W" * 60 + "很长的名字" * 25, "2027-01-01")):
        one = {"code": code, "name": name, "kind": "road_lane", "status": "building", "deadline_on": due}
        town.put("projects", [one | {"geometry": road}])
    made = make(town, "poster", HERE, paper_size="A3")
    said = words(made)
    assert "道路街巷建设中计划2027-01-01完成" in said, "kind, status and date stand in one line"
    assert "另有4个项目" in said
    assert "很长的名字" * 20 not in said, "the name is cut"
    page = pypdfium2.PdfDocument(made)[0]
    found = [one.get_font_size() * one.get_matrix().d for one in page.get_objects() if hasattr(one, "get_font_size")]
    sizes = [size for size in found if size > 0]  # drawings stand on their head
    assert sizes
    assert min(sizes) >= 10.0


def test_an_approved_map_and_an_address_are_printed(town):
    with_results(town)
    ctx = replace(town.ctx, map_approval="GS(2026)1号", public_address="https://map.example")
    town.homes(*range(1600, 1900, 50), residents_persons=30)  # nothing to withhold any more
    run = answer(town, "coverage", COVERAGE)["uid"]
    coloured = {"upright": False, "paper_size": "A3", "run": run, "category": "supermarket"}
    for kind, more in (("map", coloured), ("poster", {})):
        said = words(make(town, kind, HERE, ctx=ctx, **more))
        assert "审图号：GS(2026)1号" in said
        assert ("扫码" in said) is (kind == "poster")
        assert ("95–100%" in said) is (kind == "map")


def test_what_cannot_be_printed_is_said(printed_town):
    with printed_town.store.reading() as conn:
        run = runs.list_runs(conn, printed_town.ctx, kind="coverage")[0]["uid"]
    for given, code in WRONG:
        asked = given | ({"run": run} if given.get("run") == "RUN" else {})
        with pytest.raises((InvalidInput, NotFound)) as refused:
            make(printed_town, asked.pop("kind"), asked.pop("area"), **asked)
        assert refused.value.code == code
        assert "{" not in refused.value.sentence("zh") + refused.value.sentence("en")
    stranger = replace(printed_town.ctx, actor=Actor("g", "grid_worker", grids=("G",)))
    with pytest.raises(Forbidden):
        make(printed_town, "map", HERE, ctx=stranger)


def test_without_a_sheet_there_is_no_check_up(town):
    town.community(HERE, 0, 1000)
    with pytest.raises(InvalidInput) as refused:
        make(town, "community", HERE)
    assert refused.value.code == "print_no_checklist"


def test_all_communities_at_once(printed_town, tmp_path):
    folder = tmp_path / "sheets"
    assert print_batch.print_communities(printed_town.ctx, folder, processes=2) == 3
    assert sorted(file.name for file in folder.iterdir()) == [
        f"area {code}-{code}.pdf" for code in (HERE, THERE, "990101001003")
    ]
    assert printed_town.heard[-1] == (1.0, "progress.printing_all")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".print")] == []
    with pytest.raises(FileFault) as refused:
        print_batch.print_communities(printed_town.ctx, folder / f"area {HERE}-{HERE}.pdf")
    assert refused.value.code == "folder_is_file"


def test_a_batch_that_fails_leaves_nothing(town, tmp_path):
    town.community(HERE, 0, 1000)
    with pytest.raises(InvalidInput):
        print_batch.print_communities(town.ctx, tmp_path / "sheets")
    assert not (tmp_path / "sheets").exists()


def in_view(town, *, ctx=None, band="served", by_building=False, **asked):
    """Return the words of a map of the whole town as a page shows it."""
    with town.store.reading() as conn:
        view = View(overview.bounds(conn, [LAYERS["areas"]]), band, by_building=by_building)
        question = prints.SheetQuestion.asked("map", None, view=view, **asked)
        return words(prints.printed(conn, ctx or town.ctx, question))


def test_what_the_map_shows_is_printed_with_how_it_is_read(printed_town):
    with printed_town.store.reading() as conn:
        run = runs.list_runs(conn, printed_town.ctx, kind="coverage")[0]["uid"]
    said = in_view(printed_town, layers=["areas", "households", "ways"], upright=False, title="开会用图")
    for expected in ("开会用图", "比例尺1:", "不印的图层：住户", "未登记审图号"):
        assert expected in said
    asked = {"run": run, "category": "supermarket", "layers": ["areas"]}
    said = in_view(printed_town, band="80_plus", **asked)
    for expected in ("综合超市覆盖", "80岁及以上", "居民人数", run):
        assert expected in said
    assert "统计单元社区" in said
    planner = replace(printed_town.ctx, actor=Actor("p", "planner", areas=(HERE, THERE)))
    said = in_view(printed_town, ctx=planner, by_building=True, **asked)
    assert "楼栋的状态" in said
    assert "统计单元楼栋" in said


def test_of_facilities_those_asked_about_are_printed_and_in_the_legend_what_is_on_the_page(town):
    with_results(town)
    town.facility("c1", 300, category="clinic")
    run = answer(town, "coverage", COVERAGE)["uid"]
    assert "社区卫生服务站" in in_view(town, layers=["facilities"])
    said = in_view(town, layers=["facilities", "areas"], run=run, category="supermarket")
    assert "图例" in said
    assert "社区卫生服务站" not in said
    assert "放在一起比较" not in said, "one category is compared with none"
    with town.store.reading() as conn:
        west, south, east, north = overview.bounds(conn, [LAYERS["areas"]])
        corner = View((east - (east - west) / 50, south, east, south + (north - south) / 50))
        asked = prints.SheetQuestion.asked("map", None, view=corner, layers=["facilities", "ways"])
        assert "综合超市" not in words(prints.printed(conn, town.ctx, asked))


def test_what_an_analysis_draws_is_printed_as_the_printer_is_told(printed_town):
    with printed_town.store.reading() as conn:
        gaps = runs.list_runs(conn, printed_town.ctx, kind="gaps")[0]["uid"]
        coverage = runs.list_runs(conn, printed_town.ctx, kind="coverage")[0]["uid"]
        zones = runs.run_result(runs.get_run(conn, printed_town.ctx, gaps))["zones"]
    first = next(zone for zone in zones if zone["rank"] == 1)
    said = in_view(printed_town, layers=["areas"], analysis=gaps)
    for expected in ("综合超市缺口片区", "缺口片区（数字为名次）", f"第1位{first['area_name']}", gaps):
        assert expected.replace(" ", "") in said
    assert "：3人，步行范围内没有设施" in said
    planner = replace(printed_town.ctx, actor=Actor("p", "planner", areas=(HERE, THERE)))
    told = in_view(printed_town, ctx=planner, layers=["areas"], analysis=gaps)
    assert "：3人" not in told
    assert "人数少，不显示" in told
    with pytest.raises(InvalidInput, match="print_analysis_kind"):
        in_view(printed_town, analysis=coverage)
    with pytest.raises(InvalidInput, match="print_category_not_in_run"):
        in_view(printed_town, analysis=gaps, analysis_category="park")


def test_service_circles_are_printed_with_who_lives_inside(printed_town):
    with printed_town.store.reading() as conn:
        west, south, east, north = overview.bounds(conn, [LAYERS["ways"]])
    start = ((west * 3 + east) / 4, (south + north) / 2)
    said = in_view(printed_town, layers=["ways"], circles=CirclesShown((start,), circles=(5, 15)))
    for expected in ("服务圈", "15分钟生活圈（步行距离1000米）：圈内", "走得到的道路", "起点", "上路点"):
        assert expected in said
    for points in ((), (start,) * 101):
        with pytest.raises(InvalidInput, match="print_points"):
            CirclesShown(points)
    with pytest.raises(InvalidInput, match="print_analysis_of_view"):
        prints.SheetQuestion.asked("map", HERE, circles=CirclesShown((start,)))


def test_a_view_that_cannot_be_printed_is_refused():
    for given, code in (
        ({"bbox": (116.0, 39.0, 118.0, 39.5)}, "print_view_wide"),
        ({"bbox": (116.0, 39.0, 116.0, 39.5)}, "print_view_wide"),
        ({"bbox": (116.0, 39.0, 116.1, 39.1), "band": "90_plus"}, "print_view_band"),
        ({"bbox": (116.0, 39.0, 116.1, 39.1), "basis": "dogs"}, "print_view_basis"),
    ):
        with pytest.raises(InvalidInput) as refused:
            View(**given)
        assert refused.value.code == code
    for area, kind in ((None, "poster"), (HERE, "map")):
        with pytest.raises(InvalidInput, match="print_area_or_view"):
            prints.SheetQuestion.asked(kind, area, view=View((116.0, 39.0, 116.1, 39.1)))


def test_communities_as_an_archive_that_is_kept_for_a_term(printed_town):
    ctx = printed_town.ctx
    path = print_batch.print_archive(ctx, "a-job", area=HERE, form="png")
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"area {HERE}-{HERE}.png"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.suffix for one in path.parent.iterdir()] == [".zip"]
    os.utime(path, (0, 0))
    assert sweep_archives(ctx) == 1
    assert not path.exists()
    with pytest.raises(InvalidInput, match="print_no_communities"):
        print_batch.print_archive(ctx, "b", area="nowhere")


def test_files_are_called_by_names_that_every_file_system_takes(printed_town):
    assert print_batch.file_name("../一/社区:*?", "99\n01") == "一_社区-99_01"
    assert print_batch.file_name(None, "9901") == "9901"
    assert len(print_batch.file_name("很长" * 100, "9901")) < 80
    with printed_town.store.reading() as conn:
        for lang, area, said in (("zh", HERE, f"体检表-area {HERE}-2026-06-15.zip"),
                                 ("en", None, "checkup-everywhere-2026-06-15.zip")):  # fmt: skip
            ctx = replace(printed_town.ctx, lang=lang)
            assert print_batch.archive_name(conn, ctx, area, date(2026, 6, 15)) == said


def test_who_is_told_of_progress_can_end_the_work_while_a_page_is_set(monkeypatch):
    started, ended = threading.Event(), threading.Event()

    def never(self, sheet, form):
        started.set()
        ended.wait(60)
        return b""

    def tick():
        if started.is_set():
            ended.set()
            raise InvalidInput("print_no_communities")

    monkeypatch.setattr(Setters, "_set", never)
    with pytest.raises(InvalidInput), Setters(1) as setters:
        list(setters.set_all([("a", prints.Sheet("title", ("<p>page</p>",)))], "pdf", tick))
    assert all(child.poll() is not None for child in setters.processes)


def test_a_process_that_ends_while_it_sets_pages_is_said_and_none_is_left():
    with pytest.raises(StoreFault, match="print_setter_died"), Setters(2) as setters:
        for child in setters.processes:
            child.kill()
            child.wait()
        list(setters.set_all([("a", prints.Sheet("title", ("<p>page</p>",)))], "pdf"))
    assert all(child.poll() is not None for child in setters.processes)
