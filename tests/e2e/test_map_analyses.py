"""The analyses on the map page as a planner uses them, by role and label, against a real server with the demo."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PageMaker, Server, Watched, loaded

REASONS = {
    "no_facility": "步行范围内没有设施",
    "near_by_air": "直线近、走路远",
    "admits_others": "附近的设施只对他人开放",
    "over_capacity": "设施容量不足",
    "not_surveyed": "设施清单未声明齐全",
    "unknown_data": "数据不详",
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
    page.get_by_label(re.compile("^年龄段")).select_option("80_plus")
    expect(results).to_contain_text("只统计：80 岁及以上")
    expect(legend(page)).to_contain_text("只统计：80 岁及以上")
    run = next(one for one in server.get("/api/runs?kind=coverage") if one["parameters"]["profile"] == "by_age")
    totals = server.get(f"/api/runs/{run['uid']}/result")["totals"]
    row = next(one for one in totals if one["category"] == "clinic" and one["band"] == "80_plus")
    expect(results.get_by_role("region", name=re.compile("居民"))).to_contain_text(str(row["people_covered"]))
    loaded(page)


def open_tool(page: Page, name: str) -> Locator:
    """Open an analysis from the menu and return its panel."""
    page.get_by_role("tab", name="分析").click()
    page.get_by_role("button", name=re.compile(f"^{name}")).click()
    return page.get_by_role("tabpanel", name=name)


def test_gap_zones_are_run_ranked_and_chosen_by_table_and_map(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    gaps = open_tool(page, "缺口片区")
    gaps.get_by_label("设施类别").select_option("elder_station")
    gaps.get_by_role("button", name="计算缺口").click()
    first = gaps.get_by_role("button", name="第 1 名")
    expect(first).to_be_visible()
    run = server.get("/api/runs?kind=gaps")[0]["uid"]
    result = server.get(f"/api/runs/{run}/result")
    zone = next(one for one in result["zones"] if one["rank"] == 1)
    expect(page).to_have_url(re.compile(f"t.run={run}"))
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
    gaps.get_by_role("button", name="转为项目").click()
    expect(gaps).to_contain_text("已建项目：")
    page.reload()
    expect(page.get_by_role("region", name="选中的片区")).to_be_visible()


def test_a_kept_run_that_is_gone_says_what_to_do(server: Server, open_page: PageMaker, watched: Watched) -> None:
    page = open_page(server, "#tool=gaps&t.category=clinic&t.run=01a00000-0000-7000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("这个结果已不在。")).to_be_visible()
    watched.errors.clear()
