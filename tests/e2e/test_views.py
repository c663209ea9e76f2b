"""Saved views of the map: kept under a name, opened, renamed, shared by link, deleted."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, PageMaker, Staff, Watched, loaded
from tests.e2e.test_axe import violations

SEEN = "#map=17/112.10350/30.80200&category=clinic&circle=5"


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog", name="保存的视图")


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="视图", exact=True).click()
    expect(dialog(page)).to_be_visible()
    return dialog(page)


def test_a_view_is_kept_renamed_shared_by_link_and_deleted(
    staff: Staff, open_page: PageMaker, watched: Watched, axe: str
) -> None:
    watched.provoke("409", "404")  # the name that was taken; the view that is not shared, or gone
    page = open_page(staff.server, SEEN, state=staff.states["official"])
    loaded(page)
    box = opened(page)
    box.get_by_role("button", name="保存", exact=True).click()
    expect(box.get_by_role("alert")).to_have_text("请先填写名称。")
    box.get_by_label("把现在的地图存为").fill("东片的诊所")
    box.get_by_role("button", name="保存", exact=True).click()
    expect(box.get_by_role("status")).to_have_text("已保存“东片的诊所”。")
    box.get_by_label("把现在的地图存为").fill("东片的诊所")
    box.get_by_role("button", name="保存", exact=True).click()
    expect(box).to_contain_text("已有名为“东片的诊所”的视图")

    page.goto("about:blank")
    page.goto(f"{staff.server.origin}/map")
    loaded(page)
    opened(page).get_by_role("link", name="东片的诊所").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_label("设施类别")).to_have_value("clinic")
    page.wait_for_function("location.hash.includes('category=clinic') && location.hash.includes('map=17/')")

    box = opened(page)
    box.get_by_role("button", name="给“东片的诊所”改名").click()
    box.get_by_label("新名称").fill("西片的诊所 <b>")
    box.get_by_role("button", name="保存名称").click()
    expect(box.get_by_role("status")).to_have_text("已改名为“西片的诊所 <b>”。")
    box.get_by_label(re.compile("^与同事分享“西片的诊所 <b>”")).check()
    link = box.get_by_label("“西片的诊所 <b>”的链接").input_value()
    assert "#view=" in link
    assert violations(page, axe) == []

    colleague = open_page(staff.server, f"#{link.partition('#')[2]}", state=staff.states["admin"])
    expect(colleague.get_by_label("设施类别")).to_have_value("clinic")
    colleague.wait_for_function("location.hash.includes('category=clinic')")

    resident = open_page(staff.server, f"#{link.partition('#')[2]}", state=staff.states["resident"])
    expect(dialog(resident)).to_contain_text("或没有分享给您")
    expect(resident.get_by_label("设施类别")).not_to_have_value("clinic")

    box.get_by_role("button", name="删除“西片的诊所 <b>”").click()
    box.get_by_role("button", name="确定删除").click()
    expect(box.get_by_role("status")).to_have_text("已删除“西片的诊所 <b>”。")
    expect(box).to_contain_text("还没有保存的视图")
    colleague.goto("about:blank")
    colleague.goto(link)
    expect(dialog(colleague)).to_contain_text("没有视图")
    colleague.keyboard.press("Escape")
    expect(dialog(colleague)).to_have_count(0)


def test_views_fit_a_phone(staff: Staff, open_page: PageMaker) -> None:
    page = open_page(staff.server, SEEN, phone=True, state=staff.states["official"])
    loaded(page)
    box = opened(page)
    box.get_by_label("把现在的地图存为").fill("一" * 80)
    box.get_by_role("button", name="保存", exact=True).click()
    expect(box.get_by_role("status")).to_contain_text("已保存")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert box.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    box.get_by_role("button", name=re.compile("^删除")).click()
    box.get_by_role("button", name="确定删除").click()
    expect(box).to_contain_text("还没有保存的视图")
