"""What all pages share: head, search, display, help, what is going on, a server that is away, the end of a session."""

import re
from urllib.parse import unquote

from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import COMMUNITY, PASSWORD, PageMaker, Server, Staff, Watched, end_session_at, loaded


def pages(page: Page):
    return page.get_by_role("navigation", name="页面").get_by_role("link")


def search(page: Page):
    return page.get_by_role("combobox", name="按名称、编码、地址或坐标搜索")


def hits(page: Page):
    return page.get_by_role("listbox", name="搜索结果").get_by_role("option")


def go_to_area(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("^区域")).click()
    page.get_by_label("查找区域").fill(name)
    expect(page.get_by_role("group", name="区域").get_by_role("button", name=re.compile(name)).first).to_be_visible()
    page.get_by_label("查找区域").press("Enter")


def test_the_head_leads_everywhere_and_finds_everything(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    expect(pages(page)).to_have_text(["地图", "看板", "照片审核", "账号管理", "操作记录"])
    expect(pages(page).first).to_have_attribute("aria-current", "page")
    loaded(page)
    search(page).fill(COMMUNITY)
    expect(hits(page).first).to_contain_text(COMMUNITY)
    search(page).fill("示例湖")
    expect(hits(page).first).to_contain_text("示例湖")
    search(page).press("ArrowDown")
    search(page).press("Enter")
    page.wait_for_function("location.hash.includes('feature=')")
    lon, lat = server.street()
    search(page).fill(f"{lon:.5f}，{lat:.5f}")
    expect(page.get_by_role("group", name=re.compile("坐标"))).to_contain_text(f"{lon:.5f}")
    search(page).press("Enter")
    page.wait_for_function(f"location.hash.includes('at={lon:.5f}')")
    pages(page).get_by_text("看板").click()
    expect(page.get_by_role("heading", level=1, name="决策看板")).to_be_visible()
    go_to_area(page, "街道一")
    expect(page.get_by_role("button", name=re.compile("^区域 示例街道一"))).to_be_visible()
    search(page).fill("泉荷苑 3栋")
    expect(page.get_by_role("group", name="楼栋").get_by_role("option")).to_contain_text("示例泉荷苑3号楼")
    search(page).fill("示例湖")
    hits(page).first.click()
    page.wait_for_url(re.compile(r"/map#.*feature="))
    expect(page.get_by_role("tab", name="详情")).to_have_attribute("aria-selected", "true")


def test_display_is_kept_and_help_is_a_key_away(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, tour=True)
    tour = page.get_by_role("region", name="导览")
    expect(tour).to_contain_text("第 1 步，共 4 步")
    expect(page.locator(".is-shown-by-tour")).to_have_count(1)
    for _ in range(3):
        tour.get_by_role("button", name="下一步").click()
    tour.get_by_role("button", name="开始使用").click()
    page.get_by_role("button", name="显示").click()
    page.get_by_label("长者大字").check()
    page.get_by_label("深色").check()
    page.goto(f"{server.origin}/board")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_css("font-size", "20px")
    page.goto(f"{server.origin}/map")
    loaded(page)
    expect(tour).to_have_count(0)
    page.keyboard.press("?")
    help_box = page.get_by_role("dialog", name="怎么用")
    expect(help_box.get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(help_box.get_by_label("使用单键快捷键")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(help_box).to_have_count(0)
    page.keyboard.press("?")
    expect(help_box).to_have_count(0)
    page.get_by_role("button", name="菜单").click()
    page.get_by_role("button", name="帮助").click()
    help_box.get_by_label("使用单键快捷键").check()
    page.keyboard.press("Escape")
    expect(help_box).to_have_count(0)
    page.locator("body").press("/")
    expect(search(page)).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("m")
    expect(page.get_by_role("application", name="地图")).to_be_focused()


def test_what_is_under_way_and_what_came_of_it(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#tool=gaps&t.category=canteen&t.circle=5")
    page.locator(".tool button.primary").first.click()
    expect(page.locator(".tool").get_by_role("table").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^进展")).click()
    box = page.get_by_role("region", name="进展")
    gaps = box.get_by_role("link", name=re.compile("缺口 · ")).first
    expect(gaps).to_be_visible()
    expect(box).to_contain_text("已完成")
    link = gaps.get_attribute("href") or ""
    assert re.search(r"tool=gaps&t\.run=[0-9a-f-]+", link)
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^进展"))).to_be_focused()
    page.goto("about:blank")
    page.goto(server.origin + link)
    expect(page.locator(".tool").get_by_role("table").first).to_be_visible()


def test_a_phone_has_a_menu_and_nothing_is_wider_than_it(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, phone=True)
    page.set_viewport_size({"width": 360, "height": 640})
    loaded(page)
    menu = page.get_by_role("button", name="菜单")
    menu.click()
    page.get_by_label("特大").check()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(pages(page).first).to_be_hidden()
    menu.click()
    expect(pages(page).first).to_be_visible()
    small = """[...document.querySelectorAll('.shell button, .shell nav a')].filter((one) => one.offsetParent)
        .map((one) => one.getBoundingClientRect()).filter(({ height }) => height < 44).length"""
    assert page.evaluate(small) == 0
    pages(page).get_by_text("看板").click()
    expect(page.get_by_role("heading", name="关键指标")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_server_that_is_away_and_comes_back(server: Server, open_page: PageMaker, watched: Watched) -> None:
    watched.provoke("ERR_")
    page = open_page(server)
    loaded(page)
    away: list[Route] = []

    def fail(route: Route) -> None:
        away.append(route)
        route.abort()

    page.route("**/api/search**", fail)
    page.route("**/health", fail)
    search(page).fill("示例湖")
    expect(page.get_by_text("连不上服务器，正在重试")).to_be_visible()
    expect(page.get_by_text("暂时不能搜索")).to_be_visible()
    page.unroute("**/api/search**")
    page.unroute("**/health")
    # nobody presses anything: the banner goes and what failed is asked again
    expect(page.get_by_text("连不上服务器，正在重试")).to_have_count(0)
    expect(hits(page).first).to_contain_text("示例湖")
    assert away
    page.context.set_offline(True)
    expect(page.get_by_text("本机没有连上网络")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("本机没有连上网络")).to_have_count(0)


def test_an_official_sees_his_pages_and_areas_and_comes_back_after_his_session(
    staff: Staff, open_page: PageMaker, watched: Watched
) -> None:
    watched.provoke("401")
    page = open_page(staff.server, state=staff.states["official"])
    expect(pages(page)).to_have_text(["地图", "看板", "照片审核", "操作记录"])
    loaded(page)
    go_to_area(page, "第一社区")
    page.wait_for_function(f"location.hash.includes('feature=areas/{COMMUNITY}')")
    pages(page).get_by_text("看板").click()
    page.wait_for_url(re.compile(f"/board#area={COMMUNITY}"))
    area = page.get_by_role("button", name=re.compile("^区域 示例第一社区"))
    expect(area).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{staff.server.origin}/board")
    page.wait_for_url(re.compile(f"/board#area={COMMUNITY}"))  # where one was last
    area.click()
    page.get_by_role("button", name="全部区域").click()
    page.wait_for_function("!location.hash.includes('area=')")
    pages(page).get_by_text("地图").click()
    loaded(page)
    end_session_at(page, "**/api/analyses/coverage", "POST")
    page.get_by_label("设施类别").select_option("supermarket")
    page.wait_for_url(re.compile("/sign-in"))
    expect(page.get_by_text("登录已过期")).to_be_visible()
    assert "category=supermarket" in unquote(page.url)
    page.get_by_label("账号").fill("official")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/map#.*category=supermarket"))
    expect(page.get_by_role("heading", name="综合超市：谁走得到")).to_be_visible()
