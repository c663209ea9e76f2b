"""Maps for paper: a round scale that holds the area, names that keep apart, nothing fetched."""

import io
import re

import numpy as np
import pypdfium2
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shapely.geometry import LineString, Point, Polygon, box
from weasyprint.urls import FatalURLFetchingError

from geo_service.cartography import paper
from geo_service.cartography.print_frame import PrintFrame, round_scale
from geo_service.cartography.print_legend import LegendEntry, legend_svg
from geo_service.cartography.print_map import Drawn, Name, map_svg
from geo_service.cartography.ring_chart import OnRing, ring_svg
from geo_service.cartography.symbols import Symbol, area, line

FRAME = PrintFrame.around((0.0, 0.0, 900.0, 400.0), 100.0, 100.0)


def drawn(*parts, names=()):
    return map_svg(FRAME, [Drawn(symbol, np.array(shapes, object), "x") for symbol, shapes in parts], names,
                   north="北", lang="zh")  # fmt: skip


@given(st.floats(1, 5e6))
def test_a_scale_is_round_and_holds_what_is_asked(needed):
    scale = round_scale(needed)
    assert scale >= needed
    assert scale <= max(250.0, needed * 1.6)
    assert re.fullmatch(r"(1|15|2|25|3|4|5|75)0*", f"{scale:.0f}")


@given(st.tuples(*[st.floats(-1e5, 1e5)] * 2), st.floats(0, 5e4), st.floats(0, 5e4))
def test_the_page_holds_the_bounds(corner, wide, high):
    frame = PrintFrame.around((*corner, corner[0] + wide, corner[1] + high), 190, 200)
    page = frame.on_paper([box(*corner, corner[0] + wide, corner[1] + high)])[0]
    west, north, east, south = page.bounds
    assert min(west, north) >= 0
    assert east <= 190
    assert south <= 200
    assert 0 < frame.bar_m / frame.metres_per_mm <= 190 * 0.22 + 1e-9


def test_bounds_without_numbers_are_refused():
    with pytest.raises(ValueError, match="finite"):
        PrintFrame.around((0, 0, float("nan"), 1), 100, 100)


def test_shapes_of_a_symbol_are_one_path_in_millimetres():
    assert FRAME.scale == 10_000
    svg = drawn((area("#ff0000", 0.5), [box(450, 200, 550, 300), box(0, 0, 100, 100)]))
    paths = re.findall(r'<path d="([^"]+)" fill-rule="evenodd" fill="#ff0000"', svg)
    assert len(paths) == 1
    assert paths[0].count("M") == 2
    assert "50.00 50.00" in paths[0], "the middle of the ground is the middle of the paper"


def test_what_lies_outside_the_paper_is_left_out_and_what_crosses_is_cut():
    svg = drawn((line("#123456"), [LineString([(-90_000, 200), (90_000, 200)]), LineString([(5e6, 0), (5e6, 9)])]))
    (path,) = re.findall(r'<path d="([^"]+)" fill="none" stroke="#123456"', svg)
    numbers = [float(one) for one in re.findall(r"-?[\d.]+", path)]
    assert path.count("M") == 1
    assert min(numbers) >= -5
    assert max(numbers) <= 105


def test_nothing_missing_or_empty_breaks_a_map():
    svg = drawn((area("#ff0000"), [None, Polygon(), Point(450, 200)]), (line("#00ff00"), []))
    assert "nan" not in svg.lower()


def test_a_hole_stays_a_hole():
    ring = Polygon([(0, 0), (900, 0), (900, 400), (0, 400)], [[(100, 100), (200, 100), (200, 200), (100, 200)]])
    svg = drawn((area("#ff0000", pattern="dots"), [ring]))
    (path,) = re.findall(r'<path d="([^"]+)" fill-rule="evenodd" fill="#ff0000"', svg)
    assert path.count("Z") == 2
    assert "<pattern" in svg


def test_names_do_not_cover_each_other_and_the_weightier_stays():
    near = [Name("重要", 450, 200, weight=2), Name("次要", 452, 201, weight=1), Name("别处", 100, 100)]
    svg = drawn(names=near)
    assert ">重要<" in svg
    assert ">别处<" in svg
    assert ">次要<" not in svg
    assert svg == drawn(names=near[::-1]), "the order of names changes nothing"
    number = Drawn(Symbol(glyph=(("zh", "1"),)), np.array([Point(450, 200)], object), "", may_be_covered=False)
    svg = map_svg(FRAME, [number], near, north="北", lang="zh")
    assert ">重要<" not in svg
    assert ">别处<" in svg


