"""Takes the pictures of the README from a running server with the demo community (``--size street``).

``.venv/bin/python scripts/screenshots.py http://127.0.0.1:8000`` writes ``docs/images/*.jpg``.
"""

import json
import shutil
import sys
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
DESKTOP = {"width": 1500, "height": 900}
PHONE = {"width": 390, "height": 844}
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync".split()
CATEGORY = "supermarket"


def main(origin: str) -> int:
    """Take every picture."""
    west, south, east, north = get(origin, "/api/summary")["bounds"]
    middle = ((west + east) / 2, (south + north) / 2)
    detour = longest_detour(origin)
    home, facility = detour["building"], detour["facility"]
    between = f"{(home['lon'] + facility['lon']) / 2}/{(home['lat'] + facility['lat']) / 2}"
    whole = f"map=15/{middle[0]}/{middle[1]}"
    coverage = f"category={CATEGORY}&circle=15&by="
    ground = "layers=ways,buildings,green_spaces,barriers,areas"
    shots = {
        "coverage-zh": (DESKTOP, "zh", f"{whole}&{ground}&{coverage}community"),
        "coverage-en": (DESKTOP, "en", f"{whole}&{ground}&{coverage}building"),
        "explain-zh": (DESKTOP, "zh", f"map=16/{between}&{ground}&{coverage}building&home={home['code']}"),
        "circles-en": (DESKTOP, "en", f"{whole}&{ground}&at={middle[0]:.6f},{middle[1]:.6f}"),
        "phone-zh": (PHONE, "zh", f"{ground}&{coverage}building"),
    }
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, (size, lang, view) in shots.items():
            take(browser, f"{origin}/map#lang={lang}&{view}", size, IMAGES / f"{name}.jpg")
        browser.close()
    return 0


def take(browser: Browser, address: str, size: Any, path: Path) -> None:
    """Open an address, wait until nothing loads any more, and keep what is seen."""
    page = browser.new_page(viewport=size)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)  # the last frame is drawn after the last request
    page.screenshot(path=path, type="jpeg", quality=75)
    page.close()
    print(path.name)


def longest_detour(origin: str) -> dict[str, Any]:
    """Return the explanation of the home, of some, whose way to the nearest facility bends most."""
    homes = get(origin, "/api/buildings?use=residential&limit=1000&sort=code")["features"][::25]
    best, most = None, 0.0
    for home in homes:
        said = get(origin, f"/api/explain?building={home['properties']['code']}&category={CATEGORY}&circle=15")
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
