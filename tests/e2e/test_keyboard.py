"""The analyses by the keyboard alone, and where the focus is after each step: nobody begins again at the page's top."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PageMaker, Server, Staff, loaded

MOST_STOPS = 200
# where the target stands from what has the focus: on it, after it, before it
WAY = """target => {
  const now = document.activeElement
  if (now === target) return "here"
  const place = now.compareDocumentPosition(target)
  return place & (Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY) ? "Tab" : "Shift+Tab"
}"""
STEPS = """(select, wanted) => {
  const at = [...select.options].findIndex(({ label, value }) => label.includes(wanted) || value === wanted)
  if (at < 0) throw new Error(`no option ${wanted}`)
  return at - select.selectedIndex
}"""


def go_to(page: Page, target: Locator) -> None:
    """Walk with Tab or Shift+Tab until the target has the focus."""
    expect(target).to_be_visible()
    for _ in range(MOST_STOPS):
        way = target.evaluate(WAY)
        if way == "here":
            return
        page.keyboard.press(way)
    raise AssertionError(f"no Tab leads to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Walk to what is wanted and press a key on it."""
    go_to(page, target)
    page.keyboard.press(key)


def choose(page: Page, select: Locator, wanted: str) -> None:
    """Choose an option with the arrow keys."""
    go_to(page, select)
    for _ in range(MOST_STOPS):
        steps = select.evaluate(STEPS, wanted)
        if steps == 0:
            expect(select).to_be_focused()
            return
        page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
    raise AssertionError(f"no arrow leads to {wanted}")


def open_tool(page: Page, name: str) -> Locator:
    """Open an analysis from the menu: the focus is on its heading."""
    loaded(page)  # notices that come in meanwhile move the menu
    tab = page.get_by_role("tab", name="分析", exact=True)
    go_to(page, page.get_by_role("tablist").first.get_by_role("tab", selected=True))
    for _ in range(3):
        if tab.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowRight")
    expect(tab).to_be_focused()
    press(page, page.get_by_role("button", name=re.compile(f"^{name}")))
    tool = page.get_by_role("tabpanel", name=name)
    expect(tool.get_by_role("heading", name=name, exact=True)).to_be_focused()
    return tool


def close_tool(page: Page, name: str) -> None:
    """Close the analysis: the focus is on its entry in the menu."""
    press(page, page.get_by_role("button", name="关闭这项分析"))
    expect(page.get_by_role("button", name=re.compile(f"^{name}"))).to_be_focused()


def test_a_gap_is_computed_chosen_and_made_a_project(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server)
    gaps = open_tool(page, "缺口片区")
    choose(page, gaps.get_by_label("设施类别"), "elder_station")
    press(page, gaps.get_by_role("button", name="计算缺口"))
    row = gaps.get_by_role("button", name="第 1 名")
    expect(row).to_be_visible()
    expect(gaps.get_by_role("button", name="计算缺口")).to_be_focused()
    press(page, row)
    card = gaps.get_by_role("region", name="选中的片区")
    expect(card).to_be_visible()
    expect(row).to_be_focused()
    begin = card.get_by_role("button", name="立为项目")
    press(page, begin)
    form = card.get_by_role("form", name="新项目")
    expect(form.get_by_role("textbox").first).to_be_focused()
    unit = form.get_by_label("责任单位")
    go_to(page, unit)
    page.keyboard.type("示例街道办")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    expect(begin).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_role("textbox").first).to_be_focused()
    expect(unit).to_have_value("示例街道办")  # what was typed is kept
    press(page, form.get_by_role("button", name="保存项目"))
    expect(form.get_by_label("完成期限")).to_be_focused()
    page.keyboard.type("06302027")
    press(page, form.get_by_role("button", name="保存项目"))
    expect(card.locator(":focus")).to_contain_text("已建项目：")
    press(page, card.get_by_role("button", name="关闭片区"))
    expect(card).to_have_count(0)
    expect(row).to_be_focused()
    close_tool(page, "缺口片区")


