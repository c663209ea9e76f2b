"""The board from "where is it worst?" to "who must do what by when", by role and label, and without a violation."""

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect
from python_calamine import CalamineWorkbook

from tests.e2e.conftest import COMMUNITY, PageMaker, Server, Staff, Watched, environment, serving
from tests.e2e.test_axe import fits_every_size, violations

SIZES = {"phone": (360, 640), "office": (1366, 768)}


def start_all(page: Page) -> None:
    """Have what is missing computed, and wait for it."""
    page.get_by_role("button", name="开始计算").click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(page.get_by_role("button", name="开始计算")).to_have_count(0, timeout=240_000)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=240_000)


@pytest.fixture(scope="module")
def computed(demo_folder: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The small demo with the analyses the board asks for, started from the board itself."""
    folder = tmp_path_factory.mktemp("board") / "var"
    shutil.copytree(demo_folder, folder)
    with serving(environment(folder)) as running:
        context = browser.new_context(reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{running.origin}/board")
        expect(page.get_by_text("还没有结果").first).to_be_visible()
        start_all(page)
        for view in ("缺口排名", "社区体检矩阵"):
            page.get_by_role("navigation", name="看什么").get_by_role("button", name=view).click()
            if view == "社区体检矩阵":
                start_all(page)
            else:  # computed with what leads there, which may not have ended yet
                expect(page.get_by_role("region", name="缺口片区")).to_be_visible(timeout=240_000)
        context.close()
        yield running


def test_from_where_it_is_worst_to_who_does_what_by_when(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board")
    worst = page.get_by_text("最需要关注")
    said = re.search(r"([\d,]+) 人步行 ([\d,]+) 米内走不到", worst.text_content() or "")
    assert said is not None
    people, metres = said.groups()
    page.get_by_role("button", name="看它的缺口").click()  # the first click
    expect(page).to_have_url(re.compile("view=gaps.*area=.*category="))
    expect(page.get_by_text(f"步行 {metres} 米内走不到")).to_contain_text(f"有 {people} 人")
    expect(page.get_by_role("button", name="开始计算")).to_have_count(0)
    chosen = page.get_by_role("region", name="已选中")
    expect(chosen).to_contain_text(f"步行 {metres} 米以内")
    chosen.get_by_role("button", name="立为项目").click()  # the second
    form = page.get_by_role("form", name="新项目")
    expect(form.get_by_role("button", name="保存项目")).to_be_in_viewport(ratio=1)
    expect(form.get_by_label("说明")).to_have_value(re.compile(f"步行 {metres} 米以内"))
    form.get_by_role("button", name="保存项目").click()
    expect(form.get_by_role("alert")).to_contain_text("责任单位")
    form.get_by_label("责任单位").fill("示例商务局")
    form.get_by_label("完成期限").fill("2027-06-30")
    form.get_by_role("button", name="保存项目").click()  # the third, once it says who and when
    page.get_by_role("button", name="看项目清单").click()
    projects = page.get_by_role("region", name="项目清单").get_by_role("table")
    row = projects.get_by_role("row").filter(has=page.get_by_role("button", pressed=True))
    expect(row).to_contain_text("示例商务局")
    expect(row).to_contain_text("2027-06-30")
    page.go_back()
    expect(page.get_by_role("region", name="已选中")).to_contain_text("示例商务局")


def test_what_narrows_a_view_is_seen_and_undone(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board", address="#view=gaps&category=canteen&circle=5")
    chips = page.get_by_role("button", name=re.compile("^取消筛选"))
    expect(chips).to_have_count(2)
    page.get_by_role("navigation", name="看什么").get_by_role("button", name="资源清单").click()
    expect(chips).to_have_count(1)
    page.get_by_role("button", name="取消筛选：幸福食堂").click()
    expect(chips).to_have_count(0)
    expect(page).not_to_have_url(re.compile("category="))


def test_down_and_up_and_the_address_holds_it(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board", address="#by=community")
    categories = (
        page.get_by_role("region", name="哪里最差").get_by_role("rowheader").filter(has_not_text="示例第一社区")
    )
    expect(categories).to_have_count(3)
    page.get_by_role("button", name=re.compile("示例第一社区：列出全部")).click()
    expect(page.get_by_role("button", name="示例第一社区：只列最差的几类")).to_be_visible()
    expect(categories.nth(3)).to_be_attached()
    page.get_by_role("button", name="进入 示例第一社区").first.click()
    path = page.get_by_role("navigation", name="所在区域")
    expect(path).to_contain_text("示例第一社区")
    expect(page).to_have_url(re.compile(f"area={COMMUNITY}"))
    page.get_by_role("button", name=re.compile("^进入 .*网格")).first.click()
    expect(path.get_by_role("listitem")).to_have_count(6)  # everywhere, city, district, street, community, grid
    page.reload()
    expect(path.get_by_role("listitem")).to_have_count(6)
    path.get_by_role("button", name="全部区域").click()
    expect(path.get_by_role("listitem")).to_have_count(1)


def test_the_files_hold_what_is_shown(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board", address="#view=gaps&category=elder_station&sort=-alternative_m")
    table = page.get_by_role("region", name="缺口片区").get_by_role("table")
    expect(table).to_be_visible()
    expect(page.locator("#table")).to_have_attribute("aria-busy", "false")
    shown = table.get_by_role("row").count() - 1
    with page.expect_download() as asked:
        page.get_by_role("button", name=re.compile("下载 Excel")).click()
    rows = CalamineWorkbook.from_path(asked.value.path()).get_sheet_by_index(0).to_python()
    head = next(place for place, row in enumerate(rows) if "替代距离（米）" in row)
    walks = [row[rows[head].index("替代距离（米）")] for row in rows[head + 1 :]]
    assert len(walks) == shown
    known = [one for one in walks if one != ""]
    assert known == sorted(known, reverse=True)
    with page.expect_download() as asked:
        page.get_by_role("button", name=re.compile("下载 Word")).click()
    (sheet,) = Document(BytesIO(asked.value.path().read_bytes())).tables
    assert len(sheet.rows) == shown + 1


def test_by_keyboard_alone(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board", address="#view=matrix")
    expect(page.get_by_role("table")).to_be_visible()
    first = page.locator('[data-at="0/0"]')
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-at="0/1"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="已选中").get_by_role("heading")).to_be_focused()
    page.get_by_role("button", name="关闭").press("Enter")
    expect(page.get_by_role("region", name="已选中")).to_have_count(0)


def test_weights_ask_for_another_analysis(computed: Server, open_page: PageMaker) -> None:
    page = open_page(computed, path="/board", address="#view=gaps")
    page.get_by_text("人员权重").click()
    page.get_by_role("button", name="老人优先").click()
    expect(page).to_have_url(re.compile("weights="))
    expect(page.get_by_role("button", name="开始计算")).to_be_visible()


def test_who_may_not_compute_is_told_whom_to_ask(staff: Staff, open_page: PageMaker) -> None:
    page = open_page(staff.server, path="/board", address="#circle=5", state=staff.states["resident"])
    expect(page.get_by_text("规划人员、干部或管理员")).to_be_visible()
    expect(page.get_by_role("button", name="开始计算")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("下载"))).to_have_count(0)


def test_an_area_that_is_gone_leads_back(computed: Server, open_page: PageMaker, watched: Watched) -> None:
    watched.provoke("404")
    page = open_page(computed, path="/board", address="#area=999999999999")
    page.get_by_role("alert").get_by_role("button", name="回到全部区域").click()
    expect(page.get_by_text("最需要关注")).to_be_visible()


@pytest.mark.parametrize(("lang", "size"), [("zh", "office"), ("en", "phone")])
def test_no_violation_and_nothing_beyond_the_edge(
    computed: Server, open_page: PageMaker, axe: str, lang: str, size: str
) -> None:
    page = open_page(computed, path="/board", address=f"#lang={lang}", phone=size == "phone")
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    found = {}
    for view in range(7):
        views_of = page.get_by_role("navigation", name=re.compile("看什么|What to look at")).get_by_role("button")
        views_of.nth(view).click()
        expect(views_of.nth(view)).to_have_attribute("aria-current", "page")
        expect(page.locator("#table")).to_have_attribute("aria-busy", "false")
        expect(page.get_by_role("heading", level=2).first).to_be_visible()
        if view in (1, 3):
            page.locator("#table .link").first.click()
            expect(page.get_by_role("region", name=re.compile("已选中|Selected"))).to_be_visible()
        found[view] = violations(page, axe)
        fits_every_size(page)
    assert {view: said for view, said in found.items() if said} == {}
