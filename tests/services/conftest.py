"""A town small enough to check by hand: a street of 2 km eastward at 40° N with side streets, on both stores."""

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import MultiPolygon, Point, box

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.domain.ways import WayArrays
from geo_service.foundation.clock import fixed_clock
from geo_service.services.context import Context
from geo_service.storage import bulk
from geo_service.storage.ways import write_ways
from tests.services.accounts import Office

WEST, SOUTH = 116.0, 40.0
M_LON, M_LAT = 85393.9, 111035.0  # metres of a degree at 40° N on WGS 84
NOON = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """Return longitude and latitude of a place so many metres from the town's corner."""
    return WEST + east_m / M_LON, SOUTH + north_m / M_LAT


def around(east_m, north_m, half_m=5.0):
    """Return a square building."""
    lon, lat = at(east_m, north_m)
    return box(lon - half_m / M_LON, lat - half_m / M_LAT, lon + half_m / M_LON, lat + half_m / M_LAT)


class Town:
    """Writes things of the town into a store and gives contexts around it."""

    at = staticmethod(at)

    def __init__(self, store, var_dir: Path) -> None:
        self.store, self.var_dir, self.moment = store, var_dir, NOON
        self.heard: list[tuple[float | None, str]] = []

    @property
    def ctx(self) -> Context:
        tell = lambda share, key: self.heard.append((share, key))  # noqa: E731
        return Context(self.store, LOCAL_ADMIN, fixed_clock(self.moment), self.var_dir, "zh", tell)

    def put(self, layer, rows, *, places=True):
        """Write rows (mappings with code, geometry and field keys) of a layer."""
        frame = gpd.GeoDataFrame(rows, geometry="geometry" if "geometry" in rows[0] else None, crs=None)
        with self.store.writing() as conn:
            bulk.upsert(conn, LAYERS[layer], frame, actor=LOCAL_ADMIN, now=self.moment)
            if places:
                bulk.refresh_places(conn)

    def streets(self, lines, *, code="990001", extent=None, closed=False, highways=None):
        """Write a network of lines given in metres; equal points are equal nodes."""
        nodes: dict[tuple[float, float], int] = {}
        ids, lon, lat, start = [], [], [], [0]
        for line in lines:
            for point in line:
                ids.append(nodes.setdefault(tuple(point), len(nodes) + 1 + 1000 * int(code)))
                place = at(*point)
                lon.append(place[0])
                lat.append(place[1])
            start.append(len(ids))
        kinds = highways or ["residential"] * len(lines)
        ways = WayArrays(
            [f"w{code}{n}" for n in range(len(lines))],
            [None] * len(lines),
            kinds,
            np.array([kind != "steps" for kind in kinds]),
            np.array([kind != "steps" for kind in kinds]),
            np.arange(len(lines), dtype=np.int32),
            np.array(start, np.int64),
            np.array(ids, np.int64),
            np.array(lon),
            np.array(lat),
        )
        known = extent or (-5000, -5000, 7000, 5000)
        outline = MultiPolygon([box(*at(*known[:2]), *at(*known[2:]))])
        row = {"code": code, "geometry": outline, "is_closed": closed, "fingerprint": f"{code}{len(ids)}{known}"}
        with self.store.writing() as conn:
            write_ways(conn, row, ways, actor=LOCAL_ADMIN, now=self.moment)

    def main_street(self, **more):
        """Write the street of 2 km with a node each 100 m."""
        self.streets([[(100.0 * n, 0.0) for n in range(21)]], **more)

    def block(self):
        """Write two streets 200 m apart, joined in the west and by a path; homes on both, a shop in the north."""
        self.streets(
            [
                [(0.0, 0.0), (300.0, 0.0), (600.0, 0.0)],
                [(0.0, 200.0), (300.0, 200.0), (600.0, 200.0)],
                [(0.0, 0.0), (0.0, 200.0)],
                [(300.0, 0.0), (300.0, 200.0)],
            ]
        )
        self.homes(310, north_m=100.0, residents_persons=30, people_basis="register")
        self.homes(290, north_m=-10.0, residents_persons=20, people_basis="register")
        self.facility("f1", 290, 220)

    def quarter(self, code, west_m, east_m, closure):
        """Write a quarter on the path of the block."""
        outline = MultiPolygon([box(*at(west_m, 50), *at(east_m, 150))])
        row = {"code": code, "name": "q", "level": "quarter", "geometry": outline, "closure": closure}
        self.put("areas", [row])

    def homes(self, *easts, north_m=20.0, **more):
        """Write homes beside the street: codes h<metres east>."""
        self.each_home({east: {} for east in easts}, north_m=north_m, **more)

    def each_home(self, homes, *, north_m=20.0, **more):
        """Write homes beside the street, each with values of its own, in one go: metres east → values."""
        plain = {"use": "residential"} | more
        rows = [{"code": f"h{e:g}", "geometry": around(e, north_m)} | plain | own for e, own in homes.items()]
        self.put("buildings", rows)

    def facility(self, code, east_m, north_m=-20.0, **more):
        """Write a supermarket unless told otherwise."""
        values = {"category": "supermarket", "opening_state": "open", "verification": "verified", "admits": "public"}
        self.put("facilities", [{"code": code, "geometry": Point(at(east_m, north_m)), **values, **more}])

    def community(self, code, west_m, east_m, **more):
        """Write an area over part of the street."""
        outline = MultiPolygon([box(*at(west_m, -500), *at(east_m, 500))])
        level = {4: "city", 6: "district", 9: "street", 12: "community"}.get(len(code), "quarter")
        self.put("areas", [{"code": code, "name": f"area {code}", "level": level, "geometry": outline, **more}])


@pytest.fixture
def town(store, tmp_path):
    """An empty town on each store."""
    return Town(store, tmp_path / "var")


@pytest.fixture(scope="module")
def kept_town(kept_store, tmp_path_factory):
    """A town on each store that the tests of a file look at together; whoever changes things takes ``town``."""
    return Town(kept_store, tmp_path_factory.mktemp("town") / "var")


@pytest.fixture
def office(store, tmp_path, cheap_passwords):
    """An office with accounts on each store."""
    return Office(store, tmp_path / "var")
