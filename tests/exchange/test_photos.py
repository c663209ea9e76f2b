"""Photos: checked by decoding, read for time and place, drawn anew without metadata, regions made unrecognisable."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geo_service.exchange.photos import (
    LONGEST_PX,
    MOST_BYTES,
    THUMBNAIL_PX,
    Box,
    check_photo,
    checked_boxes,
    draw_copies,
)
from geo_service.foundation.errors import GeoServiceError, InvalidInput
from tests.photos_made import encoded, notes, phone_photo, picture, png_head

ZONE = "Asia/Shanghai"


def refused(raw, claimed="image/jpeg"):
    with pytest.raises(InvalidInput) as caught:
        check_photo(raw, claimed, ZONE)
    for lang in ("zh", "en"):
        assert "{" not in caught.value.sentence(lang)
    return caught.value.code


def opened(raw):
    image = Image.open(io.BytesIO(raw))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_kinds_of_photos(kind):
    found = check_photo(encoded(kind=kind, exif=notes()), f"image/{kind.lower()}", ZONE)
    assert (found.media_type, found.width_px, found.height_px) == (f"image/{kind.lower()}", 640, 480)
    assert found.taken_at == "2026-02-28T07:04:05.000Z"
    assert (found.lon, found.lat) == (pytest.approx(116.3121, abs=1e-6), pytest.approx(40.0111, abs=1e-6))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1"])
def test_pictures_of_every_depth_are_copied(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.fromarray(np.full((40, 60), 40000, np.uint16)) if mode == "I;16" else picture(60, 40).convert(mode)
    raw = encoded(image, kind)
    check_photo(raw, f"image/{kind.lower()}", ZONE)
    assert opened(draw_copies(raw, []).image).size == (60, 40)


def test_transparent_becomes_white():
    copy = opened(draw_copies(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG"), []).image)
    assert copy.getpixel((10, 10)) == (255, 255, 255)


def test_orientation_is_applied():
    raw = phone_photo(orientation=6)  # turned a quarter to the right to be upright
    found = check_photo(raw, "image/jpeg", ZONE)
    assert (found.width_px, found.height_px) == (480, 640)
    copy = opened(draw_copies(raw, []).image)
    assert copy.size == (480, 640)
    red, green, blue = copy.getpixel((400, 100))  # the left upper corner of the file is now on the right
    assert red > 150 > max(green, blue)


def test_copies_hold_pixels_and_nothing_else():
    raw = phone_photo()
    assert b"Zhang San" in raw
    assert b"secret comment" in raw
    copies = draw_copies(raw, [])
    for copy in (copies.image, copies.thumbnail):
        for secret in (b"Zhang San", b"secret comment", b"Exif", b"GPS", b"2026", b"ICC_PROFILE", b"http://ns.adobe"):
            assert secret not in copy
        assert dict(opened(copy).getexif()) == {}
        assert set(opened(copy).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_copies_are_as_small_as_promised():
    raw = encoded(picture(4000, 3000))
    copies = draw_copies(raw, [])
    assert opened(copies.image).size == (LONGEST_PX, LONGEST_PX * 3 // 4)
    assert max(opened(copies.thumbnail).size) == THUMBNAIL_PX
    assert opened(draw_copies(encoded(picture(4000, 1)), []).image).size == (1600, 1)


def test_hidden_regions_are_unrecognisable_and_the_rest_is_not():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::8] = stripes[:, 1::8] = stripes[:, 2::8] = stripes[:, 3::8] = 255
    raw = encoded(Image.fromarray(stripes), "PNG")
    for copy, scale in zip((draw_copies(raw, [Box(0.25, 0.25, 0.5, 0.5)]).image,), (1,), strict=True):
        grey = np.asarray(opened(copy).convert("L"), float) / scale
        assert grey[110:290, 110:290].std() < 20  # stripes of 0 and 255 have 127
        assert grey[310:390, :].std() > 100
    at_the_edge = draw_copies(raw, [Box(0.9, 0.9, 0.1, 0.1), Box(0, 0, 1e-6, 1e-6), Box(1, 1, 1e-9, 1e-9)])
    grey = np.asarray(opened(at_the_edge.image).convert("L"), float)
    assert grey[362:398, 362:398].std() < 40


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, "photo_boxes_form"),
        ([[0, 0, 1, 1]], "photo_boxes_form"),
        ([{"x": 0, "y": 0, "width": 1}], "photo_boxes_form"),
        ([{"x": 0, "y": 0, "width": 1, "height": 0}], "photo_boxes_form"),
        ([{"x": 0.6, "y": 0, "width": 0.5, "height": 1}], "photo_boxes_form"),
        ([{"x": -1, "y": 0, "width": 0.5, "height": 1}], "photo_boxes_form"),
        ([{"x": "0", "y": 0, "width": 0.5, "height": 1}], "photo_boxes_form"),
        ([{"x": True, "y": 0, "width": 0.5, "height": 1}], "photo_boxes_form"),
        ([{"x": float("nan"), "y": 0, "width": 0.5, "height": 1}], "photo_boxes_form"),
        ([{"x": 0, "y": 0, "width": 1, "height": 1}] * 101, "photo_boxes_many"),
    ],
)
def test_wrong_regions_are_refused(given, code):
    with pytest.raises(InvalidInput) as caught:
        checked_boxes(given)
    assert caught.value.code == code


def test_time_and_place():
    assert check_photo(phone_photo(offset="-05:00"), "image/jpeg", ZONE).taken_at == "2026-02-28T20:04:05.000Z"
    assert check_photo(phone_photo(taken="0000:00:00 00:00:00"), "image/jpeg", ZONE).taken_at is None
    south_west = check_photo(phone_photo(lon=-70.5, lat=-33.25), "image/jpeg", ZONE)
    assert (south_west.lon, south_west.lat) == (-70.5, -33.25)
    for nowhere in (phone_photo(lon=None), phone_photo(lon=0.0, lat=0.0), encoded()):
        assert check_photo(nowhere, "image/jpeg", ZONE).lon is None


def test_the_type_is_that_of_the_content():
    assert refused(encoded(kind="PNG")) == "photo_type_differs"
    for content in (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"GIF89a" + b"\x00" * 50,
        b"",
        b"MZ\x90",
    ):
        assert refused(content) == "photo_type_unknown"
    for kind in ("GIF", "TIFF", "BMP", "ICO"):
        assert refused(encoded(picture(32, 32), kind)) == "photo_type_unknown"


def test_bombs_are_refused_before_they_are_decoded():
    assert refused(png_head(60000, 60000), "image/png") == "photo_too_many_pixels"
    assert refused(png_head(10000, 5001), "image/png") == "photo_too_many_pixels"
    assert refused(b"\xff\xd8\xff" + b"\x00" * MOST_BYTES) == "photo_too_large"


def test_animations_are_refused():
    frames = [picture(32, 32), picture(32, 32).rotate(90)]
    for kind in ("PNG", "WEBP"):
        raw = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert refused(raw, f"image/{kind.lower()}") == "photo_animated"


def test_a_jpeg_with_a_second_picture_behind_it_is_a_photo():
    raw = encoded(picture(64, 64), "MPO", save_all=True, append_images=[picture(32, 32)])
    assert check_photo(raw, "image/jpeg", ZONE).width_px == 64


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_photos_that_are_cut_off(kind, share):
    noise = np.random.default_rng(7).integers(0, 255, (120, 160, 3), np.uint8)
    raw = encoded(Image.fromarray(noise), kind)
    assert refused(raw[: int(len(raw) * share)], f"image/{kind.lower()}") in ("photo_broken", "photo_type_unknown")


@given(st.binary(max_size=300), st.integers(0, 5000), st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_garbage_is_refused_or_taken_but_never_breaks(noise, place, kind):
    raw = encoded(picture(48, 32), kind, **({"exif": notes()} if kind != "PNG" else {}))
    place %= len(raw)
    spoilt = raw[:place] + noise + raw[place + len(noise) :]
    for content in (noise, raw[:20] + noise, spoilt):
        try:
            check_photo(content, f"image/{kind.lower()}", ZONE)
            draw_copies(content, [])
        except GeoServiceError as error:
            assert error.code.startswith("photo_")