def test_a_site_is_found_tried_out_and_kept_as_a_scenario(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server)
    chart = page.get_by_role("application")
    siting = open_tool(page, "选点")
    choose(page, siting.get_by_label("设施类别"), "elder_station")
    press(page, siting.get_by_role("button", name="在地图上加候选点"))
    press(page, chart)  # at the crosshair
    expect(siting.get_by_text("自己画的候选（1）")).to_be_visible()
    expect(chart).to_be_focused()
    press(page, siting.get_by_role("button", name="不再加点"))
    expect(siting.get_by_role("button", name="在地图上加候选点")).to_be_focused()
    compute = siting.get_by_role("button", name="选点", exact=True)
    press(page, compute)
    table = siting.get_by_role("table", name=re.compile("选中的点"))
    expect(table).to_be_visible()
    expect(compute).to_be_focused()
    row = table.get_by_role("rowheader").first.get_by_role("button").first
    press(page, row)
    card = siting.get_by_role("region", name="选中的点位")
    expect(card).to_be_visible()
    expect(row).to_be_focused()
    press(page, card.get_by_role("button", name="放进情景推演"))
    tool = page.get_by_role("tabpanel", name="情景推演")
    expect(tool.get_by_role("heading", name="情景推演", exact=True)).to_be_focused()
    outcome = tool.get_by_role("region", name="前后变化")
    expect(outcome.get_by_role("table").first).to_be_visible()
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    add = tool.get_by_role("button", name="增设设施", exact=True)
    press(page, add)
    expect(add).to_be_focused()
    press(page, chart)
    expect(tool.get_by_text("改动（2）")).to_be_visible()
    expect(chart).to_be_focused()
    page.keyboard.press("Control+z")
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    expect(chart).to_be_focused()
    redo = tool.get_by_role("button", name="重做")
    press(page, redo)
    expect(tool.get_by_text("改动（2）")).to_be_visible()
    expect(redo).to_be_disabled()
    expect(tool.locator(":focus")).to_contain_text("撤销")  # what it stood in: its neighbours
    go_to(page, tool.get_by_label("名称"))
    page.keyboard.type("用键盘增设")
    press(page, tool.get_by_role("button", name="保存", exact=True))
    expect(tool.get_by_label(re.compile("^分享链接"))).to_have_value(re.compile(r"/map\?scenario="))
    expect(tool.locator("fieldset:focus")).to_contain_text("分享链接")
    close_tool(page, "情景推演")


def test_two_results_are_made_and_compared(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server, "#category=pharmacy&circle=15&by=grid")
    results = page.get_by_role("tabpanel", name="结果")
    expect(results.get_by_role("table")).to_be_visible()
    go_to(page, page.get_by_role("radio", name="15 分钟 1,000 m", exact=True))
    for minutes in ("10", "5"):
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_role("radio", name=re.compile(f"^{minutes} 分钟 [\\d,]+ m$"))).to_be_focused()
    expect(page.get_by_role("region", name="图例")).to_contain_text("按距离：5 分钟生活圈")
    expect(results.get_by_role("table")).to_be_visible()
    row = results.get_by_role("table").get_by_role("rowheader").get_by_role("button").first
    press(page, row)
    expect(page.locator(":focus")).to_have_count(1)
    compare = open_tool(page, "对比两次结果")
    choose(page, compare.get_by_label("甲（左）"), "5 分钟生活圈")
    choose(page, compare.get_by_label("乙（右）"), "15 分钟生活圈")
    expect(compare.get_by_role("table").first).to_be_visible()
    expect(compare).to_contain_text("合计")
    press(page, compare.get_by_label("分界线位置"), "ArrowRight")
    expect(page).to_have_url(re.compile("t.swipe=51"))
    expect(compare.get_by_label("分界线位置")).to_be_focused()
    close_tool(page, "对比两次结果")


