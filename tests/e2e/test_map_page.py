"""The map page as a planner uses it, by role and label, against a real server with the demo."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Held, PageMaker, Server, Watched, loaded

RESULTS = "综合超市：谁走得到"
SUPERMARKET = "#category=supermarket&circle=15&profile=standard&by=community"


def the_map(page: Page):
    return page.get_by_role("application")


def legend(page: Page):
    return page.get_by_role("region", name="图例")


def test_the_page_opens_in_chinese_with_banner_legend_scale_and_attribution(
    server: Server, open_page: PageMaker
) -> None:
    page = open_page(server)
    expect(page).to_have_title("共同缔造地图")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("note")).to_contain_text("示例数据")
    expect(page.get_by_role("application", name="地图")).to_be_visible()
    loaded(page)
    expect(legend(page)).to_contain_text("楼栋")
    expect(page.locator(".leaflet-control-scale")).to_contain_text("m")
    attribution = page.locator(".leaflet-control-attribution")
    expect(attribution).to_contain_text("Leaflet")
    expect(attribution).to_contain_text("示例数据")
    expect(attribution.locator("svg")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/map#map=\d+/\d+\.\d+/\d+\.\d+&layers="))


def test_the_map_is_painted(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    loaded(page)
    page.wait_for_function(
        """() => [...document.querySelectorAll('.leaflet-tile-pane canvas')].some((canvas) =>
            canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))"""
    )


def test_choosing_a_category_shows_shares_legend_and_table(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    page.get_by_label("设施类别").select_option("supermarket")
    expect(page.get_by_role("heading", name=RESULTS)).to_be_visible()
    table = page.get_by_role("table")
    expect(table.get_by_role("row")).not_to_have_count(0)
    expect(legend(page)).to_contain_text("按距离：15 分钟生活圈，沿路步行不超过 1,000 m")
    people = page.get_by_role("region", name=re.compile("居民 .* 人"))
    for state in ("已覆盖", "未覆盖", "情况不详"):
        expect(people).to_contain_text(state)
    result = server.get("/api/runs?kind=coverage")
    assert result
    expect(page).to_have_url(re.compile("category=supermarket"))


def test_a_panel_that_opens_leaves_the_middle_in_the_middle(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    loaded(page)
    wide = the_map(page).bounding_box()
    before = page.evaluate("location.hash.split('&')[0]")
    page.get_by_label("设施类别").select_option("supermarket")
    expect(page.get_by_role("table")).to_be_visible()
    loaded(page)
    narrow = the_map(page).bounding_box()
    assert wide
    assert narrow
    assert narrow["width"] < wide["width"]
    expect(page).to_have_url(re.compile(f"{re.escape(before)}&"))


def test_distance_and_time_rules_are_told_apart(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, SUPERMARKET)
    expect(legend(page)).to_contain_text("按距离：15 分钟生活圈")
    page.get_by_role("radio", name="按时间（步行）").check()
    expect(legend(page)).to_contain_text("按时间：步行不超过 15 分钟")
    expect(page.get_by_role("columnheader", name="平均时间")).to_be_visible()
    page.get_by_role("radio", name="10 分钟").check()
    expect(legend(page)).to_contain_text("按时间：步行不超过 10 分钟")
    page.get_by_label("步行方式").select_option("elder")
    expect(legend(page)).to_contain_text("3.0 km/h")


def test_the_table_says_what_the_result_says(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=kindergarten&circle=15&by=grid")
    table = page.get_by_role("table")
    expect(table.get_by_role("rowheader").first).to_be_visible()
    runs = server.get("/api/runs?kind=coverage")
    run = next(one for one in runs if one["parameters"]["by"] == "grid" and one["parameters"]["circle"] == 15)
    rows = server.get(f"/api/runs/{run['uid']}/result")["rows"]
    wanted = [row for row in rows if row["category"] == "kindergarten" and row["band"] == "3_5"]  # whom it is there for
    expect(table.get_by_role("rowheader")).to_have_count(len(wanted))
    table.get_by_role("button", name="居民").click()
    expect(page.get_by_role("columnheader", name="居民")).to_have_attribute("aria-sort", "descending")
    most = max(wanted, key=lambda row: row["people_total"])
    expect(table.get_by_role("row").nth(1)).to_contain_text(f"{most['people_total']:,}")
    table.get_by_role("button", name="居民").click()
    expect(page.get_by_role("columnheader", name="居民")).to_have_attribute("aria-sort", "ascending")


def test_another_category_needs_no_request(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=supermarket&circle=15&by=building")
    expect(page.get_by_role("heading", name=RESULTS)).to_be_visible()
    expect(legend(page)).to_contain_text("每栋住宅楼的状态")
    for state in ("已覆盖", "未覆盖", "情况不详"):
        expect(legend(page)).to_contain_text(state)
    loaded(page)
    asked: list[str] = []
    # what is new is asked from time to time, whatever is chosen
    others = re.compile("/assets/|/api/jobs$|/api/waiting$")
    page.on("request", lambda request: None if others.search(request.url) else asked.append(request.url))
    page.get_by_role("button", name=re.compile("^社区卫生服务站")).click()
    expect(page.get_by_role("heading", name="社区卫生服务站：谁走得到")).to_be_visible()
    loaded(page)
    assert asked == []


def test_by_people_or_by_homes(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, SUPERMARKET)
    page.get_by_role("radio", name="按住宅楼").check()
    expect(page.get_by_role("columnheader", name="住宅楼")).to_be_visible()
    expect(page).to_have_url(re.compile("basis=buildings"))
    page.get_by_label(re.compile("^年龄段")).select_option("80_plus")
    expect(page).to_have_url(re.compile("band=80_plus"))


def test_a_click_on_a_home_explains_it(server: Server, open_page: PageMaker) -> None:
    home = server.home()
    page = open_page(server, f"#map=19/{home['lon']:.6f}/{home['lat']:.6f}&category=clinic&circle=15&by=building")
    expect(page.get_by_role("table")).to_be_visible()  # the run is there: its tiles are asked for now
    loaded(page)
    the_map(page).click()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(home["code"])
    why = page.get_by_role("region", name="覆盖情况")
    expect(why).to_contain_text("最近设施")
    expect(why).to_contain_text("步行距离")
    expect(why).to_contain_text("从楼到路")
    expect(why).to_contain_text("按距离：15 分钟生活圈")
    expect(page.locator(".leaflet-overlay-pane path")).not_to_have_count(0)
    expect(page).to_have_url(re.compile(f"home={home['code']}"))
    said = server.get(f"/api/explain?building={home['code']}&category=clinic&circle=15")
    expect(why).to_contain_text({"covered": "已覆盖", "not_covered": "未覆盖", "unknown": "情况不详"}[said["state"]])
    expect(why).to_contain_text(f"{said['metres']:,.0f} m")
    for words in said["words"]:
        expect(why).to_contain_text(words["zh"])


@pytest.mark.parametrize(
    ("held", "by"),
    [
        (r"/tiles/buildings/", ""),
        (r"/tiles/buildings/.*\?run=", "&category=clinic&circle=15&by=building"),
        (r"/styles\.json", ""),
    ],
    ids=["tiles", "tiles of a run", "styles"],
)
def test_a_click_waits_for_what_is_under_it(server: Server, open_page: PageMaker, held: str, by: str) -> None:
    home = server.home()
    tiles = Held(re.compile(held))
    asked: list[str] = []

    def prepare(page: Page) -> None:
        page.on("request", lambda request: asked.append(request.url))
        tiles.hold(page)

    page = open_page(server, f"#map=19/{home['lon']:.6f}/{home['lat']:.6f}{by}", prepare=prepare)
    expect(page.get_by_label("设施类别")).to_contain_text("综合超市")
    if by:
        expect(page.get_by_role("table")).to_be_visible()
    tiles.asked(page)
    the_map(page).click()
    expect(the_map(page)).to_have_class(re.compile("is-held"))
    expect(page.get_by_role("heading", name="从这里的服务圈")).to_have_count(0)
    tiles.let_go()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(home["code"])
    expect(the_map(page)).not_to_have_class(re.compile("is-held"))
    expect(page).to_have_url(re.compile(f"home={home['code']}"))
    assert not [url for url in asked if "analyses/circles" in url]


def test_a_click_that_waited_draws_circles_where_there_is_nothing(server: Server, open_page: PageMaker) -> None:
    lon, lat = server.street()
    tiles = Held("**/tiles/buildings/**")
    page = open_page(server, f"#map=18/{lon:.6f}/{lat:.6f}&layers=ways,buildings", prepare=tiles.hold)
    expect(page.locator(".map-notices")).to_contain_text("载入")
    the_map(page).click()
    expect(the_map(page)).to_have_class(re.compile("is-held"))
    tiles.let_go()
    expect(page.get_by_role("heading", name="从这里的服务圈")).to_be_visible()


def test_what_is_chosen_meanwhile_outlives_a_click_that_waited(server: Server, open_page: PageMaker) -> None:
    home = server.home()
    facility = server.get("/api/facilities?limit=1&sort=code")["features"][0]["properties"]
    tiles = Held("**/tiles/buildings/**")
    address = f"#map=19/{home['lon']:.6f}/{home['lat']:.6f}&layers=buildings"
    page = open_page(server, address, prepare=tiles.hold)
    expect(page.get_by_label("设施类别")).to_contain_text("综合超市")
    tiles.asked(page)
    the_map(page).click()
    expect(the_map(page)).to_have_class(re.compile("is-held"))
    page.get_by_role("combobox", name=re.compile("搜索")).fill(facility["code"])
    page.get_by_role("option", name=re.compile(facility["code"])).first.click()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(facility["code"])
    tiles.let_go()
    loaded(page)
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(facility["code"])
    expect(page).to_have_url(re.compile(f"feature=facilities/{facility['code']}"))


def test_circles_are_drawn_also_when_they_come_before_the_layers(server: Server, open_page: PageMaker) -> None:
    lon, lat = server.street()
    styles = Held("**/styles.json")
    page = open_page(server, f"#at={lon:.6f},{lat:.6f}", prepare=styles.hold)
    expect(page.get_by_role("rowheader", name="5 分钟（300 m）")).to_be_visible()
    styles.let_go()
    loaded(page)
    expect(page.locator(".leaflet-overlay-pane path")).not_to_have_count(0)


def test_a_click_elsewhere_draws_circles_with_the_people_inside(server: Server, open_page: PageMaker) -> None:
    lon, lat = server.street()
    page = open_page(server, f"#map=17/{lon:.6f}/{lat:.6f}&layers=ways,areas")
    loaded(page)
    the_map(page).click()
    expect(page.get_by_role("heading", name="从这里的服务圈")).to_be_visible()
    expect(page.locator(".crosshair")).to_be_hidden()
    rows = page.get_by_role("table").get_by_role("rowheader")
    expect(rows).to_have_count(3)
    for text in ("5 分钟（300 m）", "10 分钟（500 m）", "15 分钟（1,000 m）"):
        expect(page.get_by_role("rowheader", name=text)).to_be_visible()
    expect(page.get_by_text("虚线为同半径的直线圆")).to_be_visible()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text("上路点")
    for text in ("5 分钟（300 m）", "走得到的道路", "上路点"):
        expect(legend(page)).to_contain_text(text)
    expect(page.locator(".leaflet-overlay-pane path")).not_to_have_count(0)
    page.get_by_role("radio", name="按时间（步行）").first.check()
    expect(page.get_by_role("rowheader", name="15 分钟（1,000 m）")).to_be_visible()


def test_a_click_on_a_facility_shows_its_fields(server: Server, open_page: PageMaker) -> None:
    facility = server.get("/api/facilities?limit=1&sort=code")["features"][0]
    code = facility["properties"]["code"]
    page = open_page(server, f"#feature=facilities/{code}")
    fields = page.get_by_role("tabpanel", name="详情")
    expect(fields).to_contain_text(code)
    expect(fields).to_contain_text("开放状态")
    page.get_by_role("button", name="从这里画服务圈").click()
    expect(page.get_by_role("table", name="三个服务圈内的居民和住宅楼")).to_be_visible()


def test_layers_are_switched_with_their_counts(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    loaded(page)
    page.get_by_role("tab", name="图层").click()
    count = server.get("/api/summary")["counts"]["projects"]
    projects = page.get_by_role("checkbox", name=re.compile(f"^项目.*{count}"))
    expect(projects).not_to_be_checked()
    projects.check()
    expect(legend(page)).to_contain_text("项目")
    expect(page).to_have_url(re.compile("layers=[^&]*projects"))
    projects.uncheck()
    expect(legend(page)).not_to_contain_text("项目")


def test_the_language_is_switched_and_remembered(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, SUPERMARKET)
    expect(page.get_by_role("heading", name=RESULTS)).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Supermarket: who can walk there")).to_be_visible()
    expect(page).to_have_title("Community environment map")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("application", name="Map")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Supermarket: who can walk there")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name=RESULTS)).to_be_visible()


def test_an_address_restores_everything_and_steps_go_back_and_forth(server: Server, open_page: PageMaker) -> None:
    home = server.home()
    page = open_page(server)
    loaded(page)
    page.get_by_label("设施类别").select_option("pharmacy")
    expect(page.get_by_role("heading", name="药店：谁走得到")).to_be_visible()
    page.get_by_label("统计单元").select_option("building")
    page.get_by_role("combobox", name=re.compile("搜索")).fill(home["code"])
    page.get_by_role("option", name=re.compile(home["code"])).first.click()
    expect(page.get_by_role("region", name="覆盖情况")).to_contain_text("判定规则")
    loaded(page)
    address = page.evaluate("location.hash")
    page.reload()
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(home["code"])
    expect(page.get_by_role("region", name="覆盖情况")).to_contain_text("判定规则")
    expect(page.get_by_label("设施类别")).to_have_value("pharmacy")
    expect(page.get_by_label("统计单元")).to_have_value("building")
    loaded(page)
    expect(page).to_have_url(re.compile(f"/map{re.escape(address)}$"))
    page.go_back()
    expect(page.get_by_role("heading", name="药店：谁走得到")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("统计单元")).to_have_value("community")
    page.go_back()
    expect(page.get_by_label("设施类别")).to_have_value("")
    page.go_forward()
    expect(page.get_by_label("设施类别")).to_have_value("pharmacy")


def test_a_refused_analysis_says_why_and_can_be_tried_again(
    server: Server, open_page: PageMaker, watched: Watched
) -> None:
    watched.provoke("409")
    page = open_page(server)
    loaded(page)
    sentence = {
        "status": 409,
        "code": "x",
        "detail_zh": "没有步行网络，请先导入。",
        "detail_en": "There is no network.",
    }
    page.route("**/api/analyses/coverage", lambda route: route.fulfill(status=409, json=sentence))
    page.get_by_label("设施类别").select_option("supermarket")
    expect(page.get_by_role("alert").first).to_contain_text("没有步行网络，请先导入。")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is no network.")
    page.unroute("**/api/analyses/coverage")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("table")).to_be_visible()


def test_tiles_that_fail_are_told_and_tried_again(server: Server, open_page: PageMaker, watched: Watched) -> None:
    watched.provoke("404")
    page = open_page(server)
    loaded(page)
    page.route("**/tiles/projects/**", lambda route: route.fulfill(status=404, json={"code": "x"}))
    page.get_by_role("tab", name="图层").click()
    page.get_by_role("checkbox", name=re.compile("^项目")).check()
    expect(page.get_by_role("alert")).to_contain_text("部分地图没有载入")
    page.unroute("**/tiles/projects/**")
    page.get_by_role("alert").get_by_role("button", name="重试").click()
    loaded(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_empty_store_says_what_to_do(empty_server: Server, open_page: PageMaker) -> None:
    page = open_page(empty_server)
    expect(page.get_by_text("还没有数据。请先用 geo-service import osm")).to_be_visible()


@pytest.mark.parametrize("address", ["", "#category=supermarket&circle=15&by=building", "#%%%&map=x/y&at=1"])
def test_the_page_works_on_postgis(postgis_server: Server, open_page: PageMaker, address: str) -> None:
    page = open_page(postgis_server, address)
    loaded(page)
    expect(legend(page)).to_contain_text("图例")
    if "category" in address:
        expect(page.get_by_role("heading", name=RESULTS)).to_be_visible()
        expect(page.get_by_role("table")).to_be_visible()


STRICT_TEXTS = {
    "zh": {
        "strict": "15 分钟（从严） 800 m",
        "usual": "15 分钟 1,000 m",
        "rule": "按距离：15 分钟生活圈（从严），沿路步行不超过 800 m",
        "usual rule": "按距离：15 分钟生活圈，沿路步行不超过 1,000 m",
        "legend": "图例",
        "results": "结果",
        "row": "15 分钟（从严，800 m）",
        "usual row": "15 分钟（1,000 m）",
    },
    "en": {
        "strict": "15 min (strict) 800 m",
        "usual": "15 min 1,000 m",
        "rule": "Distance rule: 15-minute living circle (strict), at most 800 m on foot along streets",
        "usual rule": "Distance rule: 15-minute living circle, at most 1,000 m on foot along streets",
        "legend": "Legend",
        "results": "Results",
        "row": "15 min (strict, 800 m)",
        "usual row": "15 min (1,000 m)",
    },
}


@pytest.mark.parametrize("lang", STRICT_TEXTS)
def test_the_strict_circle_judges_by_the_shorter_distance(server: Server, open_page: PageMaker, lang: str) -> None:
    said = STRICT_TEXTS[lang]
    tiles: list[str] = []
    page = open_page(
        server,
        f"#lang={lang}&category=clinic&circle=15&by=building",
        prepare=lambda page: page.on("request", lambda request: tiles.append(request.url)),
    )
    usual = page.get_by_role("radio", name=said["usual"], exact=True)
    strict = page.get_by_role("radio", name=said["strict"], exact=True)
    results = page.get_by_role("tabpanel", name=said["results"])
    the_legend = page.get_by_role("region", name=said["legend"])
    expect(usual).to_be_checked()
    expect(results).to_contain_text(said["usual rule"])
    strict.check()
    expect(usual).not_to_be_checked()
    for place in (results, the_legend):
        expect(place).to_contain_text(said["rule"])
    expect(page).to_have_url(re.compile("circle=15&strict=1"))
    loaded(page)
    runs = [
        one["parameters"] | {"uid": one["uid"]}
        for one in server.get("/api/runs?kind=coverage")
        if one["parameters"]["by"] == "community" and one["parameters"]["circle"] == 15
    ]
    run = {wanted: next(one["uid"] for one in runs if bool(one.get("strict")) is wanted) for wanted in (False, True)}
    covered = {}
    for is_strict, uid in run.items():
        rows = server.get(f"/api/runs/{uid}/result")["totals"]
        row = next(one for one in rows if one["category"] == "clinic" and one["band"] == "all")
        covered[is_strict] = row["buildings_covered"]
    assert covered[True] < covered[False]
    expect(the_legend.get_by_role("listitem").first).to_contain_text(str(covered[True]))
    loaded(page)  # the figures are drawn: so the tiles of this run have been asked for
    assert [url for url in tiles if "/tiles/buildings/" in url and f"run={run[True]}" in url]
    usual.check()
    expect(results).to_contain_text(said["usual rule"])
    expect(the_legend.get_by_role("listitem").first).to_contain_text(str(covered[False]))
    expect(page).not_to_have_url(re.compile("strict"))


@pytest.mark.parametrize("lang", STRICT_TEXTS)
def test_the_strict_circle_draws_a_smaller_circle(server: Server, open_page: PageMaker, lang: str) -> None:
    said = STRICT_TEXTS[lang]
    lon, lat = server.street()
    page = open_page(server, f"#map=14/{lon:.6f}/{lat:.6f}&lang={lang}&at={lon:.6f},{lat:.6f}")
    widest = """Math.max(...[...document.querySelectorAll('.leaflet-overlay-pane path')]
        .map((path) => path.getBBox().width))"""
    expect(page.get_by_role("rowheader", name=said["usual row"])).to_be_visible()
    page.wait_for_function(f"{widest} > 0")
    loaded(page)
    before = page.evaluate(widest)
    page.get_by_role("radio", name=said["strict"], exact=True).check()
    expect(page.get_by_role("rowheader", name=said["row"])).to_be_visible()
    expect(page.get_by_role("rowheader", name=said["usual row"])).to_have_count(0)
    # the dashed circles, 800 m and 1,000 m wide
    page.wait_for_function(f"before => Math.abs({widest} / (0.8 * before) - 1) <= 0.03", arg=before)
    page.get_by_role("radio", name=said["usual"], exact=True).check()
    expect(page.get_by_role("rowheader", name=said["usual row"])).to_be_visible()
    page.wait_for_function(f"before => Math.abs({widest} / before - 1) <= 0.01", arg=before)
