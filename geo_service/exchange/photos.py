"""Photos: what came is checked by decoding it; what goes out is drawn anew, without what the camera wrote into it.

The original stays as it came, byte for byte, under restricted access. A published copy is a new picture of at most
:data:`LONGEST_PX`: turned upright, hidden regions made coarse, no metadata.
"""

import io
import math
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageFile

from geo_service.foundation.clock import to_iso
from geo_service.foundation.errors import FileFault, InvalidInput, TooMuch

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
LONGEST_PX: Final = 1600  # of a published copy
THUMBNAIL_PX: Final = 320
MEDIA_TYPES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
COPY_TYPE: Final = "image/jpeg"
MOST_BOXES: Final = 100
_QUALITY: Final = 85
_COARSE_CELLS: Final = 5  # along the longer side of a hidden region: no face and no number is left in 25 means
_UPRIGHT: Final = {  # what turns a picture of this orientation (EXIF 2.32, 4.6.4 A) upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDES: Final = ("x", "y", "width", "height")
_decoding: Final = threading.BoundedSemaphore(2)  # one picture takes up to 250 MB while it is decoded


@dataclass(frozen=True)
class Photo:
    """What a checked photo is.

    Attributes
    ----------
    media_type
        By content: one of :data:`MEDIA_TYPES`.
    width_px, height_px
        As it is looked at, turned upright.
    taken_at
        When, UTC ISO-8601, by the camera's clock; None if it does not say.
    lon, lat
        Where the camera stood, degrees in EPSG:4326; None if it does not say.
    """

    media_type: str
    width_px: int
    height_px: int
    taken_at: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Box:
    """A region to hide, in shares (0..1) of the upright picture's width and height, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Copies:
    """What is published of a photo: JPEG pictures without metadata."""

    image: bytes
    thumbnail: bytes


def check_photo(raw: bytes, claimed: str, timezone: str) -> Photo:
    """Return what a photo is, after decoding all of it.

    Parameters
    ----------
    raw
        The file.
    claimed
        Media type the sender gave.
    timezone
        Zone of the camera's clock where the photo names none.

    Raises
    ------
    FileFault
        ``photo_type_unknown``, ``photo_type_differs``, ``photo_animated``, ``photo_broken`` (truncated, damaged).
    TooMuch
        ``photo_too_large``, ``photo_too_many_pixels``; before anything is decoded.
    """
    with _decoding:
        image = _opened(raw)
        media_type = next(kind for kind, name in MEDIA_TYPES.items() if name == _format(image))
        if claimed != media_type:
            raise FileFault("photo_type_differs", claimed=claimed, found=media_type)
        notes = _notes(image)
        _decode(image)
    width, height = notes.size
    taken_at = _taken_at(notes.camera, timezone)
    lon, lat = _place(notes.position)
    return Photo(media_type, width, height, taken_at, lon, lat)


def checked_boxes(given: object) -> list[Box]:
    """Return regions as they came in JSON; InvalidInput ``photo_boxes_form``, TooMuch ``photo_boxes_many``."""
    if not isinstance(given, list):
        raise InvalidInput("photo_boxes_form", box=0)
    if len(given) > MOST_BOXES:
        raise TooMuch("photo_boxes_many", maximum=MOST_BOXES)
    boxes = []
    for number, one in enumerate(given, 1):
        if not isinstance(one, Mapping) or set(one) != set(_SIDES):
            raise InvalidInput("photo_boxes_form", box=number)
        sides = [one[side] for side in _SIDES]
        if any(isinstance(side, bool) or not isinstance(side, int | float) or not 0 <= side <= 1 for side in sides):
            raise InvalidInput("photo_boxes_form", box=number)
        box = Box(*map(float, sides))
        if not box.width or not box.height or box.x + box.width > 1 + 1e-9 or box.y + box.height > 1 + 1e-9:
            raise InvalidInput("photo_boxes_form", box=number)
        boxes.append(box)
    return boxes


def draw_copies(raw: bytes, boxes: Sequence[Box]) -> Copies:
    """Return the copies to publish of a photo that :func:`check_photo` took, ``boxes`` made unrecognisable."""
    with _decoding:
        image = _opened(raw)
        image.draft("RGB", (LONGEST_PX, LONGEST_PX))
        turn = _UPRIGHT.get(_orientation(image))
        picture = _plain(_decode(image))
        del image
    picture.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    picture = picture if turn is None else picture.transpose(turn)
    for box in boxes:
        _hide(picture, box)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
    return Copies(_encoded(picture), _encoded(small))


def _opened(raw: bytes) -> Image.Image:
    """Return the picture with its head read and its limits checked, no pixel decoded."""
    if len(raw) > MOST_BYTES:
        raise TooMuch("photo_too_large", limit_bytes=MOST_BYTES)
    # other libraries turn it on for the whole process (WeasyPrint does): a photo that is cut off is refused
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(io.BytesIO(raw), formats=list(MEDIA_TYPES.values()))
    except Image.DecompressionBombError:
        raise TooMuch("photo_too_many_pixels", maximum=MOST_PIXELS) from None
    except Exception as error:  # decoders raise many kinds of their own
        raise FileFault("photo_type_unknown", known=", ".join(MEDIA_TYPES)) from error
    if image.width * image.height > MOST_PIXELS:
        raise TooMuch("photo_too_many_pixels", maximum=MOST_PIXELS)
    if _format(image) != "JPEG" and getattr(image, "n_frames", 1) > 1:
        raise FileFault("photo_animated")
    return image


def _format(image: Image.Image) -> str:
    """Return the format; a camera's JPEG with further pictures behind the first is a JPEG."""
    return "JPEG" if image.format == "MPO" else str(image.format)


def _decode(image: Image.Image) -> Image.Image:
    try:
        image.load()
    except Exception as error:  # decoders raise many kinds of their own
        raise FileFault("photo_broken") from error
    return image


@dataclass(frozen=True)
class _Notes:
    size: tuple[int, int]
    camera: Mapping[int, Any]
    position: Mapping[int, Any]


def _notes(image: Image.Image) -> _Notes:
    """Return what the camera wrote beside the picture; what cannot be read is not there."""
    width, height = image.size
    size = (height, width) if _orientation(image) in (5, 6, 7, 8) else (width, height)
    try:
        exif = image.getexif()
        return _Notes(size, exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:  # a broken note is no reason to refuse the picture
        return _Notes(size, {}, {})


def _orientation(image: Image.Image) -> int:
    """Return the orientation the camera noted, 1 (upright) where that cannot be read."""
    try:
        found = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a broken note is no reason to refuse the picture
        return 1
    return found if isinstance(found, int) and found in _UPRIGHT else 1


def _taken_at(camera: Mapping[int, Any], timezone: str) -> str | None:
    with suppress(KeyError, ValueError, TypeError, OverflowError):
        moment = datetime.strptime(str(camera[ExifTags.Base.DateTimeOriginal]), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        offset = str(camera.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
        with suppress(ValueError):
            return to_iso(datetime.fromisoformat(f"{moment.isoformat()}{offset}" if offset else "").astimezone(UTC))
        return to_iso(moment.replace(tzinfo=ZoneInfo(timezone)))
    return None


def _place(position: Mapping[int, Any]) -> tuple[float | None, float | None]:
    """Return longitude and latitude; a camera without a fix writes nothing, nonsense or 0, 0."""
    try:
        lat = _degrees(position[ExifTags.GPS.GPSLatitude], position[ExifTags.GPS.GPSLatitudeRef], "NS")
        lon = _degrees(position[ExifTags.GPS.GPSLongitude], position[ExifTags.GPS.GPSLongitudeRef], "EW")
    except (KeyError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None, None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90) or (lon == 0 and lat == 0):
        return None, None
    return round(lon, 7), round(lat, 7)


def _degrees(parts: Any, reference: Any, letters: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    letter = str(reference).strip("\x00 ").upper()
    value = degrees + minutes / 60 + seconds / 3600
    if letter not in (letters[0], letters[1]) or not math.isfinite(value):
        raise ValueError(letter)
    return -value if letter == letters[1] else value


def _plain(image: Image.Image) -> Image.Image:
    """Return a new RGB picture with nothing but the pixels; what is transparent becomes white."""
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        picture = Image.new("RGB", image.size, "white")
        picture.paste(image, mask=image.getchannel("A"))
        return picture
    picture = Image.new("RGB", image.size)
    picture.paste(image.convert("RGB"))
    return picture


def _hide(picture: Image.Image, box: Box) -> None:
    left, top = math.floor(box.x * picture.width), math.floor(box.y * picture.height)
    right = min(picture.width, max(left + 1, math.ceil((box.x + box.width) * picture.width)))
    bottom = min(picture.height, max(top + 1, math.ceil((box.y + box.height) * picture.height)))
    region = (min(left, right - 1), min(top, bottom - 1), right, bottom)
    part = picture.crop(region)
    cell = max(part.size) / _COARSE_CELLS
    few = (max(1, round(part.width / cell)), max(1, round(part.height / cell)))
    picture.paste(part.resize(few, Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST), region)


def _encoded(picture: Image.Image) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return target.getvalue()
