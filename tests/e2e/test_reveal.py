"""Names and phones in the details: for a reason, to whom the right reaches, and gone afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COMMUNITY, PageMaker, Server, Staff, Watched
from tests.e2e.test_axe import violations

TEXTS = {
    "zh": ("显示个人信息…", "为什么要看", "查看", "个人信息", "收起", "至少5个字", "详情"),
    "en": (
        "Show personal information…",
        "Why you need to see it",
        "Show",
        "Personal information",
        "Hide",
        "At least 5 characters",
        "Details",
    ),
}
OPEN, REASON, SHOW, TITLE, HIDE, HINT, DETAILS = range(7)


def named_project(server: Server, get=None, **where: str) -> dict:
    """Return the properties of a project with a person responsible."""
    asked = "".join(f"&{key}={value}" for key, value in where.items())
    found = (get or server.get)(f"/api/projects?limit=200&sort=code{asked}")["features"]
    return next(one["properties"] for one in found if one["properties"]["responsible_person"])


@pytest.fixture(scope="module")
def project(server: Server) -> dict:
    return named_project(server)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_is_shown_for_a_reason_and_gone_again(
    server: Server, open_page: PageMaker, project: dict, axe: str, lang: str, phone: bool
) -> None:
    texts = TEXTS[lang]
    page = open_page(server, f"#lang={lang}&feature=projects/{project['code']}", phone=phone)
    mask = project["responsible_person"]
    assert mask.endswith("*")
    opener = page.get_by_role("button", name=texts[OPEN])
    opener.focus()
    page.keyboard.press("Enter")
    reason = page.get_by_role("textbox", name=texts[REASON])
    expect(reason).to_be_focused()
    expect(reason).to_have_accessible_description(re.compile(texts[HINT]))
    assert violations(page, axe) == []
    page.keyboard.type("abc")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=texts[TITLE], exact=True)).to_have_count(0)  # too short to be sent
    reason.fill("回访核实台账")
    page.get_by_role("button", name=texts[SHOW], exact=True).click()
    shown = page.get_by_role("region", name=texts[TITLE], exact=True)
    expect(shown.get_by_role("heading")).to_be_focused()
    value = shown.get_by_role("definition").inner_text()
    assert value[0] == mask[0]
    assert "*" not in value
    assert violations(page, axe) == []
    page.get_by_role("button", name=texts[HIDE], exact=True).click()
    expect(opener).to_be_focused()
    expect(page.get_by_text(value, exact=True)).to_have_count(0)


def test_leaving_the_row_takes_the_names_away(server: Server, open_page: PageMaker, project: dict) -> None:
    page = open_page(server, f"#feature=projects/{project['code']}")
    shown = reveal(page)
    value = shown.get_by_role("definition").inner_text()
    page.get_by_role("button", name="关闭详情").click()
    page.go_back()
    expect(page.get_by_role("button", name="显示个人信息…")).to_be_visible()
    expect(page.get_by_text(value, exact=True)).to_have_count(0)


def reveal(page: Page, reason: str = "回访核实台账"):
    page.get_by_role("button", name="显示个人信息…").click()
    page.get_by_label("为什么要看").fill(reason)
    page.get_by_role("button", name="查看", exact=True).click()
    return page.get_by_role("region", name="个人信息", exact=True)


@pytest.mark.parametrize(
    ("status", "said", "advice"), [(429, "一小时最多看60条", []), (403, "无权", [re.compile("请管理员分派")])]
)
def test_a_refusal_is_a_sentence(
    server: Server, open_page: PageMaker, watched: Watched, project: dict, status: int, said: str, advice: list
) -> None:
    problem = {"status": status, "code": "x", "detail_zh": said, "detail_en": "no"}

    def refuse(page: Page) -> None:
        page.route("**/reveal", lambda route: route.fulfill(status=status, json=problem))

    watched.provoke(str(status))
    page = open_page(server, f"#feature=projects/{project['code']}", prepare=refuse)
    reveal(page)
    expect(page.get_by_role("alert").locator("p")).to_have_text([said, *advice])
    expect(page.get_by_label("为什么要看")).to_have_value("回访核实台账")


def test_who_may_not_sees_neither_mask_nor_button(staff: Staff, open_page: PageMaker) -> None:
    found = named_project(staff.server, lambda path: staff.get("admin", path), area_code=COMMUNITY)
    address = f"#feature=projects/{found['code']}"
    official = open_page(staff.server, address, state=staff.states["official"])
    expect(reveal(official)).to_contain_text("责任人")
    resident = open_page(staff.server, address, state=staff.states["resident"])
    expect(resident.get_by_role("tabpanel", name="详情")).to_contain_text(found["code"])
    expect(resident.get_by_role("button", name="显示个人信息…")).to_have_count(0)
    lines = staff.get("admin", "/api/audit?verb=revealed")["lines"]
    told = [(line["reason"], line["layer"]) for line in lines if line["actor"] in ("official", "resident")]
    assert told == [("回访核实台账", "projects")]
