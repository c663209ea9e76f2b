"""Two communities side by side, a thing of every layer in the first, and everybody who might ask for it.

Own is the first community for those who are assigned to it (a grid worker to its grid); the things lie in a quarter
of it, so that what is below an area counts. ``Place`` is where the asker is assigned, seen from the things.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any, Final, Literal, get_args

from shapely.geometry import LineString, Point, box, mapping

from geo_service.domain.actors import LOCAL_ADMIN, ROLES, Actor, Role
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import RIGHTS
from geo_service.services import accounts
from geo_service.services.context import Context
from geo_service.storage import rows, runs
from geo_service.storage.store import Store

Place = Literal["own", "other", "nowhere"]
PLACES: Final[tuple[Place, ...]] = get_args(Place)
STREET, HERE, THERE = "990101001", "990101001001", "990101001002"
QUARTER, GRID_HERE, GRID_THERE = "990101001001Q01", "GA", "GB"
LON, LAT = 116.3100, 40.0100  # in the quarter
ELSEWHERE = 0.02  # degrees to the east: the second community
NAME, PHONE = "李世民", "13812341234"


def actor_of(role: Role, place: Place) -> Actor:
    """Return somebody in ``role`` who is assigned to the things' community, to the other one, or nowhere."""
    area = {"own": HERE, "other": THERE, "nowhere": None}[place]
    grid = {"own": GRID_HERE, "other": GRID_THERE, "nowhere": None}[place]
    by_grid = role == "grid_worker"
    areas = () if area is None or by_grid or role == "anonymous" else (area,)
    grids = (grid,) if grid is not None and by_grid else ()
    return Actor(f"{role}-{place}", role, areas=areas, grids=grids, via="token")


def reaches(story: str, role: Role, place: Place) -> bool:
    """Whether the table gives ``role`` the right to ``story`` on the things."""
    reach = RIGHTS[story][role]
    return reach == "all" or (reach == "own" and place == "own")


def sample(layer: str, east: float = 0.0) -> tuple[Any, dict[str, Any]]:
    """Return geometry and properties of a new thing, ``east`` degrees from the quarter."""
    there = east >= ELSEWHERE
    lon, lat, mark = LON + east, LAT, "-B" if there else "-A"
    plot = box(lon, lat, lon + 0.0003, lat + 0.0002)
    point = Point(lon, lat)
    line = LineString([(lon, lat), (lon + 0.0005, lat)])
    known: dict[str, tuple[Any, dict[str, Any]]] = {
        "areas": (plot, {"name": "小区", "level": "quarter"}),
        "grids": (plot, {"name": "单元", "kind": "unit"}),
        "barriers": (line, {"kind": "wall"}),
        "buildings": (plot, {"name": "1号楼", "use": "residential"}),
        "households": (
            None,
            {"building_code": f"buildings{mark}", "head_name": NAME, "phone": PHONE, "residents_persons": 40},
        ),
        "facilities": (point, {"category": "clinic", "name": "诊所"}),
        "entrances": (point, {"facility_code": f"facilities{mark}"}),
        "inventory_statements": (
            None,
            {
                "statement_area_code": THERE if there else QUARTER,
                "category": "clinic",
                "declared_on": "2026-01-05",
                "declared_by": "街道",
            },
        ),
        "public_spaces": (plot, {"kind": "square", "name": "广场"}),
        "green_spaces": (plot, {"kind": "park", "name": "绿地"}),
        "adoptions": (
            None,
            {"green_space_code": f"green_spaces{mark}", "adopter_kind": "household", "adopter_name": NAME},
        ),
        "path_corrections": (line, {"kind": "missing", "name": "小路"}),
        "frontages": (line, {"holder_name": NAME}),
        "gates": (point, {"passes": "everyone"}),
        "projects": (point, {"name": "路灯", "kind": "street_light", "responsible_person": NAME}),
        "cases": (
            point,
            {
                "category": "noise",
                "reported_at": "2026-01-05T08:00:00.000Z",
                "reporter_name": NAME,
                "reporter_phone": PHONE,
            },
        ),
        "verify_tasks": (point, {"kind": "facility_unverified", "category": "clinic"}),
        "checklist_findings": (
            None,
            {
                "community_code": THERE if there else HERE,
                "item": "CRC-12",
                "finding": "pass",
                "found_on": "2026-01-05",
                "found_by": "街道",
                "basis": "坡道和扶手完好",
            },
        ),
        "networks": (plot, {"name": "路网", "source_date": "2026-01-05T00:00:00.000Z", "fingerprint": "f"}),
        "photos": (
            point,
            {
                "subject_layer": "projects",
                "subject_uid": "projects-A",
                "sha256": "0" * 64,
                "media_type": "image/jpeg",
            },
        ),
    }
    return known[layer]


def feature(layer: str, east: float = 0.0, **properties: Any) -> dict[str, Any]:
    """Return a new thing as a GeoJSON feature."""
    shape, own = sample(layer, east)
    geometry = None if shape is None else mapping(shape)
    return {"type": "Feature", "geometry": geometry, "properties": {**own, **properties}}


def settle(store: Store, now: datetime) -> str:
    """Fill an empty store and return the uid of a kept coverage run without rows."""
    with store.writing() as conn:

        def put(layer: str, code: str, geom: object, **values: object) -> Mapping[str, Any]:
            given = {"code": code, **({} if geom is None else {"geom": geom}), **values}
            return rows.insert(conn, LAYERS[layer], given, actor=LOCAL_ADMIN, now=now)

        west, east = box(116.30, 40.00, 116.32, 40.02), box(116.32, 40.00, 116.34, 40.02)
        put("areas", STREET, west.union(east), name="示例街道", level="street")
        put("areas", HERE, west, name="一社区", level="community", parent_code=STREET)
        put("areas", THERE, east, name="二社区", level="community")  # below the street by its code alone
        put("areas", QUARTER, box(116.305, 40.005, 116.315, 40.015), name="一小区", level="quarter")
        put("grids", GRID_HERE, west, name="一网格", kind="governance", leader_name=NAME)
        put("grids", GRID_THERE, east, name="二网格", kind="governance", leader_name=NAME)
        for layer in LAYERS:
            if layer in ("areas", "grids", "networks", "ways"):
                continue
            for mark, far in (("A", 0.0), ("B", ELSEWHERE)):
                geom, values = sample(layer, far)
                put(layer, f"{layer}-{mark}", geom, **values)
        kept = runs.insert_run(
            conn,
            kind="coverage",
            fingerprint="f",
            parameters={"categories": ["clinic"], "by": "community"},
            inputs={"as_of": "2026-03-01"},
            result={"by": "community", "rows": [], "totals": [], "notes": [], "attribution": []},
            code_version="0",
            actor=LOCAL_ADMIN,
            now=now,
        )
    return str(kept["uid"])


def enrol(store: Store, ctx: Context) -> dict[tuple[Role, Place], Actor]:
    """Make an account for everybody but the public, with today's assignments, and return who they are."""
    enrolled = {}
    with store.writing() as conn:
        for role, place in product(ROLES, PLACES):
            wanted = actor_of(role, place)
            if role == "anonymous":
                continue
            account = accounts.create_account(conn, ctx, wanted.name, role, {})
            for layer, codes in (("areas", wanted.areas), ("grids", wanted.grids)):
                for code in codes:
                    accounts.assign(
                        conn, ctx, account["uid"], layer=layer, code=code, starts_on="2026-01-01", ends_on=None
                    )
            enrolled[role, place] = replace(wanted, account_uid=account["uid"])
    return enrolled
