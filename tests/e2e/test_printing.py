"""Printing from the map: the server's sheet of what is shown, other sheets of a community, and the page on paper."""

import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PageMaker, Server, Watched, command, environment, loaded, serving

SETTING_MS = 120_000  # a page on a busy machine


@pytest.fixture(scope="module")
def office(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The small demo with the sheet of its community computed."""
    folder = tmp_path_factory.mktemp("office") / "var"
    shutil.copytree(demo_folder, folder)
    env = environment(folder)
    command("analyse", "checklist", "--out", str(folder / "checklist.json"), env=env)
    with serving(env) as running:
        yield running


def made(page: Page, folder: Path) -> Path:
    with page.expect_download(timeout=SETTING_MS) as waiting:
        page.get_by_role("button", name="生成").press("Enter")
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text(file.name)
    return file


def words(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    assert len(document) == 1
    return re.sub(r"\s+", "", document[0].get_textpage().get_text_range())


def test_what_the_map_shows_is_printed_by_keyboard(office: Server, open_page: PageMaker, tmp_path: Path) -> None:
    page = open_page(office, "#category=supermarket&circle=15&layers=areas,households,facilities")
    expect(page.get_by_role("table")).to_be_visible()
    loaded(page)
    page.get_by_role("button", name="打印").press("Enter")
    box = page.get_by_role("dialog", name="打印")
    box.get_by_role("textbox", name="标题").fill("开会用图")
    box.get_by_role("radio", name="A3").check()
    said = words(made(page, tmp_path))
    for expected in ("开会用图", "综合超市", "比例尺1:", "本图所用设置", "居民人数", "不印的图层：住户", "示例数据"):
        assert expected in said
    box.get_by_role("radio", name="社区体检表").check()
    expect(box.get_by_role("combobox", name="社区")).to_have_value("990101001001")
    box.get_by_role("radio", name="公告栏海报").check()
    box.get_by_role("radio", name="PNG").check()
    assert made(page, tmp_path).read_bytes().startswith(b"\x89PNG")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.get_by_role("button", name="打印")).to_be_focused()


def test_gap_zones_and_circles_on_the_map_are_on_the_sheet(
    office: Server, open_page: PageMaker, tmp_path: Path
) -> None:
    page = open_page(office, "#tool=gaps&t.category=kindergarten")
    page.get_by_role("button", name="计算缺口").click()
    expect(page.get_by_role("table")).to_be_visible()
    place = office.home()
    page.evaluate("at => { location.hash += `&at=${at.lon},${at.lat}` }", place)
    expect(page.get_by_role("region", name="图例")).to_contain_text("走得到的道路")
    page.get_by_role("button", name="打印").press("Enter")
    said = words(made(page, tmp_path))
    for expected in ("幼儿园（3–5岁）缺口片区", "缺口片区（数字为名次）", "服务圈", "上路点", "人"):
        assert expected in said


def test_a_dark_page_prints_a_light_map(office: Server, open_page: PageMaker) -> None:
    dark = "try { localStorage.setItem('looks.theme', 'dark') } catch {}"
    page = open_page(office, phone=True, prepare=lambda one: one.add_init_script(dark))
    loaded(page)
    ground = "getComputedStyle(document.querySelector('.map')).backgroundColor"
    before = page.evaluate(ground)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    light = [int(part) for part in re.findall(r"\d+", page.evaluate(ground))]
    assert max(map(int, re.findall(r"\d+", before))) < 80
    assert min(light) > 200
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    image = pypdfium2.PdfDocument(page.pdf(print_background=True))[0].render().to_pil().convert("RGB")
    seen = {colour: count for count, colour in image.getcolors(image.width * image.height)}
    assert seen.get((light[0], light[1], light[2]), 0) > 0.05 * image.width * image.height, (
        "the ground is not blotted out"
    )
    assert sum(count for colour, count in seen.items() if max(colour) < 60) < 0.1 * image.width * image.height


def test_the_board_prints_all_communities_as_one_archive(
    office: Server, open_page: PageMaker, watched: Watched, tmp_path: Path
) -> None:
    watched.provoke("409")  # the sheet may be made before the click to cancel comes
    page = open_page(office, path="/board")
    page.get_by_role("button", name="打印各社区体检表").press("Enter")
    expect(page.get_by_role("progressbar", name="打印各社区体检表")).to_be_visible()
    page.get_by_role("button", name="取消").click()
    again = page.get_by_role("button", name="打印各社区体检表")
    expect(again).to_be_visible()
    again.click()
    ready = page.get_by_role("link", name="下载体检表")
    expect(ready).to_be_visible(timeout=SETTING_MS)
    with page.expect_download() as waiting:
        ready.click()
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.namelist() == ["示例第一社区-990101001001.pdf"]
