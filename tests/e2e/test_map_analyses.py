"""The analyses on the map page as a planner uses them, by role and label, against a real server with the demo."""

import json
import re
from urllib.parse import quote, unquote

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PageMaker, Server, Staff, Watched, loaded, step

REASONS = {
    "no_facility": "步行范围内没有设施",
    "near_by_air": "直线近、走路远",
    "admits_others": "附近的设施只对他人开放",
    "over_capacity": "设施容量不足",
    "not_surveyed": "设施清单未声明齐全",
    "unknown_data": "情况不详",
}


def legend(page: Page):
    return page.get_by_role("region", name="图例")


def test_why_a_home_is_covered_is_drawn_with_its_rules_until_it_is_closed(server: Server, open_page: PageMaker) -> None:
    home = server.home()["code"]
    why = server.get(f"/api/explain?building={home}&category=clinic&circle=15")
    page = open_page(server, f"#category=clinic&circle=15&by=building&home={home}")
    told = page.get_by_role("region", name="覆盖情况")
    expect(told).to_contain_text("GB 50180-2018")
    expect(told).to_contain_text("待核实")
    expect(legend(page)).to_contain_text("这栋楼：")
    expect(legend(page)).to_contain_text("步行路线")
    drawn = page.locator(".map-text")
    expect(drawn.filter(has_text=why["facility"]["name"])).to_have_count(1)
    page.get_by_role("button", name="在地图上看整条路线").click()
    expect(drawn.filter(has_text=why["facility"]["name"])).to_be_in_viewport()
    page.get_by_role("button", name="关闭详情").click()
    expect(drawn).to_have_count(0)
    expect(legend(page)).not_to_contain_text("步行路线")


