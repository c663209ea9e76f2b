"""An OpenStreetMap file as a file: is it one, what does its header say, and what its reader's failures mean."""

import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import osmium

from geo_service.foundation.errors import FileFault

Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees (EPSG:4326)
_KINDS: Final = {".osm": "xml", ".osm.gz": "gz", ".osm.pbf": "pbf", ".pbf": "pbf"}
_HEAD_BYTES: Final = 65536
_FIRST_OBJECT: Final = re.compile(r"<(node|way|relation)[\s/>]")
_BOUNDS: Final = re.compile(r"<bounds\s([^>]*)>")
_BOUND: Final = re.compile(r"<bound\s[^>]*box=[\"']([^\"']*)[\"']")
_ATTRIBUTE: Final = re.compile(r"(\w+)=[\"']([^\"']*)[\"']")
_OSM_BASE: Final = re.compile(r"osm_base=[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class OsmHeader:
    """What a file says about itself: its bounds (all boxes together) and the moment of its data."""

    bounds: Bounds | None
    source_date: datetime | None


def check_osm_file(path: Path) -> str:
    """Return the kind of OSM file at ``path`` (``xml``, ``gz`` or ``pbf``).

    Raises FileFault ``file_missing``, ``file_is_folder``, ``file_unreadable``, ``file_empty``,
    ``osm_extension`` (a name that says no OSM format) and ``osm_content`` (another content than its name says).
    """
    if not path.exists():
        raise FileFault("file_missing", file=str(path))
    if not path.is_file():
        raise FileFault("file_is_folder", file=str(path))
    name = path.name.lower()
    claimed = next((kind for end, kind in sorted(_KINDS.items(), key=lambda i: -len(i[0])) if name.endswith(end)), None)
    if claimed is None:
        raise FileFault("osm_extension", file=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except OSError as error:
        raise FileFault("file_unreadable", file=str(path)) from error
    if not head:
        raise FileFault("file_empty", file=str(path))
    found = _kind_of(head)
    if found == "gz" and claimed == "gz":
        if "<osm" not in _head_text(path, "gz"):
            raise FileFault("osm_content", file=str(path), claimed=".osm.gz")
    elif found != claimed:
        raise FileFault("osm_content", file=str(path), claimed=f".osm.{claimed}".removesuffix(".xml"))
    return claimed


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever the OSM reader raises into FileFault ``osm_broken``, naming the file."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise FileFault("osm_broken", file=str(path), detail=detail) from error


@contextmanager
def sorted_copy(path: Path) -> Iterator[Path]:
    """Yield a copy of a file whose objects stand in the usual order, which assembling areas needs."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        unsorted = osmium.MergeInputReader()
        unsorted.add_file(str(path))
        with osmium.SimpleWriter(str(copy)) as writer:
            unsorted.apply(writer)
        yield copy


def read_header(path: Path, kind: str) -> OsmHeader:
    """Return bounds and date of the file's header; several boxes are joined, senseless ones ignored."""
    with reading(path), osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        header = reader.header()
        stamps = [header.get(key) for key in ("osmosis_replication_timestamp", "timestamp")]
        box = header.box()
        boxes = []
        if box.valid():
            low, high = box.bottom_left, box.top_right
            boxes.append((low.lon, low.lat, high.lon, high.lat))
    if kind != "pbf":
        text = _head_text(path, kind)
        boxes += _xml_boxes(text)
        stamps += _OSM_BASE.findall(text)
    moments = [moment for moment in map(_moment, stamps) if moment is not None]
    return OsmHeader(_joined(boxes), moments[0] if moments else None)


def _kind_of(head: bytes) -> str | None:
    if head[:2] == b"\x1f\x8b":
        return "gz"
    if head[4:6] == b"\x0a\x09" and head[6:15] == b"OSMHeader":
        return "pbf"
    start = head.decode("utf-8-sig", errors="ignore").lstrip()
    return "xml" if "<osm" in start or (start.startswith("<?xml") and "<html" not in start.lower()) else None


def _head_text(path: Path, kind: str) -> str:
    """Return the text before the first object of an XML file (at most the first 64 KiB)."""
    try:
        with gzip.open(path) if kind == "gz" else path.open("rb") as file:
            raw = file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFault("osm_broken", file=str(path), detail=str(error)[:200]) from error
    text = raw.decode("utf-8", errors="replace")
    first = _FIRST_OBJECT.search(text)
    return text[: first.start()] if first else text


def _xml_boxes(text: str) -> list[Bounds]:
    boxes: list[Bounds] = []
    for attributes in _BOUNDS.findall(text):
        values = dict(_ATTRIBUTE.findall(attributes))
        boxes += _box([values.get(key) for key in ("minlon", "minlat", "maxlon", "maxlat")])
    for listed in _BOUND.findall(text):  # Osmosis: south,west,north,east
        parts = listed.split(",")
        if len(parts) == 4:
            boxes += _box([parts[1], parts[0], parts[3], parts[2]])
    return boxes


def _box(values: list[str | None]) -> list[Bounds]:
    try:
        west, south, east, north = (float(value or "nan") for value in values)
    except ValueError:
        return []
    sensible = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return [(west, south, east, north)] if sensible else []


def _joined(boxes: list[Bounds]) -> Bounds | None:
    kept = [box for box in boxes if box[0] < box[2] and box[1] < box[3]]
    if not kept:
        return None
    west, south, east, north = zip(*kept, strict=True)
    return min(west), min(south), max(east), max(north)


def _moment(stamp: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stamp.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
