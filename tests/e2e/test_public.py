"""Who reads only: the public where no map is approved, and readers of what others computed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, PageMaker, Server, Staff, Watched, command, environment, loaded, serving
from tests.e2e.test_axe import violations


@pytest.fixture(scope="module")
def public_server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The small demo, published, without a recorded map approval."""
    folder = tmp_path_factory.mktemp("public") / "var"
    shutil.copytree(demo_folder, folder)
    env = environment(folder) | {"GEO_PUBLIC": "1"}
    command("admin", "create", "boss", "--password-stdin", env=env, typed=PASSWORD)
    with serving(env) as running:
        yield running


def test_without_an_approval_the_public_has_a_list_and_a_schematic_and_no_map(
    public_server: Server, open_page: PageMaker, watched: Watched, axe: str
) -> None:
    page = open_page(public_server, "#category=clinic&circle=10", phone=True)
    expect(page.get_by_role("heading", name="公布的内容")).to_be_visible()
    expect(page.get_by_text("还没有公布地图")).to_be_visible()
    expect(page.get_by_role("link", name="工作人员登录")).to_have_attribute("href", "/sign-in")
    everything = page.get_by_role("table", name="设施")
    expect(everything).to_be_visible()
    expect(page.locator(".leaflet-container")).to_have_count(0)
    expect(page.get_by_text("限度")).to_have_count(0)
    assert "overhead_lines" not in {one["properties"]["kind"] for one in public_server.get("/api/projects")["features"]}
    page.get_by_role("button", name="示例第一社区").click()
    expect(page.get_by_role("heading", name="示例第一社区：列表")).to_be_visible()
    page.wait_for_function("location.hash.includes('feature=areas/990101001001')")
    expect(everything).to_be_visible()
    assert violations(page, axe) == []


def test_a_reader_is_shown_what_others_computed_and_told_what_nobody_has(
    staff: Staff, open_page: PageMaker, watched: Watched
) -> None:
    asked = "#category=clinic&circle=10&map=16/112.10350/30.80200"
    official = open_page(staff.server, asked, state=staff.states["official"])
    loaded(official)
    expect(official.get_by_role("heading", name="社区卫生服务站")).to_be_visible()
    expect(official.locator("table.results").first).to_be_visible()
    expect(official.locator(".leaflet-control-attribution")).to_contain_text("审图号")
    resident = open_page(staff.server, asked, state=staff.states["resident"])
    expect(resident.locator("table.results").first).to_be_visible()
    kept = resident.get_by_label("已算过的结果")
    expect(kept).to_be_visible()
    expect(kept.locator("option:checked")).to_contain_text("10 分钟")
    expect(resident.get_by_label("统计单元")).to_have_count(0)
    nobody = open_page(staff.server, "#category=clinic&minutes=20&time=03:10", state=staff.states["resident"])
    expect(nobody.get_by_role("alert").first).to_contain_text("还没有算过")
