"""Facilities as targets of walks: where one goes in, whether they count and are verified, whom they admit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection

from geo_service.domain.facilities import is_counted, is_verified
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import categories as all_categories
from geo_service.domain.rights import read_story
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import NotFound
from geo_service.foundation.ids import fingerprint
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage.frames import ids_by_code, read_frame

Floats = npt.NDArray[np.float64]
EVERYBODY: Final = -1  # admits the public
NOBODY_HERE: Final = -2  # admits people no home is known to belong to
_FIELDS: Final = (
    "id", "code", "name", "category", "opening_state", "admits", "admits_area_code", "admits_bands",
    "verification", "verified_on",
)  # fmt: skip


@dataclass(frozen=True)
class Targets:
    """Facilities that are open or may be, in the order of their code, and the places where one enters them.

    Attributes
    ----------
    id, code, name, category
        Per facility, shape (f,); ``category`` is the place in the categories asked for.
    verified
        Whether it decides coverage on the day asked for, shape (f,).
    admits_area
        Id of the area whose homes alone it admits, ``EVERYBODY`` or ``NOBODY_HERE``, shape (f,).
    bands
        Age bands it admits, None for all of them, length f.
    place_owner, place_lon, place_lat
        Entrances, else the centroid: facility of each place and position in degrees, shape (k,).
    """

    id: npt.NDArray[np.int64]
    code: npt.NDArray[np.object_]
    name: npt.NDArray[np.object_]
    category: npt.NDArray[np.int32]
    verified: npt.NDArray[np.bool_]
    admits_area: npt.NDArray[np.int64]
    bands: Sequence[frozenset[str] | None]
    place_owner: npt.NDArray[np.int32]
    place_lon: Floats
    place_lat: Floats

    def __len__(self) -> int:
        return len(self.id)

    def of_categories(self, places: Sequence[int]) -> "Targets":
        """Return the facilities of some categories (by their place), which keep their places."""
        kept = np.isin(self.category, places)
        number = np.cumsum(kept) - 1
        doors = kept[self.place_owner]
        return Targets(
            self.id[kept],
            self.code[kept],
            self.name[kept],
            self.category[kept],
            self.verified[kept],
            self.admits_area[kept],
            [bands for bands, one in zip(self.bands, kept, strict=True) if one],
            number[self.place_owner[doors]].astype(np.int32),
            self.place_lon[doors],
            self.place_lat[doors],
        )

    def draw_circles(self) -> npt.NDArray[np.bool_]:
        """Whether each facility is a start of its category's public circles: verified, and not for one area's homes.

        What admits certain ages only is open to the public of those ages and draws them too.
        """
        return np.asarray(self.verified & (self.admits_area == EVERYBODY), bool)

    def state_fingerprint(self) -> str:
        """Return what the day asked for changes: which facilities count as verified."""
        return fingerprint([self.id.tolist(), self.verified.tolist()])


def read_targets(conn: Connection, ctx: Context, categories: Sequence[str]) -> Targets:
    """Return the facilities of ``categories`` that count today (the office's date)."""
    today = local_date(ctx.clock(), ctx.timezone)
    where: Mapping[str, str] | None = {"category": categories[0]} if len(categories) == 1 else None
    frame = read_frame(conn, LAYERS["facilities"], list(_FIELDS), where=where)
    counted = frame["category"].isin(categories) & frame["opening_state"].map(is_counted).astype(bool)
    frame = frame[counted & ~_no_place(frame.geometry.to_numpy())].reset_index(drop=True)
    place = {code: number for number, code in enumerate(categories)}
    terms = all_categories()
    verified = [
        is_verified(state, verification, _day(on), terms[category].verification_term_days, today)
        for state, verification, on, category in zip(
            frame["opening_state"], frame["verification"], frame["verified_on"], frame["category"], strict=True
        )
    ]
    owner, lon, lat = _places(conn, frame)
    return Targets(
        frame["id"].to_numpy(np.int64),
        frame["code"].to_numpy(object),
        frame["name"].astype(object).where(frame["name"].notna(), None).to_numpy(object),
        frame["category"].map(place).to_numpy(np.int32),
        np.array(verified, bool),
        _admitted_areas(conn, frame),
        [_bands(admits, bands) for admits, bands in zip(frame["admits"], frame["admits_bands"], strict=True)],
        owner,
        lon,
        lat,
    )


def starts_at(conn: Connection, ctx: Context, codes: Sequence[str]) -> tuple[Floats, Floats]:
    """Return where one enters some facilities: longitude and latitude of all their entrances, else of the centroid.

    Facilities that do not count yet have their places, too. Raises NotFound ``row_unknown``.
    """
    may(ctx.actor, read_story("facilities"))
    frame = read_frame(conn, LAYERS["facilities"], ["code"], where={"code": list(codes)})
    missing = sorted(set(codes) - set(frame["code"]))
    if missing:
        raise NotFound("row_unknown", layer="facilities", ident=missing[0][:64])
    _, lon, lat = _places(conn, frame)
    return lon, lat


def _no_place(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.asarray(shapely.is_missing(geometries) | shapely.is_empty(geometries), bool)


def _day(stored: object) -> date | None:
    return date.fromisoformat(stored) if isinstance(stored, str) else None


def _bands(admits: str, bands: object) -> frozenset[str] | None:
    return frozenset(str(band) for band in bands) if admits == "age_band" and isinstance(bands, list) else None


def _admitted_areas(conn: Connection, frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return whose homes each facility admits; a unit's people live nowhere we know of."""
    admitted = np.full(len(frame), EVERYBODY, np.int64)
    restricted = frame["admits"].isin(("quarter", "catchment")).to_numpy()
    if restricted.any():
        areas = ids_by_code(conn, LAYERS["areas"])
        codes = frame["admits_area_code"]
        admitted[restricted] = [areas.get(str(code), NOBODY_HERE) for code in codes[restricted]]
    admitted[frame["admits"].eq("unit").to_numpy()] = NOBODY_HERE
    return admitted


def _places(conn: Connection, frame: pd.DataFrame) -> tuple[npt.NDArray[np.int32], Floats, Floats]:
    """Return owner, longitude and latitude of every entrance, of the centroid where a facility has none."""
    number = {str(code): place for place, code in enumerate(frame["code"])}
    doors = read_frame(conn, LAYERS["entrances"], ["facility_code"])
    doors = doors[doors["facility_code"].isin(number)]
    owner = doors["facility_code"].map(number).to_numpy(np.int32)
    points = doors.geometry.to_numpy()
    without = np.setdiff1d(np.arange(len(frame), dtype=np.int32), owner)
    centres = shapely.centroid(frame.geometry.to_numpy()[without])
    owner, points = np.concatenate([owner, without]), np.concatenate([points, centres])
    order = np.argsort(owner, kind="stable")
    return owner[order].astype(np.int32), shapely.get_x(points[order]), shapely.get_y(points[order])