def test_words_of_users_are_escaped():
    nasty = "<script>&"
    assert nasty not in drawn(names=[Name(nasty, 450, 200)])
    assert nasty not in legend_svg([LegendEntry(nasty)], 1, 60, 40, "zh")
    ring = ring_svg([OnRing(Symbol(fill="#ff0000"), 400.0)], [300, 500, 1000], 90, home=nasty, beyond="", lang="zh")
    assert nasty not in ring


def test_a_legend_too_long_for_its_room_is_drawn_smaller():
    entries = [LegendEntry(f"项 {n}", Symbol(fill="#ff0000"), "Point") for n in range(60)]
    svg = legend_svg(entries, 2, 60, 40, "zh")
    assert 'width="60mm" height="40mm"' in svg
    high = float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', svg)[1])
    lowest = max(float(one) for one in re.findall(r'<text x="[\d.]+" y="([\d.]+)"', svg))
    assert lowest <= high
    few = legend_svg(entries[:4], 2, 60, 40, "zh")
    assert float(re.search(r'height="([\d.]+)mm"', few)[1]) < 15, "no room is kept for nothing"


def ringed(*metres, rings=(300, 500, 1000)):
    """Return how far from home each sign stands, and where, of a schematic 100 mm wide."""
    signs = [OnRing(Symbol(fill="#ff0000", radius_px=7), one) for one in metres]
    svg = ring_svg(signs, rings, 100, home="家", beyond="更远", lang="zh")
    drawn_at = [tuple(map(float, at)) for at in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", svg)]
    return sorted(shapely.Point(50, 50).distance(Point(at)) for at in drawn_at), drawn_at, svg


def test_signs_stand_as_far_as_they_are_and_what_is_farther_beyond_in_its_order():
    away, _, svg = ringed(2600.0, 500.0, 1400.0, 1000.0)
    assert away[0] == pytest.approx(away[1] / 2, abs=0.02)
    assert away[1] + 3 < away[2] < away[3] - 3
    assert away[3] < 48
    assert "更远" in svg
    for words in ("300 m", "500 m", "1000 m"):
        assert words in svg
    assert "更远" not in ringed(900.0)[2], "nothing is farther"


def test_signs_cover_neither_each_other_nor_the_words_of_the_rings():
    _, at, _ = ringed(*(1000.0 + 40.0 * number for number in range(24)))
    for number, (x, y) in enumerate(at):
        assert all(Point(x, y).distance(Point(other)) > 4 for other in at[:number])
        assert not (abs(x - 50) < 8 and y > 50), "straight down stand the words"
    assert sorted(at) == sorted(ringed(*(1000.0 + 40.0 * number for number in reversed(range(24))))[1])


def test_the_largest_text_that_fits_one_page_is_set():
    body = "<p>" + "字" * 3000 + "</p>"
    page = "<style>@page{{size:A6;margin:0}}p{{margin:0;font-size:{0}pt}}</style>" + body
    made = paper.set_pdf((page.format(size) for size in (12, 6, 3, 2)), "题")
    assert made.startswith(b"%PDF")
    picture = paper.as_png(made, dpi=30)
    assert picture.startswith(b"\x89PNG")


def test_a_picture_shows_every_page():
    page = "<style>@page{size:A6;margin:0}</style>" + "<p>字</p>" * 90
    made = paper.set_pdf([page], "题")
    pages = len(pypdfium2.PdfDocument(made))
    assert pages > 1
    one = Image.open(
        io.BytesIO(paper.as_png(paper.set_pdf(["<style>@page{size:A6;margin:0}</style>字"], "题"), dpi=30))
    )
    every = Image.open(io.BytesIO(paper.as_png(made, dpi=30)))
    assert every.size == (one.width, one.height * pages)


@pytest.mark.parametrize("address", ["http://203.0.113.1/x.png", "file:///etc/passwd"])
def test_a_page_that_points_outside_is_refused(address):
    with pytest.raises(FatalURLFetchingError):
        paper.set_pdf([f'<img src="{address}"><p>x</p>'], "x")
