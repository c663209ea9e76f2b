"""Which coordinate system a foreign file is in, and the way from there to stored longitude, latitude."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.foundation.crs import STORED_EPSG, check_epsg, epsg_of_wkt, to_stored
from geo_service.foundation.datum import bd09_to_wgs84, gcj02_to_wgs84
from geo_service.foundation.errors import FileFault, InvalidInput

_EPSG: Final = re.compile(r"(?:EPSG:)?(\d{4,6})", re.IGNORECASE)
_EQUAL: Final = frozenset({4326, 4490})  # WGS 84 and CGCS2000 are taken as equal (PRODUCT §9)
_SHIFTS: Final[dict[str, Callable[..., Any]]] = {"GCJ-02": gcj02_to_wgs84, "BD-09": bd09_to_wgs84}


@dataclass(frozen=True)
class Crs:
    """A coordinate system of a file: an EPSG code, or one of the two shifted datums (``shift``)."""

    epsg: int
    shift: str | None = None

    @property
    def name(self) -> str:
        """Return its name for people."""
        return self.shift or f"EPSG:{self.epsg}"


def parse_crs(text: str) -> Crs:
    """Return the CRS a person declared: ``EPSG:n``, ``GCJ-02`` or ``BD-09``; InvalidInput ``crs_unknown``."""
    plain = text.strip().upper().replace("_", "-").replace(" ", "")
    shift = {"GCJ-02": "GCJ-02", "GCJ02": "GCJ-02", "BD-09": "BD-09", "BD09": "BD-09", "BD-09LL": "BD-09"}.get(plain)
    if shift:
        return Crs(STORED_EPSG, shift)
    match = _EPSG.fullmatch(plain)
    epsg = int(match[1]) if match else epsg_of_wkt(text) if plain in ("WGS84", "CRS84", "OGC:CRS84") else None
    if epsg is None:
        raise InvalidInput("crs_unknown", crs=text)
    check_epsg(epsg)
    return Crs(epsg)


def crs_of(path: Path, of_file: str | None, declared: str | None, *, assumed: int | None = None) -> Crs:
    """Return the CRS to read a file in.

    Parameters
    ----------
    path
        The file, to name it.
    of_file
        What the file itself says (or its format prescribes), None if nothing.
    declared
        What the person says.
    assumed
        EPSG code taken where neither says anything.

    Raises
    ------
    FileFault
        ``crs_missing``, ``crs_contradiction`` (GCJ-02 and BD-09 have no code of their own: files in them call
        themselves EPSG:4326, which is no contradiction).
    InvalidInput
        ``crs_unknown``.
    """
    said = parse_crs(declared) if declared is not None else None
    own = _own_crs(path, of_file) if of_file is not None else None
    if said is not None and own is not None:
        if said.epsg != own.epsg and not {said.epsg, own.epsg} <= _EQUAL:
            raise FileFault("crs_contradiction", file=str(path), own=own.name, declared=said.name)
        return said
    known = said or own or (Crs(assumed) if assumed is not None else None)
    if known is None:
        raise FileFault("crs_missing", file=str(path))
    return known


def to_lonlat(geometries: Sequence[Any], crs: Crs) -> npt.NDArray[np.object_]:
    """Return geometries of a file (x or longitude first) in stored longitude, latitude; None stays None."""
    array = np.empty(len(geometries), dtype=object)
    array[:] = list(geometries)
    if crs.shift is not None:
        shift = _SHIFTS[crs.shift]
        present = ~shapely.is_missing(array)
        array[present] = shapely.transform(
            array[present], lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1])), include_z=False
        )
        return array
    return to_stored(array, crs.epsg)


def _own_crs(path: Path, text: str) -> Crs:
    match = _EPSG.fullmatch(text)
    epsg = int(match[1]) if match else epsg_of_wkt(text)
    if epsg is None:
        raise FileFault("crs_of_file_unknown", file=str(path), crs=" ".join(text.split())[:80])
    check_epsg(epsg)
    return Crs(epsg)
