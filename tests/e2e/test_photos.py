"""A photo in the browser: sent from the details, reviewed at the desk, seen by everybody."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import COMMUNITY, Held, PageMaker, Server, Staff, Watched
from tests.e2e.test_axe import violations
from tests.photos_made import phone_photo

Ask = Callable[[str], Any]


def places(get: Ask, number: int) -> list[dict[str, Any]]:
    """Return so many facilities of the staff's community."""
    found = get(f"/api/facilities?limit={number}&sort=code&area_code={COMMUNITY}")["features"]
    return [one["properties"] for one in found]


def picked(lon: float = 116.3121) -> Any:
    """Return a phone's photo, as a browser's file input takes it; another one for another longitude."""
    return {"name": "shop.jpg", "mimeType": "image/jpeg", "buffer": phone_photo(lon=lon)}


def send(page: Page, photo: Any) -> None:
    """Choose a photo in the details and send it."""
    page.get_by_label(re.compile("添加照片|选照片|Add a photo|Choose a photo")).set_input_files(photo)
    expect(page.get_by_role("img", name=re.compile("shop.jpg"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^(上传|Send)$")).click()


def test_from_a_grid_workers_phone_to_a_resident(
    staff: Staff, open_page: PageMaker, axe: str, watched: Watched
) -> None:
    place = places(lambda path: staff.get("admin", path), 1)[0]
    address = f"#feature=facilities/{place['code']}"
    worker = open_page(staff.server, address, phone=True, state=staff.states["grid_worker"])
    assert worker.get_by_label("拍照…").get_attribute("capture") == "environment"
    send(worker, picked())
    expect(worker.get_by_text("已上传，审核后显示。")).to_be_focused()
    assert violations(worker, axe) == []
    send(worker, picked())
    expect(worker.get_by_text("这张照片以前传过")).to_be_visible()
    worker.goto(f"{staff.server.origin}/photos")
    expect(worker.get_by_text("您的账号没有这项权限")).to_be_visible()

    official = open_page(staff.server, path="/account", state=staff.states["official"])
    official.get_by_role("link", name="照片审核").click()
    rows = official.get_by_role("row").filter(has_text=place["name"])
    expect(rows).to_contain_text("grid_worker")
    rows.get_by_role("button").click()
    panel = official.get_by_role("region", name=place["name"])
    expect(panel.get_by_role("heading")).to_be_focused()
    expect(panel.get_by_role("button", name="发布", exact=True)).to_have_count(0)  # not before one has looked
    panel.get_by_role("button", name="看原件").click()
    original = panel.get_by_role("img", name=re.compile("原件"))
    expect(original).to_be_visible()
    drag(official, original, (0.4, 0.4), (0.6, 0.6))  # where the four colours meet
    expect(panel.get_by_text("遮盖框：1 个")).to_be_visible()
    assert violations(official, axe) == []
    panel.get_by_role("button", name="发布", exact=True).click()
    expect(panel.get_by_text("已发布。下面是别人看到的样子")).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("发布版"))).to_be_visible()
    expect(official.get_by_role("row").filter(has_text=place["name"])).to_have_count(0)  # nothing waits there
    looks = staff.get("admin", "/api/audit?verb=original_read")["lines"]
    assert [line["actor"] for line in looks].count("official") == 1

    resident = open_page(staff.server, address, state=staff.states["resident"])
    small = resident.get_by_role("img", name=f"{place['name']}的照片，第1张，共1张")
    expect(small).to_be_visible()
    assert small.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 320
    resident.get_by_role("button", name=f"{place['name']}的照片").click()
    large = resident.get_by_role("img", name=f"{place['name']}的照片，第1张，放大")
    expect(large).to_be_visible()
    assert covered(resident, large.get_attribute("src"))
    expect(resident.get_by_label("添加照片…")).to_have_count(0)
    assert violations(resident, axe) == []


def drag(page: Page, picture: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw over a picture from one of its places to another, in shares of its sides."""
    picture.evaluate("(image) => image.decode()")  # only then it has its place
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    page.mouse.up()


def covered(page: Page, source: str | None) -> bool:
    """Whether the two colours beside each other in the middle of the picture have become one in its published copy."""
    answer = page.context.request.get(f"{page.url.partition('/map')[0]}{source}")
    picture = Image.open(io.BytesIO(answer.body()))
    width, height = picture.size
    beside = [picture.getpixel((width // 2 + dx, height // 2 + dy)) for dx, dy in ((-3, -8), (3, -8))]
    apart = max(abs(a - b) for a, b in zip(*beside, strict=True))
    return apart < 30


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_region_by_keyboard_and_a_refusal(
    server: Server, open_page: PageMaker, axe: str, lang: str, phone: bool
) -> None:
    place = places(server.get, 9)[5 + 2 * phone + (lang == "en")]
    page = open_page(server, f"#lang={lang}&feature=facilities/{place['code']}", phone=phone)
    send(page, picked(116.3 + 0.001 * (2 * phone + (lang == "en"))))
    link = page.get_by_role("link", name=re.compile("去审核|Review photos"))
    expect(link).to_be_visible()
    link.click()
    if lang == "en":
        if phone:
            page.get_by_role("button", name="菜单").click()
        page.get_by_role("button", name="English").click()
    waiting = page.get_by_role("button", name=place["name"])
    expect(waiting).to_be_visible()  # the link has led here: only now is there a page to be measured
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    waiting.click()
    panel = page.get_by_role("region", name=place["name"])
    panel.get_by_role("button", name=re.compile("看原件|See the original")).click()
    panel.get_by_role("button", name=re.compile("添加遮盖框|Add a region")).click()
    box = panel.get_by_role("button", name=re.compile("^(遮盖框|Region) 1"))
    box.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    words = {"zh": "遮盖框 1：左 38%，上 40%，宽 20%，高 22%", "en": "Region 1: 38% from the left, 40% from the top"}
    expect(box).to_have_accessible_name(re.compile(words[lang]))
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    box.focus()
    page.keyboard.press("Delete")
    expect(box).to_have_count(0)
    panel.get_by_role("textbox", name=re.compile("原因|Reason")).fill("看不清")
    panel.get_by_role("button", name=re.compile("^(不予发布|Refuse)$")).click()
    expect(panel.get_by_text(re.compile("已记为不予发布|^Refused"))).to_be_visible()
    assert violations(page, axe) == []
    page.get_by_role("combobox", name=re.compile("^(显示|Show)$")).select_option("refused")
    one = page.get_by_role("listitem" if phone else "row").filter(has_text=place["name"])
    expect(one).to_contain_text("看不清")


def test_a_slow_upload_shows_how_far_it_is_and_a_cut_one_is_sent_again_once(
    server: Server, open_page: PageMaker, watched: Watched
) -> None:
    place = places(server.get, 3)[2]
    watched.provoke("ERR_FAILED")
    held = Held("**/api/photos?*")
    keys: list[str | None] = []
    page = open_page(server, f"#feature=facilities/{place['code']}", prepare=held.hold)
    page.on("request", lambda sent: keys.append(sent.headers.get("idempotency-key")) if sent.method == "POST" else None)
    send(page, picked(116.35))
    expect(page.get_by_role("progressbar")).to_be_visible()
    held.asked(page).abort()
    held.routes.clear()
    expect(page.get_by_role("alert")).to_contain_text("连不上服务")
    held.let_go()
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_text("已上传，审核后显示。")).to_be_visible()
    assert len(keys) == 2
    assert keys[0]
    assert keys[0] == keys[1]


def test_what_is_no_photo_is_refused_in_words(server: Server, open_page: PageMaker, watched: Watched) -> None:
    watched.provoke("status of 4")
    place = places(server.get, 2)[1]
    page = open_page(server, f"#feature=facilities/{place['code']}")
    page.get_by_label("添加照片…").set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("照片")
    page.get_by_role("button", name="不要这张").click()
    expect(page.get_by_label("添加照片…")).to_be_attached()