def test_the_sheet_and_the_capacity_are_computed_and_opened(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server)
    sheet = open_tool(page, "社区体检表")
    choose(page, sheet.get_by_label("社区", exact=False).first, "990101001001")
    press(page, sheet.get_by_role("button", name="体检", exact=True))
    item = sheet.get_by_role("button", name=re.compile("CRC-02"))
    expect(item).to_be_visible()
    expect(sheet.get_by_role("button", name="体检", exact=True)).to_be_focused()
    press(page, item)
    expect(item).to_have_attribute("aria-expanded", "true")
    expect(item).to_be_focused()
    counted = sheet.locator(".counted").get_by_role("button").first
    press(page, counted)
    expect(page.get_by_role("tabpanel", name="详情")).to_be_visible()
    expect(page.locator(":focus")).to_have_count(1)
    capacity = open_tool(page, "容量")
    choose(page, capacity.get_by_label("设施类别"), "elder_station")
    press(page, capacity.get_by_role("button", name="计算容量"))
    row = capacity.get_by_role("table").first.get_by_role("rowheader").get_by_role("button").first
    expect(row).to_be_visible()
    expect(capacity.get_by_role("button", name="计算容量")).to_be_focused()
    press(page, row)
    expect(row).to_have_attribute("aria-pressed", "true")
    expect(row).to_be_focused()
    close_tool(page, "容量")


def test_an_area_is_circled_and_its_facilities_asked_for_circles(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server)
    tool = open_tool(page, "圈选")
    go_to(page, tool.get_by_role("radio", name="多边形"))
    for _ in range(3):
        if tool.get_by_role("radio", name="按区域").is_checked():
            break
        page.keyboard.press("ArrowRight")
    expect(tool.get_by_role("radio", name="按区域")).to_be_focused()
    choose(page, tool.get_by_role("combobox", name="级别"), "community")
    choose(page, tool.get_by_role("combobox", name="区域"), "990101001001")
    press(page, tool.get_by_role("button", name=re.compile("处设施画服务圈")))
    expect(tool.get_by_role("table", name=re.compile("三个服务圈"))).to_be_visible()
    expect(page.locator(":focus")).to_have_count(1)
    close_tool(page, "圈选")


def test_the_board_computes_gaps_and_begins_a_project(postgis_server: Server, open_page: PageMaker) -> None:
    page = open_page(postgis_server, path="/board", address="#view=gaps&category=elder_station&circle=15")
    press(page, page.get_by_role("button", name="开始计算"))
    expect(page.locator(".missing:focus, #table:focus")).to_have_count(1)
    expect(page.get_by_role("table").first).to_be_visible()
    expect(page.locator("#table")).to_be_focused()
    press(page, page.get_by_role("table").first.get_by_role("rowheader").first.get_by_role("button").first)
    chosen = page.get_by_role("region", name="已选中")
    expect(chosen.get_by_role("heading").first).to_be_focused()
    begin = chosen.get_by_role("button", name="立为项目")
    press(page, begin)
    expect(chosen.get_by_role("form").get_by_role("textbox").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(chosen.get_by_role("form")).to_have_count(0)
    expect(begin).to_be_focused()


def test_a_view_is_kept_and_opened_and_another_area_chosen(staff: Staff, open_page: PageMaker) -> None:
    page = open_page(staff.server, "#map=17/112.10350/30.80200&category=clinic", state=staff.states["official"])
    loaded(page)
    views = page.get_by_role("button", name="视图", exact=True)
    press(page, views)
    box = page.get_by_role("dialog", name="保存的视图")
    expect(box.get_by_role("button", name="关闭")).to_be_focused()
    name = box.get_by_label("把现在的地图存为")
    go_to(page, name)
    page.keyboard.type("键盘存的视图")
    page.keyboard.press("Enter")
    expect(box.get_by_role("status")).to_have_text("已保存“键盘存的视图”。")
    expect(name).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(views).to_be_focused()
    page.keyboard.press("Enter")
    press(page, box.get_by_role("link", name="键盘存的视图"))
    expect(box).to_have_count(0)
    expect(views).to_be_focused()
    page.keyboard.press("Enter")
    press(page, box.get_by_role("button", name="删除“键盘存的视图”"))
    press(page, box.get_by_role("button", name="确定删除"))
    expect(box.get_by_role("status")).to_have_text("已删除“键盘存的视图”。")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    areas = page.get_by_role("button", name=re.compile("^区域"))
    press(page, areas)
    expect(page.get_by_role("searchbox", name="查找区域")).to_be_focused()
    page.keyboard.type("990101001001")
    expect(page.get_by_role("group", name="区域").get_by_role("button")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("areas/990101001001"))
    expect(areas).to_be_focused()
