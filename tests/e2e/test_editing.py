"""Editing on the map: drawing, forms, splitting and merging, two editors, history, drafts; by mouse and keyboard."""

import json
import math
import re
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import (
    PASSWORD,
    PageMaker,
    Server,
    Staff,
    Watched,
    end_session_at,
    environment,
    loaded,
    serving,
    step,
)
from tests.e2e.test_axe import violations

OUTSKIRTS = "#map=18/112.11400/30.78600"


@pytest.fixture(scope="module")
def desk(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A small demo of its own on the embedded store: its things are changed."""
    folder = tmp_path_factory.mktemp("editing") / "var"
    shutil.copytree(demo_folder, folder)
    with serving(environment(folder)) as running:
        yield running


@pytest.fixture(params=["embedded", "postgis"])
def either(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue("desk" if request.param == "embedded" else "postgis_server")


def editor(page: Page) -> Locator:
    return page.get_by_role("tabpanel", name="编辑")


def begin(page: Page, layer: str) -> Locator:
    """Open the form for something new from the list of layers."""
    page.get_by_role("tab", name="图层").click()
    page.get_by_label("新建或查看").select_option(label=layer)
    page.get_by_role("button", name="新建", exact=True).click()
    expect(editor(page).get_by_role("button", name="保存", exact=True)).to_be_visible()
    return editor(page)


def click_at(page: Page, *shares: tuple[float, float]) -> None:
    """Click places of the map, as shares of its width and height."""
    box = page.get_by_role("application").bounding_box()
    assert box
    for x, y in shares:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def saved(page: Page, said: str = "已保存") -> None:
    editor(page).get_by_role("button", name="保存", exact=True).click()
    expect(editor(page).get_by_text(said)).to_be_visible()


def change(server: Server, path: str, method: str, body: dict[str, Any], version: int) -> Any:
    """Change something as another editor would."""
    headers = {"Content-Type": "application/json", "If-Match": f'"{version}"'}
    asked = urllib.request.Request(server.origin + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def retired(server: Server, layer: str, code: str) -> None:
    row = server.get(f"/api/{layer}/{code}")["properties"]
    change(server, f"/api/{layer}/{code}/retire", "POST", {"reason": "试验用"}, row["version"])


def edited_code(page: Page) -> str:
    expect(page).to_have_url(re.compile(r"edit=\w+/"))
    return page.url.partition("edit=")[2].partition("&")[0].partition("/")[2]


def test_an_area_is_drawn_cut_split_merged_and_what_it_was_comes_back(
    either: Server, open_page: PageMaker, axe: str
) -> None:
    page = open_page(either, OUTSKIRTS)
    loaded(page)
    form = begin(page, "公共空间")
    form.get_by_role("button", name="画面").click()
    finish = form.get_by_role("button", name="完成")
    expect(finish).to_be_visible()
    click_at(page, (0.3, 0.3), (0.7, 0.3), (0.7, 0.7))
    expect(form.get_by_text(re.compile("面积 .* 3 个点"))).to_be_visible()
    click_at(page, (0.3, 0.7))
    form.get_by_role("button", name="退一点").click()
    click_at(page, (0.3, 0.7), (0.3, 0.7))  # the last place again ends the ring
    expect(form.get_by_text("4 个点")).to_be_visible()
    form.get_by_role("button", name="保存", exact=True).click()
    kind = form.get_by_label("类型")
    expect(kind).to_be_focused()
    expect(kind).to_have_accessible_description(re.compile("必须填写"))
    kind.select_option(label="广场")
    form.get_by_label("名称").fill("试验广场")
    form.get_by_role("button", name="挖洞").click()
    expect(finish).to_be_visible()
    click_at(page, (0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
    finish.click()
    expect(form.get_by_text("洞的第一个点不在面内")).to_be_visible()
    page.keyboard.press("Escape")
    form.get_by_role("button", name="挖洞").click()
    expect(finish).to_be_visible()
    click_at(page, (0.4, 0.4), (0.6, 0.4), (0.6, 0.6))
    finish.click()
    expect(form.get_by_text("7 个点")).to_be_visible()
    form.get_by_role("button", name="撤销").click()
    expect(form.get_by_text("4 个点")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(form.get_by_text("7 个点")).to_be_visible()
    expect(form.get_by_text("图形不在任何区域内")).to_be_visible()  # no fault, said of what is drawn far off
    expect(form.get_by_label("编码")).to_have_value(re.compile(r"^PS\d{4}$"))  # to be changed by who wants another one
    assert violations(page, axe) == []
    saved(page, "已新建")
    code = edited_code(page)
    whole = either.get(f"/api/public_spaces/{code}")
    assert [len(ring) for ring in whole["geometry"]["coordinates"]] == [5, 4]

    form.get_by_role("button", name="拆分").click()
    expect(finish).to_be_visible()
    click_at(page, (0.5, 0.1), (0.5, 0.9))
    finish.click()
    expect(form.get_by_text("已拆成 2 个")).to_be_visible()
    form.get_by_role("button", name="撤销拆分").click()
    expect(form.get_by_text("已撤销拆分")).to_be_visible()
    assert either.get(f"/api/public_spaces/{code}")["geometry"] == whole["geometry"]
    form.get_by_role("button", name="拆分").click()
    expect(finish).to_be_visible()
    click_at(page, (0.5, 0.1), (0.5, 0.9))
    finish.click()
    expect(form.get_by_text("已拆成 2 个")).to_be_visible()
    form.get_by_text("合并", exact=True).click()
    other = form.get_by_role("list", name="相邻的").get_by_role("checkbox", name=re.compile("试验广场"))
    other.check()
    form.get_by_role("button", name="合并 1 个并保存").click()
    expect(form.get_by_text("已并入 1 个")).to_be_visible()

    form.get_by_role("button", name="修改记录").click()
    versions = form.get_by_role("list", name="修改记录").get_by_role("listitem")
    expect(versions).to_have_count(5)
    versions.nth(1).get_by_role("button", name="恢复到这一版").click()
    expect(versions.nth(1)).to_contain_text("不属于任何一个")
    expect(versions.nth(1).get_by_role("checkbox", name="同时重新启用 试验广场 (3)")).to_be_checked()
    versions.nth(1).get_by_role("button", name="取消").click()
    expect(versions.nth(0)).to_contain_text("合并，并入了别的")
    expect(versions.nth(1)).to_contain_text("拆分，拆出新的")
    expect(versions.nth(0).get_by_role("button", name=re.compile(r"^PS\d{4}$"))).to_be_visible()
    versions.first.get_by_role("button", name="在地图上看变化").click()
    expect(form.get_by_text("虚线是之前，实线是之后")).to_be_visible()
    expect(page.get_by_role("application").get_by_text("之前")).to_be_visible()
    expect(page.get_by_role("application").get_by_text("之后")).to_be_visible()
    versions.last.get_by_role("button", name="恢复到这一版").click()
    expect(form.get_by_role("button", name="恢复", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_text("已恢复成第 1 版的样子，存为第 6 版")).to_be_visible()
    expect(versions).to_have_count(6)
    assert either.get(f"/api/public_spaces/{code}")["geometry"] == whole["geometry"]
    retired(either, "public_spaces", code)


def test_two_editors_of_one_polygon_are_both_kept(
    desk: Server, open_page: PageMaker, watched: Watched, axe: str
) -> None:
    kinds = next(one["choices"] for one in desk.get("/api/layers/green_spaces/form")["fields"] if one["name"] == "kind")
    square = [[112.113, 30.785], [112.115, 30.785], [112.115, 30.787], [112.113, 30.787], [112.113, 30.785]]
    body: dict[str, Any] = {"properties": {"name": "两人改的绿地", "kind": kinds[0]["code"]}}
    drawn = {"type": "Feature", **body, "geometry": {"type": "Polygon", "coordinates": [square]}}
    code = change(desk, "/api/green_spaces", "POST", drawn, 0)["properties"]["code"]
    watched.provoke("412")
    page = open_page(desk, f"#feature=green_spaces/{code}")
    page.get_by_role("tabpanel", name="详情").get_by_role("button", name="编辑").click()
    form = editor(page)
    form.get_by_label("名称").fill("我起的名")
    form.get_by_label("管理单位").fill("我的单位")
    loaded(page)
    page.locator(".edit-handle.is-corner").first.hover()
    page.mouse.down()
    held = page.locator(".edit-handle.is-corner").first.bounding_box()
    assert held
    page.mouse.move(held["x"] - 25, held["y"] - 25, steps=4)
    page.mouse.up()
    expect(form.get_by_role("button", name="撤销")).to_be_enabled()
    theirs = {"name": "对方起的名", "kind": kinds[1]["code"]}
    body = {"properties": theirs, "geometry": {"type": "Polygon", "coordinates": [[*square[:3], square[0]]]}}
    change(desk, f"/api/green_spaces/{code}", "PATCH", body, 1)
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_role("heading", name="别人先保存了")).to_be_focused()
    names = form.get_by_role("group", name=re.compile("名称"))
    expect(names).to_contain_text("两人都改了")
    alone = form.get_by_role("region", name="只有一人改过，自动合并").get_by_role("listitem")
    expect(alone).to_have_count(2)
    expect(alone.filter(has_text="管理单位：用我的 我的单位")).to_be_visible()
    form.get_by_role("button", name="保存合并结果").click()  # nothing is chosen for anybody
    expect(form.get_by_text("还有 2 项要选择")).to_be_visible()
    expect(names.get_by_role("radio").first).to_be_focused()
    names.get_by_role("radio", name="对方的：对方起的名").check()
    form.get_by_role("group", name="形状").get_by_role("radio", name="我的形状（实线）").check()
    for whose in ("我的", "对方的"):
        expect(page.get_by_role("application").get_by_text(whose, exact=True)).to_be_visible()
    assert violations(page, axe) == []
    form.get_by_role("button", name="放弃我的，用对方的").click()
    expect(form.get_by_text("您的修改没有存过")).to_be_visible()
    form.get_by_role("button", name="用对方的，我的留作草稿").click()
    expect(form.get_by_label("名称")).to_have_value("对方起的名")
    form.get_by_role("button", name="继续修改").click()  # the draft meets the newer version again
    names.get_by_role("radio", name="对方的：对方起的名").check()
    form.get_by_role("group", name="形状").get_by_role("radio", name="我的形状（实线）").check()
    form.get_by_role("button", name="保存合并结果").click()
    expect(form.get_by_text("已保存，现在是第 3 版")).to_be_visible()
    kept = desk.get(f"/api/green_spaces/{code}")
    assert kept["properties"] | theirs | {"manager": "我的单位"} == kept["properties"]
    assert len(kept["geometry"]["coordinates"][0][0]) == 5
    history = desk.get(f"/api/green_spaces/{code}/history")["versions"]
    assert [one["geometry_after"] is not None for one in history[:2]] == [True, True]


def test_the_keyboard_alone_draws_types_and_saves(desk: Server, open_page: PageMaker) -> None:
    page = open_page(desk, OUTSKIRTS)
    loaded(page)
    page.get_by_role("tab", name="图层").focus()
    page.keyboard.press("Enter")
    page.get_by_label("新建或查看").select_option(label="出入口")
    gates = page.locator(".layer-toggle", has_text="出入口").locator(".count")
    before = int(gates.inner_text())
    page.get_by_role("button", name="新建", exact=True).focus()
    page.keyboard.press("Enter")
    form = editor(page)
    expect(form.get_by_role("heading", name="新建出入口")).to_be_focused()
    typed = form.get_by_label("输入坐标（经度, 纬度）")
    typed.focus()
    page.keyboard.type("30.786")
    page.keyboard.press("Enter")
    expect(typed).to_have_accessible_description(re.compile("请写成"))
    typed.fill("30.7861, 112.1141")
    page.keyboard.press("Enter")
    form.get_by_role("button", name="改为 112.1141, 30.7861").focus()
    page.keyboard.press("Enter")
    form.get_by_label("位置（经度, 纬度）").fill("112.1142, 30.7862")
    page.keyboard.press("Tab")
    for field in form.get_by_role("combobox").all():
        if field.get_attribute("aria-required") == "true":
            field.focus()
            page.keyboard.press("ArrowDown")
    form.get_by_role("button", name="保存", exact=True).focus()
    page.keyboard.press("Enter")
    expect(form.get_by_text("已新建")).to_be_visible()
    gate = edited_code(page)
    assert desk.get(f"/api/gates/{gate}")["geometry"]["coordinates"] == [112.1142, 30.7862]
    expect(gates).to_have_text(str(before + 1))
    form.get_by_role("button", name="关闭编辑").focus()
    page.keyboard.press("Enter")
    # a line with the map itself: arrows move it, Enter sets a corner in its middle
    page.get_by_label("新建或查看").select_option(label="门前三包")
    page.get_by_role("button", name="新建", exact=True).focus()
    page.keyboard.press("Enter")
    expect(form.get_by_role("button", name="完成")).to_be_visible()
    chart = page.get_by_role("application")
    for turn in ("ArrowRight", "ArrowDown", "ArrowRight"):
        chart.focus()
        page.keyboard.press("Enter")
        step(page, turn)
    expect(form.get_by_text("3 个点")).to_be_visible()
    form.get_by_role("button", name="完成").focus()
    page.keyboard.press("Enter")
    form.get_by_text("坐标列表").focus()
    page.keyboard.press("Enter")
    corners = form.get_by_label("每行一个点：经度, 纬度")
    corners.fill("112.1141, 30.7861\n112.1143, 30.7861\nabc")
    form.get_by_role("button", name="使用这些坐标").focus()
    page.keyboard.press("Enter")
    expect(corners).to_have_accessible_description(re.compile("第 3 行不是"))
    corners.fill("112.1141, 30.7861\n112.1143, 30.7861")
    form.get_by_role("button", name="使用这些坐标").focus()
    page.keyboard.press("Enter")
    expect(form.get_by_text("2 个点")).to_be_visible()
    # leaving asks, and the list says the same as the map
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_label("新建或查看").select_option(label="出入口")
    page.get_by_role("button", name="列表", exact=True).focus()
    page.keyboard.press("Enter")
    form.get_by_role("button", name=f"编辑 {gate}").focus()
    page.keyboard.press("Enter")
    expect(form.get_by_label("位置（经度, 纬度）")).to_have_value("112.1142, 30.7862")


def test_a_thumb_draws_under_the_cross_of_a_phone(desk: Server, open_page: PageMaker, axe: str) -> None:
    page = open_page(desk, OUTSKIRTS, phone=True)
    loaded(page)
    page.get_by_role("tab", name="图层").tap()
    page.get_by_label("新建或查看").select_option(label="绿地")
    page.get_by_role("button", name="新建", exact=True).tap()
    here = page.get_by_role("button", name="在准星处加点")
    for turn in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        here.tap()
        step(page, turn)
    assert min(box["height"] for one in page.locator(".edit-bar button").all() if (box := one.bounding_box())) >= 44
    assert violations(page, axe) == []
    page.locator(".edit-bar").get_by_role("button", name="完成").tap()
    expect(editor(page).get_by_text(re.compile("面积 .* 3 个点"))).to_be_visible()
    handle = page.locator(".edit-handle.is-corner").first
    expect(handle).to_be_visible()
    assert handle.evaluate("(element) => element.getBoundingClientRect().width") >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")


def test_ten_thousand_corners_are_pasted_checked_and_kept_while_the_server_is_gone(
    desk: Server, open_page: PageMaker, watched: Watched
) -> None:
    watched.provoke("ERR_FAILED")
    page = open_page(desk, f"{OUTSKIRTS}&new=green_spaces")
    form = editor(page)
    form.get_by_role("button", name="取消").click()
    form.get_by_text("坐标列表").click()
    turns = (place / 10_000 * 2 * math.pi for place in range(10_000))
    pasted = "\n".join(f"{112.114 + 0.002 * math.cos(a):.7f}, {30.786 + 0.0015 * math.sin(a):.7f}" for a in turns)
    form.get_by_label("每行一个点").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        pasted,
    )
    form.get_by_role("button", name="使用这些坐标").click()
    expect(form.get_by_text("10,000 个点").first).to_be_visible()
    expect(form.get_by_text("放大后可以拖动")).to_be_visible()
    expect(form.get_by_text("建议先简化")).to_be_visible()
    expect(page.locator(".edit-handle").first).to_be_attached()
    assert page.locator(".edit-handle").count() <= 480
    form.get_by_label("类型").select_option(index=1)

    def gone(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.fallback()

    page.route("**/api/green_spaces", gone)
    form.get_by_role("button", name="保存", exact=True).click()
    expect(form.get_by_text("修改已存为这台电脑上的草稿")).to_be_visible()
    page.unroute("**/api/green_spaces", gone)
    page.once("dialog", lambda asked: asked.accept())  # leaving with unsaved changes asks
    page.reload()
    form.get_by_role("button", name="继续修改").click()
    expect(form.get_by_text("10,000 个点").first).to_be_visible()
    saved(page, "已新建")
    retired(desk, "green_spaces", edited_code(page))


def test_a_session_that_ended_keeps_the_draft_and_each_role_has_its_own_tools(
    staff: Staff, open_page: PageMaker, watched: Watched
) -> None:
    thing = staff.get("official", "/api/green_spaces?limit=1&sort=code")["features"][0]["properties"]["code"]
    resident = open_page(staff.server, f"#feature=green_spaces/{thing}", state=staff.states["resident"])
    details = resident.get_by_role("tabpanel", name="详情")
    expect(details).to_contain_text(thing)
    expect(details.get_by_role("button", name="编辑")).to_have_count(0)
    resident.get_by_role("tab", name="图层").click()
    expect(resident.get_by_label("新建或查看")).to_have_count(0)

    watched.provoke("401")
    page = open_page(staff.server, f"#feature=green_spaces/{thing}", state=staff.states["official"])
    page.get_by_role("tab", name="图层").click()
    known = page.get_by_label("新建或查看").get_by_role("option")
    expect(known.filter(has_text="绿地")).to_have_count(1)
    assert not {"区域", "网格"} & set(known.all_inner_texts())
    page.get_by_role("tabpanel", name="详情").get_by_role("button", name="编辑").click()
    editor(page).get_by_label("管理单位").fill("街道绿化队")
    end_session_at(page, "**/api/green_spaces/*", "PATCH")
    editor(page).get_by_role("button", name="保存", exact=True).click()
    page.get_by_label("账号").fill("official")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    editor(page).get_by_role("button", name="继续修改").click()
    expect(editor(page).get_by_label("管理单位")).to_have_value("街道绿化队")
    saved(page)


def test_all_problems_of_the_grids_are_listed_shown_and_lead_to_the_editor(
    desk: Server, open_page: PageMaker, axe: str
) -> None:
    grid = next(iter(desk.get("/api/grids?kind=governance&limit=1")["features"]))
    code, shape = grid["properties"]["code"], grid["geometry"]
    moved = [[[[lon + 0.0004, lat] for lon, lat in ring] for ring in part] for part in shape["coordinates"]]
    body = {"properties": {}, "geometry": {**shape, "coordinates": moved}}
    change(desk, f"/api/grids/{code}", "PATCH", body, grid["properties"]["version"])
    page = open_page(desk, OUTSKIRTS)
    loaded(page)
    page.get_by_role("tab", name="图层").click()
    page.get_by_role("button", name="网格和区域的问题").click()
    panel = editor(page)
    problems = panel.get_by_role("list", name="问题", exact=True).get_by_role("listitem")
    expect(problems.filter(has_text="重叠").first).to_be_visible()
    assert violations(page, axe) == []
    panel.get_by_label("只看").select_option("gap")
    expect(problems.filter(has_text="重叠")).to_have_count(0)
    problems.first.get_by_role("button", name="在地图上看").click()
    number = page.get_by_role("application").get_by_text("1", exact=True)
    expect(number).to_be_visible()
    panel.get_by_label("只看").select_option(index=0)  # and what was chosen is forgotten
    expect(number).to_have_count(0)
    page.get_by_role("application").click()  # in the middle, where it was shown
    chosen = problems.filter(has=page.get_by_role("button", name="在地图上看", pressed=True))
    expect(chosen).to_have_count(1)
    expect(chosen).to_be_in_viewport()
    page.get_by_role("button", name="回到我的区域").click()
    expect(page).not_to_have_url(re.compile("map=18/"))
    panel.get_by_label("只看").select_option(index=0)
    problems.first.get_by_role("button", name=f"编辑 {code}").click()
    expect(panel.get_by_text(re.compile("检查发现 \\d+ 处问题"))).to_be_visible()


def test_every_layer_one_may_write_has_its_form_and_its_list(desk: Server, open_page: PageMaker) -> None:
    whole = "#map=16/112.10350/30.80200"
    page = open_page(desk, whole)
    loaded(page)
    form = editor(page)
    layers = [one for one in desk.get("/api/layers") if one["editable"]]
    for layer in layers:
        page.evaluate("hash => { location.hash = hash }", whole)  # lists are of the view
        begin(page, layer["label"]["zh"])
        fields = desk.get(f"/api/layers/{layer['name']}/form")["fields"]
        filled = [field for field in fields if field["editable"]]  # what is worked out is shown of what is there
        expect(form.locator(".edit-field")).to_have_count(len(filled) + 1)  # and the code
        page.get_by_role("button", name="列表", exact=True).click()
        rows = form.get_by_role("button", name=re.compile("^编辑 "))
        if layer["count"]:
            rows.first.click()
            expect(form.get_by_role("heading", name=re.compile("^编辑"))).to_be_visible()
            expect(form.get_by_role("button", name="保存", exact=True)).to_be_visible()
    assert len(layers) == 18
