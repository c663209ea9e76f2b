"""Takes the pictures of guide and README, in Chinese and English, from a running server with a fresh demo community.

``geo-service demo --size street`` makes and serves it; then
``.venv/bin/python scripts/guide_pictures.py http://127.0.0.1:8000`` computes what the pictures show, walks through the
pages as a reader of the guide does, and writes ``docs/guide/images/<task>-<language>.jpg``, at most 120 kB each.
"""

import json
import shutil
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "guide" / "images"
OFFICE: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
LARGEST = 120_000  # bytes
CATEGORY = "canteen"
GROUND = "layers=ways,buildings,green_spaces,barriers,areas,public_spaces"
TEXTS = {
    "zh": {"gaps": "看它的缺口", "project": "立为项目", "unit": "责任单位", "deadline": "完成期限"},
    "en": {"gaps": "See its gaps", "project": "Open as a project", "unit": "Responsible unit", "deadline": "Deadline"},
}


def main(origin: str) -> int:
    """Take every picture in both languages."""
    shots = shots_of(origin)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for lang, texts in TEXTS.items():
            for name, (path, walk) in shots.items():
                page = browser.new_page(viewport=PHONE if name == "phone" else OFFICE)
                page.goto(f"{origin}{path}{'&' if '#' in path else '#'}lang={lang}")
                settle(page)
                if walk is not None:
                    walk(page, texts)
                    settle(page)
                keep(page, IMAGES / f"{name}-{lang}.jpg")
                page.close()
        browser.close()
    return 0


def shots_of(origin: str) -> dict[str, tuple[str, Callable[[Page, dict[str, str]], None] | None]]:
    """Return the address of each picture and what is done on it before; computes what they show."""
    whole = get(origin, "/api/summary")["bounds"]
    board = get(origin, "/api/board/overview")
    for one in [*board["analyses"], *board["following"]]:
        computed(origin, one["kind"], one["question"])
    checklist = computed(origin, "checklist", {})
    computed(origin, "gaps", {})
    gaps = computed(origin, "gaps", {"categories": [CATEGORY], "circle": 15})
    siting = computed(origin, "siting", {"category": CATEGORY, "k": 3, "circle": 15})
    zone = get(origin, f"/api/runs/{gaps}/result")["zones"][0]
    west, south, east, north = bounds(zone["geometry"]["coordinates"])
    middle = [(west + east) / 2, (south + north) / 2]
    edit = {"edit": "facility_add", "category": CATEGORY, "position": middle}
    scenario = post(origin, "/api/scenarios", {"name": "示例：在最大缺口新建食堂", "edits": [edit]})["uid"]
    place = ((whole[0] + whole[2]) / 2, (whole[1] + whole[3]) / 2)
    detour = longest_detour(origin, "supermarket")
    between = [(detour["building"][one] + detour["facility"][one]) / 2 for one in ("lat", "lon")]
    why = f"map=16/{between[0]}/{between[1]}&{GROUND}&category=supermarket&circle=15&by=building"
    tool = f"t.category={CATEGORY}&t.circle=15"
    return {
        "coverage": (f"/map#{GROUND}&category=supermarket&circle=15&by=community", None),
        "why": (f"/map#{why}&home={detour['building']['code']}", None),
        "gaps": (f"/map#{GROUND}&tool=gaps&{tool}&t.run={gaps}&t.zone={zone['number']}", None),
        "sites": (f"/map#{GROUND}&tool=siting&{tool}&t.run={siting}", None),
        "what-if": (f"/map#{GROUND}&tool=scenario&{tool}&t.scenario={scenario}", None),
        "sheet": (f"/map#{GROUND}&tool=checklist&t.run={checklist}", None),
        "circles": (f"/map#map=15/{place[1]}/{place[0]}&{GROUND}&at={place[0]:.6f},{place[1]:.6f}", None),
        "phone": (f"/map#{GROUND}&category=supermarket&circle=15&by=building", None),
        "worst": ("/board", None),
        "project": ("/board", open_project),
        "problems": ("/board#view=problems", None),
    }


def open_project(page: Page, texts: dict[str, str]) -> None:
    """Walk from the worst place to the form of a project, as the guide says."""
    page.get_by_role("button", name=texts["gaps"]).click()
    page.get_by_role("button", name=texts["project"]).click()
    page.get_by_label(texts["unit"]).fill("示例街道办事处")
    page.get_by_label(texts["deadline"]).fill("2027-06-30")


def settle(page: Page) -> None:
    """Wait until nothing loads any more and the last frame is drawn."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2500)


def keep(page: Page, path: Path) -> None:
    """Write a picture as good as fits."""
    for quality in (70, 60, 50, 42, 34, 28):
        content = page.screenshot(type="jpeg", quality=quality)
        if len(content) <= LARGEST:
            break
    path.write_bytes(content)
    print(path.name, len(content))


def computed(origin: str, kind: str, question: dict[str, Any]) -> str:
    """Return the run of an analysis, once it is done."""
    status = post(origin, f"/api/analyses/{kind}", question)
    while status["status"] in ("queued", "running"):
        time.sleep(1)
        status = get(origin, f"/api/runs/{status['uid']}")
    if status["status"] != "done":
        raise SystemExit(f"{kind}: {status}")
    return str(status["uid"])


def longest_detour(origin: str, category: str) -> dict[str, Any]:
    """Return the explanation of the home, of some, whose way to the nearest facility bends most."""
    homes = get(origin, "/api/buildings?use=residential&limit=1000&sort=code")["features"][::25]
    best: dict[str, Any] | None = None
    most = 0.0
    for home in homes:
        said = get(origin, f"/api/explain?building={home['properties']['code']}&category={category}&circle=15")
        if said["state"] != "not_covered" or said["route"] is None:
            continue
        (x0, y0), (x1, y1) = said["route"]["coordinates"][0], said["route"]["coordinates"][-1]
        bend = said["metres"] / (1 + 100_000 * ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
        if bend > most and said["metres"] < 2000:
            best, most = said, bend
    if best is None:
        raise SystemExit("no home with a way to a facility: is the demo community there?")
    return best


def get(origin: str, path: str) -> Any:
    """Return the JSON answer of a GET."""
    with urllib.request.urlopen(origin + path, timeout=60) as answer:  # nosec B310
        return json.load(answer)


def post(origin: str, path: str, body: dict[str, Any]) -> Any:
    """Return the JSON answer of a POST."""
    headers = {"Content-Type": "application/json"}
    asked = urllib.request.Request(origin + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=120) as answer:  # nosec B310
        return json.load(answer)


def bounds(coordinates: Any) -> tuple[float, float, float, float]:
    """Return west, south, east, north of nested coordinates."""
    if isinstance(coordinates[0], float | int):
        return coordinates[0], coordinates[1], coordinates[0], coordinates[1]
    boxes = [bounds(one) for one in coordinates]
    return (
        min(one[0] for one in boxes),
        min(one[1] for one in boxes),
        max(one[2] for one in boxes),
        max(one[3] for one in boxes),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
