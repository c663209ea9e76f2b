"""No page has what axe calls a violation: in both languages, on a desktop and on a phone."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PageMaker, Server, Watched, loaded

SUPERMARKET = "&category=supermarket&circle=15&by="
SIZES = ((360, 640), (1366, 768), (2560, 1440))
REFUSED = {"status": 409, "code": "x", "detail_zh": "没有步行网络。", "detail_en": "There is no network."}


def violations(page: Page, axe: str, tags: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds wrong on the page as it is now, by all its rules or those with one of the tags."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{axe}\n0")
    # what passes is counted, not described; nothing is fetched again
    options: dict[str, Any] = {"resultTypes": ["violations"], "selectors": False, "preload": False}
    if tags:
        options["runOnly"] = list(tags)
    found: list[str] = page.evaluate(
        """async (options) => (await axe.run(options)).violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))""",
        options,
    )
    return found


def fits_every_size(page: Page) -> None:
    """Wait until the page as it is fits the width of a small phone, an office's PC and a large screen."""
    usual = page.viewport_size
    assert usual
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("width => innerWidth === width", arg=width)
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size(usual)


def ready(page: Page, view: str) -> None:
    """Bring the page into a view and wait until it is there."""
    if view == "search":
        page.get_by_role("combobox", name=re.compile("搜索|Search")).fill("99010")
        expect(page.get_by_role("option").first).to_be_visible()
    elif view == "layers":
        page.get_by_role("tab", name=re.compile("图层|Layers")).click()
        expect(page.get_by_role("checkbox").first).to_be_visible()
    elif view in ("coverage", "strict"):
        rule = {"coverage": "15 分钟生活圈，|15-minute living circle, ", "strict": "（从严）|\\(strict\\)"}[view]
        expect(page.get_by_role("tabpanel", name=re.compile("结果|Results"))).to_contain_text(re.compile(rule))
        expect(page.get_by_role("table")).to_be_visible()
    elif view == "home":
        expect(page.get_by_role("region", name=re.compile("覆盖情况|Coverage of this home"))).to_contain_text("m")
    elif view == "circles":
        expect(page.get_by_role("rowheader", name=re.compile("300 m"))).to_be_visible()
    elif view == "refused":
        expect(page.get_by_role("alert").first).to_be_visible()
    loaded(page)
    if view == "start":
        legend = page.get_by_role("button", name=re.compile("图例|Legend"))
        if legend.get_attribute("aria-expanded") != "true":
            legend.click()
        expect(legend).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_map_page(server: Server, open_page: PageMaker, watched: Watched, axe: str, phone: bool) -> None:
    lon, lat = server.street()
    views = {
        "start": "",
        "coverage": f"{SUPERMARKET}community",
        "strict": f"{SUPERMARKET}grid&strict=1",
        "home": f"{SUPERMARKET}building&home={server.home()['code']}",
        "circles": f"&at={lon:.6f},{lat:.6f}",
        "refused": "&category=supermarket&circle=5&by=community",
        "layers": "",
        "search": "",
    }
    page = open_page(server, "#lang=zh", phone=phone)
    loaded(page)
    legend = page.get_by_role("button", name=re.compile("图例|Legend"))
    was_open = legend.get_attribute("aria-expanded")
    found = {}
    for view, address in views.items():
        if view == "refused":
            watched.provoke("409")
            page.route("**/api/analyses/coverage", lambda route: route.fulfill(status=409, json=REFUSED))
        for lang in ("zh", "en"):
            page.evaluate("hash => { location.hash = hash }", f"#lang={lang}{address}")
            expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{lang}"))
            ready(page, view)
            found[view, lang] = violations(page, axe)
        if view == "start" and legend.get_attribute("aria-expanded") != was_open:
            legend.click()
    assert {view: said for view, said in found.items() if said} == {}


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_description_of_the_api(server: Server, open_page: PageMaker, axe: str, phone: bool) -> None:
    page = open_page(server, phone=phone)
    loaded(page)
    page.goto(f"{server.origin}/docs")
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.locator(".opblock-tag").first).to_be_visible()
    # the order of its headings, no rule of WCAG, is Swagger UI's own
    assert violations(page, axe, ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")) == []


LOOKS = "localStorage.setItem('looks.size', 'larger'); localStorage.setItem('looks.theme', 'dark')"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_dark_pages_and_large_type(server: Server, open_page: PageMaker, axe: str, phone: bool) -> None:
    look = f"try {{ {LOOKS} }} catch {{}}"
    address = f"#lang=zh{SUPERMARKET}community"
    page = open_page(server, address, phone=phone, prepare=lambda one: one.add_init_script(look))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("table")).to_be_visible()
    loaded(page)
    assert violations(page, axe) == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page, axe) == []
    page.goto(f"{server.origin}/board")
    expect(page.get_by_role("heading", name="关键指标")).to_be_visible()
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


ANALYSES = {
    "gaps": "&t.category=elder_station",
    "checklist": "&t.community=990101001001",
    "capacity": "&t.category=elder_station",
    "siting": "&t.category=elder_station&t.points=112.1,30.8,",
    "scenario": "&t.category=clinic",
    "select": "&t.layers=facilities,buildings&t.way=area&t.area=990101001001&t.circles=1",
    "measure": "&t.points=112.1,30.8;112.11,30.8;112.11,30.81",
}


@pytest.mark.parametrize(("lang", "phone"), [("zh", False), ("en", True)], ids=["desktop", "phone"])
def test_the_analyses(server: Server, open_page: PageMaker, axe: str, repository: Path, lang: str, phone: bool) -> None:
    texts = json.loads((repository / f"geo_service/locales/{lang}/map.json").read_text(encoding="utf-8"))
    page = open_page(server, f"#lang={lang}", phone=phone)
    for name, asked in ANALYSES.items():
        page.evaluate("hash => { location.hash = hash }", f"#lang={lang}&tool={name}{asked}")
        heading = page.get_by_role("heading", name=texts[f"map.tool.{name}"], exact=True)
        panel = page.locator(".tool").filter(has=heading)  # no longer that of the one before
        if name == "scenario":
            panel.get_by_role("button", name=re.compile("^(关闭设施|Close facility)$")).click()
            panel.get_by_role("combobox", name=re.compile("从列表中选设施|facility from the list")).select_option(
                index=1
            )
        elif name not in ("measure", "select"):
            panel.locator("button.primary").first.click()
        if name == "checklist":
            item = panel.get_by_role("button", name=re.compile("CRC-02"))
            item.click()
            expect(item).to_have_attribute("aria-expanded", "true")
        elif name != "measure":
            expect(panel.get_by_role("table").first).to_be_visible()
        if name in ("gaps", "siting"):
            panel.get_by_role("table").first.get_by_role("button").first.click()
            panel.get_by_role("button", name=re.compile("^(立为项目|Open as project)$")).click()
            expect(panel.get_by_role("form")).to_be_visible()
        loaded(page)
        assert violations(page, axe) == [], name
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert violations(page, axe, ("wcag2aa",)) == [], f"{name}, dark"
        page.emulate_media(color_scheme="light")
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        if not phone:
            fits_every_size(page)
