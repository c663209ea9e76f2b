"""A base map from outside: asked only once chosen, in GCJ-02 moved back under the data, never a page without map."""

import io
import json
import math
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from geo_service.foundation.datum import gcj02_to_wgs84, wgs84_to_gcj02
from tests.e2e.conftest import PageMaker, Server, Watched, environment, loaded, serving

ZOOM = 16
TILE_PX = 256
CROSSES = {(255, 0, 255): (0, 0), (0, 255, 255): (380, -190)}  # colour: pixels right of and below the middle
APPROVAL = "GS（2025）0001号"


def world_pixel(lon: float, lat: float) -> tuple[float, float]:
    size = TILE_PX * 2**ZOOM
    turned = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return (lon / 360 + 0.5) * size, (0.5 - turned / (2 * math.pi)) * size


def place_of(x: float, y: float) -> tuple[float, float]:
    size = TILE_PX * 2**ZOOM
    return (x / size - 0.5) * 360, math.degrees(2 * math.atan(math.exp((0.5 - y / size) * 2 * math.pi)) - math.pi / 2)


@dataclass
class Tiles:
    """A tile service in GCJ-02 that draws crosses at known world pixels of its own."""

    origin: str = ""
    crosses: dict[tuple[int, int, int], tuple[int, int]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def picture(self, x: int, y: int) -> bytes:
        image = Image.new("RGB", (TILE_PX, TILE_PX), "#dddddd")
        draw = ImageDraw.Draw(image)
        for colour, (at_x, at_y) in self.crosses.items():
            left, top = at_x - x * TILE_PX, at_y - y * TILE_PX
            draw.line([(left - 8, top), (left + 8, top)], fill=colour)
            draw.line([(left, top - 8), (left, top + 8)], fill=colour)
        file = io.BytesIO()
        image.save(file, "PNG")
        return file.getvalue()


@pytest.fixture(scope="module")
def tiles() -> Iterator[Tiles]:
    made = Tiles()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            _, x, y = map(int, self.path.strip("/").split("/"))
            content = made.picture(x, y)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


@pytest.fixture(scope="module")
def based(demo_folder: Path, tiles: Tiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The small demo at an office with a base map in GCJ-02, and one whose server is gone."""
    folder = tmp_path_factory.mktemp("based") / "var"
    shutil.copytree(demo_folder, folder)
    shared = {"kind": "xyz", "datum": "gcj02", "attribution": "© 示例图商"}
    entries = [
        {**shared, "code": "shifted", "name": {"zh": "示例底图", "en": "example map"}, "approval": APPROVAL}
        | {"url": tiles.origin + "/{z}/{x}/{y}"},
        {
            **shared,
            "code": "gone",
            "name": {"zh": "停用底图", "en": "gone map"},
            "url": "http://127.0.0.1:9/{z}/{x}/{y}",
        },
    ]
    file = folder / "base_maps.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    with serving(environment(folder) | {"GEO_BASE_MAPS_FILE": str(file)}) as running:
        yield running


def middle_of(server: Server) -> tuple[float, float]:
    west, south, east, north = server.get("/api/summary")["bounds"]
    return round((west + east) / 2, 5), round((south + north) / 2, 5)


def seen_at(page: Page, colour: tuple[int, int, int]) -> tuple[float, float]:
    """Return where the middle of a cross is, in pixels from the map's middle."""
    box = page.locator(".map").bounding_box()
    assert box is not None
    image = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
    ys, xs = np.nonzero((image == colour).all(axis=2))
    assert xs.size, f"no pixel of {colour}"
    across, down = (xs.min() + xs.max() + 1) / 2, (ys.min() + ys.max() + 1) / 2
    return across - box["x"] - box["width"] / 2, down - box["y"] - box["height"] / 2


def test_a_base_map_in_gcj02_lies_under_the_data(based: Server, tiles: Tiles, open_page: PageMaker) -> None:
    lon, lat = middle_of(based)
    here = world_pixel(lon, lat)
    wanted = {}
    for colour, (right, down) in CROSSES.items():
        x, y = world_pixel(*map(float, wgs84_to_gcj02(*place_of(here[0] + right, here[1] + down))))
        drawn = (math.floor(x), math.floor(y))
        tiles.crosses[colour] = drawn
        real = world_pixel(*map(float, gcj02_to_wgs84(*place_of(drawn[0] + 0.5, drawn[1] + 0.5))))
        wanted[colour] = (real[0] - here[0], real[1] - here[1])

    page = open_page(based, f"#map={ZOOM}/{lon}/{lat}&layers=")
    loaded(page)
    page.get_by_role("tab", name="图层").click()
    assert tiles.asked == []
    page.get_by_role("radio", name="示例底图").check()
    expect(page.locator(".leaflet-base-pane img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".leaflet-base-pane img:not(.leaflet-tile-loaded)")).to_have_count(0)

    for colour, (right, down) in wanted.items():
        across, below = seen_at(page, colour)
        assert abs(across - right) <= 1, (colour, across, right)
        assert abs(below - down) <= 1, (colour, below, down)
    said = page.locator(".leaflet-control-attribution")
    expect(said).to_contain_text("© 示例图商")
    expect(said).to_contain_text(f"审图号：{APPROVAL}")
    expect(page).to_have_url(re.compile("base=shifted"))
    page.get_by_role("slider", name="底图浓度").fill("60")
    expect(page).to_have_url(re.compile("base=shifted,60"))
    page.get_by_role("radio", name="自有数据").check()
    expect(page.locator(".leaflet-base-pane img")).to_have_count(0)
    expect(said).not_to_contain_text("示例图商")
    page.go_back()
    page.get_by_role("tab", name="图层").click()
    expect(page.get_by_role("radio", name="示例底图")).to_be_checked()


def test_a_base_map_that_does_not_come_gives_way(based: Server, open_page: PageMaker, watched: Watched) -> None:
    lon, lat = middle_of(based)
    watched.provoke("ERR_")
    page = open_page(based, f"#map={ZOOM}/{lon}/{lat}&lang=en&base=gone", phone=True)
    expect(page.get_by_role("alert").filter(has_text="Gone map")).to_contain_text("our own data is shown")
    expect(page).not_to_have_url(re.compile("base="))
    page.get_by_role("tab", name="Layers").click()
    expect(page.get_by_role("radio", name="Our own data")).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("^Green", re.I)).first).to_be_checked()
