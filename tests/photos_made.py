"""Photos made for tests: pictures with notes of a camera, and files that only pretend."""

import io
import struct
import zlib

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import IFDRational


def picture(width=640, height=480):
    """Return a picture with four different corners."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (200, 40, 40)
    pixels[: height // 2, width // 2 :] = (40, 200, 40)
    pixels[height // 2 :, : width // 2] = (40, 40, 200)
    pixels[height // 2 :, width // 2 :] = (220, 220, 60)
    return Image.fromarray(pixels)


def notes(*, orientation=1, lon=116.3121, lat=40.0111, taken="2026:02:28 15:04:05", offset=None):
    """Return EXIF as a phone writes it; ``lon`` None: without a position."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone of Zhang San"
    camera = exif.get_ifd(0x8769)
    if taken:
        camera[0x9003] = taken
    if offset:
        camera[0x9011] = offset
    if lon is not None:
        position = exif.get_ifd(0x8825)
        position[1], position[2] = "S" if lat < 0 else "N", sexagesimal(abs(lat))
        position[3], position[4] = "W" if lon < 0 else "E", sexagesimal(abs(lon))
    return exif


def sexagesimal(degrees):
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    seconds = ((degrees - whole) * 60 - minutes) * 60
    return IFDRational(whole, 1), IFDRational(minutes, 1), IFDRational(round(seconds * 10000), 10000)


def encoded(image=None, kind="JPEG", **options):
    target = io.BytesIO()
    (image or picture()).save(target, kind, **options)
    return target.getvalue()


def phone_photo(**changes):
    return encoded(exif=notes(**changes), quality=90, comment=b"secret comment")


def png_head(width, height):
    """Return the beginning of a PNG of any size, without pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00" * 100)) + chunk(b"IEND", b"")