def test_areas_are_coloured_by_an_age_band(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=clinic&minutes=15&profile=by_age&by=grid")
    results = page.get_by_role("tabpanel", name="结果")
    expect(results.get_by_role("table")).to_be_visible()
    results.get_by_text("各年龄段怎么走").click()
    expect(results).to_contain_text(re.compile("80 岁及以上.*750"))
    page.get_by_label("步行方式").select_option("by_age/80_plus")
    expect(page.get_by_label(re.compile("^年龄段"))).to_have_value("80_plus")
    expect(results).to_contain_text("只统计：80 岁及以上")
    expect(legend(page)).to_contain_text(re.compile("80 岁及以上，按时间.*老年人.*750"))
    expect(legend(page)).to_contain_text("只统计：80 岁及以上")
    run = next(one for one in server.get("/api/runs?kind=coverage") if one["parameters"]["profile"] == "by_age")
    totals = server.get(f"/api/runs/{run['uid']}/result")["totals"]
    row = next(one for one in totals if one["category"] == "clinic" and one["band"] == "80_plus")
    expect(results.get_by_role("region", name=re.compile("居民"))).to_contain_text(str(row["people_covered"]))
    loaded(page)
    page.get_by_label("时刻").fill("22:30")
    page.get_by_label("时刻").press("Tab")
    expect(legend(page)).to_contain_text("出入口按 22:30 是否开放")
    expect(page).to_have_url(re.compile("time=22:30"))
    run = server.get("/api/runs?kind=coverage")[0]
    assert run["parameters"]["at"] == "22:30"
    the_map = page.get_by_role("application")
    the_map.focus()
    lon, lat = server.street()
    page.goto(f"{page.url}&at={lon},{lat}")
    page.reload()
    details = page.get_by_role("tabpanel", name="详情")
    expect(details.get_by_role("table")).to_be_visible()
    expect(details).to_contain_text("步行的人：80 岁及以上：老年人")
    expect(legend(page)).to_contain_text("步行的人：80 岁及以上：老年人")
    expect(details.get_by_role("table")).to_contain_text("750 m")


def test_what_is_not_known_to_be_closed_is_read_either_way(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=middle_school&circle=15&by=grid")
    page.set_viewport_size({"width": 1366, "height": 768})
    loaded(page)
    results = page.get_by_role("tabpanel", name="结果")
    homes = results.get_by_role("region", name=re.compile("住宅楼"))
    expect(homes).to_be_visible()
    plain = {"circle": 15, "minutes": None, "profile": "standard", "by": "grid"}
    run = next(
        one
        for one in server.get("/api/runs?kind=coverage")
        if {key: value for key, value in one["parameters"].items() if key != "categories"} == plain
        and "middle_school" in one["parameters"]["categories"]
    )
    result = server.get(f"/api/runs/{run['uid']}/result")

    def covered(rows: list[dict[str, object]]) -> str:
        wanted = ("middle_school", "all")
        (row,) = (one for one in rows if (one["category"], one["band"]) == wanted)
        return f"{row['buildings_covered']:,}"

    if_open, if_closed = covered(result["totals"]), covered(result["if_closed"]["totals"])
    assert if_open != if_closed
    expect(homes).to_contain_text(if_open)
    results.get_by_role("checkbox", name="按“不详的都封闭”计算").check()
    expect(homes).to_contain_text(if_closed)
    expect(page).to_have_url(re.compile("closed=1"))
    page.reload()
    expect(homes).to_contain_text(if_closed)


def open_tool(page: Page, name: str) -> Locator:
    """Open an analysis from the menu and return its panel."""
    loaded(page)  # notices that come in meanwhile move the menu
    page.get_by_role("tab", name="分析").click()
    page.get_by_role("button", name=re.compile(f"^{name}")).click()
    return page.get_by_role("tabpanel", name=name)


def shown_run(page: Page) -> str:
    """Return the uid of the run that the analysis shows."""
    expect(page).to_have_url(re.compile(r"t\.run=[0-9a-f-]+"))
    return page.url.partition("t.run=")[2].partition("&")[0]


def keep_project(panel: Locator) -> None:
    """Fill in what a project needs and keep it."""
    form = panel.get_by_role("form", name="新项目")
    form.get_by_role("button", name="保存项目").click()
    expect(form.get_by_role("alert")).to_contain_text("请填写责任单位")
    form.get_by_label("责任单位").fill("示例街道办")
    form.get_by_label("完成期限").fill("2027-06-30")
    form.get_by_role("button", name="保存项目").click()
    expect(panel).to_contain_text("已建项目：")


def test_gap_zones_are_run_ranked_and_chosen_by_table_and_map(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    gaps = open_tool(page, "缺口片区")
    gaps.get_by_label("设施类别").select_option("elder_station")
    gaps.get_by_role("button", name="计算缺口").click()
    first = gaps.get_by_role("button", name="第 1 名")
    expect(first).to_be_visible()
    run = shown_run(page)
    result = server.get(f"/api/runs/{run}/result")
    zone = next(one for one in result["zones"] if one["rank"] == 1)
    for one in {zone["reason"] for zone in result["zones"]}:
        expect(legend(page)).to_contain_text(REASONS[one])
    first.click()
    card = gaps.get_by_role("region", name="选中的片区")
    expect(card).to_contain_text(zone["alternative"]["name"])
    expect(card).to_contain_text(f"{round(zone['alternative']['metres']):,} m")
    expect(first).to_have_attribute("aria-pressed", "true")
    card.get_by_role("button", name="关闭片区").click()
    expect(card).to_have_count(0)
    the_map = page.get_by_role("application")
    the_map.focus()
    page.keyboard.press("Enter")  # the middle of the map is in the zone that was brought into view
    expect(gaps.get_by_role("region", name="选中的片区")).to_be_visible()
    gaps.get_by_role("button", name="立为项目").click()
    keep_project(gaps)
    page.reload()
    expect(page.get_by_role("region", name="选中的片区")).to_be_visible()


def test_a_kept_run_that_is_gone_says_what_to_do(server: Server, open_page: PageMaker, watched: Watched) -> None:
    watched.provoke("404")
    page = open_page(server, "#tool=gaps&t.category=clinic&t.run=01a00000-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("这个结果已不在。")).to_be_visible()


def test_capacity_colours_grids_in_classes_and_names_each(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    capacity = open_tool(page, "容量")
    capacity.get_by_label("设施类别").select_option("elder_station")
    capacity.get_by_role("button", name="计算容量").click()
    expect(capacity).to_contain_text("每千人 35")
    result = server.get(f"/api/runs/{shown_run(page)}/result")
    row = max(result["rows"], key=lambda one: one["places_per_1000"] or 0)
    line = capacity.get_by_role("row", name=re.compile(row["name"])).first
    expect(line).to_contain_text(f"{int(row['places_per_1000'] + 0.5):,}")
    expect(legend(page)).to_contain_text("≥ 70")
    before = page.evaluate("location.hash")
    line.get_by_role("button", name=row["name"]).click()
    expect(line.get_by_role("button", name=row["name"])).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".leaflet-overlay-pane path")).not_to_have_count(0)
    page.wait_for_function("before => location.hash !== before", arg=before)


def test_the_sheet_of_a_community_says_what_is_short_and_marks_what_counts(
    server: Server, open_page: PageMaker
) -> None:
    page = open_page(server)
    sheet = open_tool(page, "社区体检表")
    sheet.get_by_label("社区", exact=False).first.select_option("990101001001")
    sheet.get_by_role("button", name="体检", exact=True).click()
    item = sheet.get_by_role("button", name=re.compile("CRC-02"))
    expect(item).to_be_visible()
    result = server.get(f"/api/runs/{shown_run(page)}/result")
    assert len(result["rows"]) == 20
    expect(sheet.get_by_role("button", name=re.compile("CRC-"))).to_have_count(20)
    expect(sheet.get_by_role("heading", name=re.compile("^目标 "))).to_have_count(6)
    row = next(one for one in result["rows"] if one["item"] == "CRC-02")
    item.click()
    expect(item).to_have_attribute("aria-expanded", "true")
    expect(sheet).to_contain_text(row["sentence"]["zh"])
    expect(sheet).to_contain_text("完整居住社区建设标准")
    expect(legend(page)).to_contain_text(f"{len(row['facilities'])} 处设施")
    expect(page.locator(".leaflet-marker-pane .mark")).to_have_count(len(row["facilities"]))
    sheet.get_by_role("button", name=row["facilities"][0]["name"]).click()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(row["facilities"][0]["code"])


def test_sites_are_found_among_stored_and_drawn_candidates(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    siting = open_tool(page, "选点")
    siting.get_by_label("设施类别").select_option("elder_station")
    siting.get_by_label("新建一处的费用").fill("800000")
    loaded(page)
    siting.get_by_role("button", name="在地图上加候选点").click()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")  # at the crosshair
    expect(siting.get_by_text("自己画的候选（1）")).to_be_visible()
    expect(siting.get_by_label("名称")).to_have_value("候选 A")
    siting.get_by_role("button", name="不再加点").click()
    siting.get_by_role("button", name="选点", exact=True).click()
    table = siting.get_by_role("table", name=re.compile("选中的点"))
    expect(table).to_be_visible()
    result = server.get(f"/api/runs/{shown_run(page)}/result")
    assert any(one["kind"] == "drawn" for one in result["sites"] + result["candidates"])
    expect(table.get_by_role("row")).to_have_count(len(result["sites"]) + 1)
    expect(table.get_by_role("row").nth(1)).to_contain_text(f"{result['sites'][0]['people']:,}")
    expect(table).not_to_contain_text("@")  # crossings are called by their streets
    others = siting.get_by_role("table", name=re.compile("没有选中的"))
    expect(others.get_by_role("row")).to_have_count(len(result["candidates"]) + 1)
    for one in result["candidates"]:
        expect(others).to_contain_text(one["why"]["zh"] if one["why"] else one["name"] or one["code"])
    expect(page.locator(".leaflet-marker-pane .mark")).to_have_count(len(result["sites"] + result["candidates"]))
    expect(siting).to_contain_text("各网格新覆盖多少居民")
    expect(legend(page)).to_contain_text("按治理网格，新覆盖的居民占比")
    siting.get_by_role("button", name=f"全部 {len(result['sites'])} 处放进情景推演").click()
    outcome = page.get_by_role("region", name="前后变化")
    expect(outcome).to_contain_text(f"（+{result['total']['people']:,}）")
    expect(page.get_by_text(f"改动（{len(result['sites'])}）")).to_be_visible()
    page.go_back()
    table.get_by_role("rowheader").first.get_by_role("button").first.click()
    card = siting.get_by_role("region", name="选中的点位")
    card.get_by_role("button", name="立为项目").click()
    keep_project(card)
    made = server.get("/api/projects?sort=-created_at&limit=1")["features"][0]["properties"]
    assert made["source"] == f"siting/elder_station run {result['uid']}"
    assert len(made["measures"]["edits"]) == 1
    siting.get_by_label("处数").last.fill("0")
    siting.get_by_label("处数").last.press("Tab")
    expect(siting.get_by_role("alert")).to_contain_text("1 到 100")


def test_a_scenario_is_edited_answered_kept_shared_and_compared(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#tool=scenario&t.category=clinic&t.by=grid")
    loaded(page)
    tool = page.get_by_role("tabpanel", name="情景推演")
    clinic = server.get("/api/facilities?category=clinic&sort=code&limit=1")["features"][0]["properties"]
    tool.get_by_role("button", name="关闭设施").click()
    tool.get_by_label("或从列表中选设施").select_option(clinic["code"])
    outcome = tool.get_by_role("region", name="前后变化")
    expect(outcome.get_by_role("table")).to_be_visible()
    expect(outcome).to_contain_text("−")
    expect(legend(page)).to_contain_text("−20 及以下")
    tool.get_by_role("button", name="增设设施").click()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")  # at the crosshair
    expect(tool.get_by_text("改动（2）")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    tool.get_by_role("button", name="重做").click()
    expect(tool.get_by_text("改动（2）")).to_be_visible()
    tool.get_by_role("button", name="撤销").click()
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    page.reload()
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    expect(tool.get_by_role("button", name="重做")).to_be_enabled()
    link = tool.get_by_label(re.compile("^分享链接"))
    expect(link).to_have_value(re.compile(r"t\.edits=\w"))
    other = open_page(server, link.input_value().partition("/map")[2])
    expect(other.get_by_role("tabpanel", name="情景推演").get_by_text("改动（1）")).to_be_visible()
    other.close()
    tool.get_by_text("步行方式和时刻").click()
    tool.get_by_label("时刻").fill("22:30")
    tool.get_by_label("时刻").press("Tab")
    expect(legend(page)).to_contain_text("22:30")
    tool.get_by_role("button", name="保存", exact=True).click()
    expect(tool.get_by_role("alert")).to_contain_text("请先起一个名称")
    tool.get_by_label("名称").fill("关一处卫生站")
    tool.get_by_role("button", name="保存", exact=True).click()
    expect(link).to_have_value(re.compile(r"/map\?scenario="))
    kept = server.get("/api/scenarios")["scenarios"][0]
    assert kept["question"]["at"] == "22:30"
    assert kept["edits"] == [{"edit": "facility_close", "facility": clinic["code"]}]
    page.goto(link.input_value())
    expect(tool.get_by_label("名称")).to_have_value("关一处卫生站")
    expect(tool.get_by_label("时刻")).to_have_value("22:30")
    expect(tool.get_by_text("改动（1）")).to_be_visible()
    tool.get_by_label("已保存的情景").select_option("")
    expect(tool.get_by_text("改动（0）")).to_be_visible()
    tool.get_by_role("button", name="增设设施").click()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")
    tool.get_by_label("与另一情景比较").select_option("关一处卫生站")
    expect(outcome.get_by_role("columnheader", name="另一情景的差")).to_be_visible()


def test_a_rectangle_is_dragged(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#map=16/112.10057/30.79995")
    tool = open_tool(page, "圈选")
    tool.get_by_role("radio", name="矩形").check()
    tool.get_by_role("button", name="开始画").click()
    expect(page.locator(".map.is-picking.is-boxing")).to_be_visible()
    before = page.evaluate("location.hash.match(/map=[^&]*/)[0]")
    area = page.get_by_role("application").bounding_box()
    assert area
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x - 80, y - 60)
    page.mouse.down()
    page.mouse.move(x + 80, y + 60, steps=4)
    page.mouse.up()
    expect(page).to_have_url(re.compile("t.shape=[^&]*;"))
    expect(tool.get_by_role("button", name="接着画")).to_be_visible()
    (west, south), (east, north) = corners_of(page.url)
    assert abs(east - west) > 0.001
    assert abs(north - south) > 0.0005
    assert page.evaluate("location.hash.match(/map=[^&]*/)[0]") == before, "the map stays"


def test_what_lies_in_a_shape_is_listed_drawn_saved_and_asked_for_circles(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#map=16/112.10057/30.79995")
    tool = open_tool(page, "圈选")
    tool.get_by_role("radio", name="矩形").check()
    tool.get_by_role("button", name="开始画").click()
    page.get_by_role("application").focus()
    page.keyboard.press("Enter")  # at the crosshair
    step(page, "ArrowRight")
    step(page, "ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("t.shape=[^&]*;"))
    tool.get_by_role("checkbox", name="楼栋").check()
    (west, south), (east, north) = corners_of(page.url)
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    inside = server.get(f"/api/buildings?limit=1000&within={quote(f'POLYGON(({ring}))')}")["numberMatched"]
    assert inside > 0
    found = tool.get_by_role("region", name="圈内")
    expect(found.get_by_role("status")).to_contain_text(f"楼栋 {inside}")
    found.get_by_role("combobox", name="列出").select_option("buildings")
    expect(found.get_by_role("rowheader")).to_have_count(inside)
    expect(legend(page)).to_contain_text("圈选的范围")
    with page.expect_download() as saving:
        found.get_by_role("button", name="GeoJSON").click()
    assert len(json.loads(saving.value.path().read_text())["features"]) == inside
    found.get_by_role("rowheader").first.get_by_role("button").click()
    expect(found.get_by_role("rowheader").first.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    tool.get_by_role("button", name="清除圈选").click()
    expect(found).to_have_count(0)
    expect(page).not_to_have_url(re.compile("t.shape"))


def test_a_shape_is_typed_or_an_area_and_one_that_crosses_itself_says_so(
    server: Server, open_page: PageMaker, watched: Watched
) -> None:
    watched.provoke("status of 4")  # a shape that crosses itself is refused
    page = open_page(server, "#tool=select")
    tool = page.get_by_role("tabpanel", name="圈选")
    tool.get_by_text("或写各角的经纬度").click()
    for typed, said in (
        ("112.10,30.80\n112.11", "第 2 行不对"),
        ("112.10,30.80\n112.11,30.81", "点数不够"),
        ("112.10,30.80\n112.11,30.81\n112.11,30.80\n112.10,30.81", "多边形的边互相交叉"),
    ):
        tool.get_by_role("textbox").fill(typed)
        tool.get_by_role("button", name="用这些点").click()
        expect(tool.get_by_role("alert")).to_contain_text(said)
    tool.get_by_role("radio", name="按区域").check()
    tool.get_by_role("combobox", name="级别").select_option("community")
    tool.get_by_role("combobox", name="区域").select_option("990101001001")
    count = server.get("/api/facilities?limit=1&within=990101001001")["numberMatched"]
    expect(tool.get_by_role("region", name="圈内").get_by_role("status")).to_contain_text(f"设施 {count}")
    tool.get_by_role("button", name=f"从这 {count} 处设施画服务圈").click()
    expect(tool.get_by_role("table", name=re.compile("三个服务圈"))).to_be_visible()
    expect(legend(page)).to_contain_text("服务圈")
    page.get_by_role("button", name="关闭这项分析").click()
    expect(page.locator(".leaflet-marker-pane .mark")).to_have_count(0)


def corners_of(url: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return west, south and east, north of the two corners in an address."""
    shape = unquote(url).partition("t.shape=")[2].partition("&")[0]
    (one, two) = [tuple(map(float, corner.split(","))) for corner in shape.split(";")]
    return (min(one[0], two[0]), min(one[1], two[1])), (max(one[0], two[0]), max(one[1], two[1]))


def test_distance_and_area_are_measured_with_the_keyboard_too(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    measure = open_tool(page, "量距离和面积")
    loaded(page)
    expect(measure).to_contain_text("依次点几个点")
    page.get_by_role("application").focus()
    for move in (None, "ArrowRight", "ArrowDown"):
        if move:
            step(page, move)
        page.keyboard.press("Enter")
    expect(measure.get_by_role("listitem")).to_have_count(3)
    expect(measure).to_contain_text("面积")
    measure.get_by_role("button", name="退回一点").click()
    expect(measure.get_by_role("listitem")).to_have_count(2)
    page.get_by_role("button", name="关闭这项分析").click()
    expect(page.locator(".leaflet-marker-pane .mark")).to_have_count(0)


def test_two_results_stand_on_both_sides_of_a_line(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=pharmacy&circle=15&by=grid")
    table = page.get_by_role("tabpanel", name="结果").get_by_role("table")
    expect(table).to_be_visible()
    page.get_by_role("radio", name="5 分钟 300 m", exact=True).check()
    expect(legend(page)).to_contain_text("按距离：5 分钟生活圈")  # the run is kept: it will be listed
    expect(table).to_be_visible()
    compare = open_tool(page, "对比两次结果")
    for side, name in (("甲（左）", "5 分钟生活圈"), ("乙（右）", "15 分钟生活圈")):
        choice = compare.get_by_label(side)
        option = choice.get_by_role("option", name=re.compile(f"· {name}.*治理网格")).first
        choice.select_option(option.get_attribute("value"))
    expect(compare.get_by_role("table").first).to_be_visible()
    expect(compare).to_contain_text("合计")
    line = page.locator(".swipe-line")
    expect(line).to_be_visible()
    west = "document.querySelector('.swipe-line').getBoundingClientRect().x"
    before = page.evaluate(west)
    compare.get_by_label("分界线位置").press("ArrowRight")
    expect(page).to_have_url(re.compile("t.swipe=51"))
    page.wait_for_function(f"before => {west} > before", arg=before)
    page.get_by_role("button", name="关闭这项分析").click()
    expect(line).to_be_hidden()


def test_who_may_not_compute_reads_what_is_kept(staff: Staff, open_page: PageMaker) -> None:
    address = "#tool=gaps&t.category=clinic"
    official = open_page(staff.server, address, state=staff.states["official"])
    official.get_by_role("button", name="计算缺口").click()
    expect(official.get_by_role("tabpanel", name="缺口片区").get_by_role("table")).to_be_visible()
    page = open_page(staff.server, address, state=staff.states["resident"])
    gaps = page.get_by_role("tabpanel", name="缺口片区")
    expect(gaps).to_contain_text("计算新结果需要规划人员的权限")
    expect(gaps.get_by_role("button", name="计算缺口")).to_have_count(0)
    gaps.get_by_label(re.compile("^已有结果")).select_option(index=1)
    expect(gaps.get_by_role("table")).to_be_visible()
    gaps.get_by_role("table").get_by_role("button").first.click()
    expect(gaps.get_by_role("region", name="选中的片区")).to_be_visible()
    expect(gaps.get_by_role("button", name="立为项目")).to_have_count(0)
    expect(gaps.get_by_role("button", name="生成核实任务")).to_have_count(0)
