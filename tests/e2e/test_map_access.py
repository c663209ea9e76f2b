"""The map page by keyboard alone, on a phone, and by search."""

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, PageMaker, Server, loaded


def focused(page: Page) -> str:
    """Return what the focus is on: its role or element, and its name."""
    return str(
        page.evaluate(
            "() => `${document.activeElement.getAttribute('role') ?? document.activeElement.tagName} "
            "${document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent}`"
        )
    )


def test_the_keyboard_alone_reaches_results(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    expect(page.get_by_label("设施类别")).to_contain_text("综合超市")
    page.keyboard.press("Tab")
    assert "跳过地图" in focused(page)
    expect(page.get_by_role("link", name="跳过地图，直接看结果")).to_be_in_viewport()
    category = page.get_by_label("设施类别")
    for _ in range(20):
        page.keyboard.press("Tab")
        if category.evaluate("(element) => element === document.activeElement"):
            break
    expect(category).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(category).to_have_value("service_station")
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("link", name="跳过地图，直接看结果").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="结果与详情")).to_be_focused()


def test_tabs_follow_the_arrow_keys(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    page.get_by_role("tab", name="覆盖").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="图层")).to_be_focused()
    expect(page.get_by_role("tab", name="图层")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="图层")).to_be_visible()


def test_enter_on_the_map_opens_what_is_in_its_middle(server: Server, open_page: PageMaker) -> None:
    home = server.home()
    page = open_page(server, f"#map=19/{home['lon']:.6f}/{home['lat']:.6f}&category=park&circle=10&by=building")
    expect(page.get_by_role("table")).to_be_visible()  # the run is there: its tiles are asked for now
    loaded(page)
    page.get_by_role("button", name="放大").focus()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("application", name="地图")).to_be_focused()
    expect(page.locator(".crosshair")).to_be_visible()
    page.keyboard.press("Enter")
    details = page.get_by_role("tabpanel", name="详情")
    expect(details).to_contain_text(home["code"])
    expect(details.get_by_role("heading").first).to_be_focused()
    expect(page.get_by_role("region", name="覆盖情况")).to_contain_text("判定规则")


def test_search_by_keyboard(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    box = page.get_by_role("combobox", name="按名称、编码、地址或坐标搜索")
    expect(page.get_by_label("设施类别")).to_contain_text("综合超市")
    facility = server.get("/api/facilities?limit=1&sort=code")["features"][0]["properties"]
    box.focus()
    page.keyboard.type(facility["code"])
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.get_by_role("tabpanel", name="详情")).to_contain_text(facility["code"])
    box.fill("没有这样的地方zz")
    expect(page.get_by_text("没有找到“没有这样的地方zz”")).to_be_visible()


def pull(page: Page, handle: Locator, down: int) -> None:
    """Pull a handle by so many pixels."""
    handle.hover()  # where it comes to rest
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + down, steps=3)
    page.mouse.up()


def test_the_legend_is_open_beside_the_map_until_it_is_folded(server: Server, open_page: PageMaker) -> None:
    page = open_page(server)
    head = page.get_by_role("button", name="图例")
    expect(head).to_have_attribute("aria-expanded", "true")
    head.click()
    expect(head).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("region", name="图例")).to_contain_text("设施")  # folded it still says what is what
    page.reload()
    expect(head).to_have_attribute("aria-expanded", "false")
    head.click()
    expect(head).to_have_attribute("aria-expanded", "true")


def test_a_phone_has_one_sheet_and_nothing_overflows(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, phone=True)
    expect(page.get_by_role("tab")).to_have_count(5)
    page.get_by_label("设施类别").select_option("supermarket")
    page.get_by_role("tab", name="结果").tap()
    expect(page.get_by_role("heading", name="综合超市：谁走得到")).to_be_visible()
    area = page.get_by_role("application").bounding_box()
    assert area
    assert area["height"] >= PHONE["height"] / 2  # the map keeps half of the screen
    page.get_by_role("button", name="放大面板").tap()
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("button", name="收起面板").tap()
    expect(page.get_by_role("tabpanel")).to_have_count(0)
    pull(page, page.get_by_role("button", name="展开面板"), -100)
    expect(page.get_by_role("button", name="放大面板")).to_be_visible()
    pull(page, page.get_by_role("button", name="放大面板"), -100)
    expect(page.get_by_role("button", name="缩小面板")).to_be_visible()
    pull(page, page.get_by_role("button", name="缩小面板"), 700)
    expect(page.get_by_role("tabpanel")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="图例").tap()
    expect(page.get_by_role("region", name="图例")).to_contain_text("已覆盖居民的比例")
    expect(page.get_by_role("region", name="图例")).to_contain_text("按距离：15 分钟生活圈")


def test_what_a_search_found_is_read_in_full_on_a_phone(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, phone=True)
    loaded(page)
    page.get_by_role("combobox", name="按名称、编码、地址或坐标搜索").fill("示例")
    expect(page.get_by_role("option").first).to_be_visible()
    broken = page.get_by_role("listbox").evaluate(
        """(list) => {
            const { left, right } = list.getBoundingClientRect();
            const isWhole = (box) => left <= box.left && box.right <= right && box.height < 30; // one line
            return [...list.querySelectorAll('[role=option] > span')]
                .filter((part) => !isWhole(part.getBoundingClientRect())).map((part) => part.outerHTML);
        }"""
    )
    assert broken == []


def test_a_tap_on_a_phone_opens_the_sheet_with_the_answer(server: Server, open_page: PageMaker) -> None:
    lon, lat = server.street()
    page = open_page(server, f"#map=16/{lon:.6f}/{lat:.6f}&layers=ways", phone=True)
    loaded(page)
    page.get_by_role("application").tap()
    expect(page.get_by_role("heading", name="从这里的服务圈")).to_be_visible()
    expect(page.get_by_role("rowheader", name="5 分钟（300 m）")).to_be_visible()


def test_every_control_has_a_name(server: Server, open_page: PageMaker) -> None:
    page = open_page(server, "#category=supermarket&circle=15&by=grid&at=112.1,30.8")
    expect(page.get_by_role("heading", name="从这里的服务圈")).to_be_visible()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input, select, [role]')].filter((one) => {
            const label = one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.title;
            const own = one.labels?.length || one.textContent.trim();
            return !label && !own && one.getAttribute('role') !== 'status' && one.checkVisibility();
        }).map((one) => one.outerHTML)"""
    )
    assert nameless == []
