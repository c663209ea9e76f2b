"""What is done about the space around homes: adoptions, frontages, projects, cases; in every status.

All dates lie around :data:`geo_service.demo.plan.REFERENCE_DATE`.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Point

from geo_service.demo import names
from geo_service.demo.houses import Houses
from geo_service.demo.plan import REFERENCE_DATE, Size, rng_for
from geo_service.demo.streets import StreetPlan
from geo_service.demo.territory import Territory
from geo_service.domain.works import CASE_CATEGORIES, CASE_STATUSES, PROJECT_KINDS, PROJECT_STATUSES
from geo_service.foundation.clock import to_iso

Rows = list[dict[str, Any]]
_ADOPTION_STATUSES = ("applied", "active", "warned", "ended", "handed_back", "expired")
_ADOPTERS = (
    ("household", "居民家庭"),
    ("firm", "示例商户"),
    ("school_class", "示例小学班级"),
    ("association", "示例志愿者协会"),
)
_UNITS = ("示例城管中队", "示例物业公司", "示例市政所", "示例环卫所", "示例园林所", "示例社区", "示例供电所")
# kind → unit of quantity, typical quantity, yuan a piece
_PROJECTS: dict[str, tuple[str, tuple[int, int], int]] = {
    "old_quarter_renewal": ("栋", (4, 20), 600_000),
    "road_lane": ("公里", (1, 4), 1_500_000),
    "parking_charging": ("个车位", (20, 120), 9_000),
    "pipes": ("公里", (1, 5), 900_000),
    "overhead_lines": ("公里", (1, 3), 700_000),
    "fire_safety": ("个消火栓", (4, 30), 12_000),
    "energy_saving": ("栋", (3, 16), 380_000),
    "street_light": ("盏", (20, 90), 4_500),
    "lift": ("部", (1, 6), 620_000),
    "barrier_free": ("处坡道", (2, 14), 15_000),
    "pocket_park": ("平方米", (300, 2000), 450),
    "green": ("平方米", (200, 3000), 160),
    "toilet": ("处", (1, 3), 350_000),
    "waste_sorting": ("个投放点", (2, 10), 45_000),
    "wall_facade": ("平方米", (600, 6000), 120),
    "ditch": ("公里", (1, 2), 480_000),
    "service_room": ("平方米", (80, 600), 2_200),
    "activity": ("场", (1, 12), 8_000),
    "service": ("人次", (20, 300), 120),
    "other": ("处", (1, 5), 30_000),
}
_SHARE_PAID = {"proposed": (0.0, 0.0), "decided": (0.0, 0.0), "funded": (1.0, 0.0), "building": (1.0, 0.45)}


def make_projects(seed: int, size: Size, houses: Houses, streets: StreetPlan, territory: Territory) -> Rows:
    """Return projects of all kinds in all statuses, as points, lines and polygons, columns of the layer."""
    rng = rng_for(seed, "projects")
    rows: Rows = []
    each = max(36, round(140 * size.households / 30_000))
    for street, office in enumerate(territory.streets):
        own_ways = [n for n, line in enumerate(streets.ways.lines) if line.length > 60 and office.contains(line)]
        own_grids = [g for g in territory.grids if office.contains(g.representative_point())]
        homes = np.flatnonzero((houses.street == street) & (houses.households > 5))
        for n in range(each):
            kind = PROJECT_KINDS[n % len(PROJECT_KINDS)]
            status = PROJECT_STATUSES[(n + n // len(PROJECT_KINDS)) % len(PROJECT_STATUSES)]
            unit, (low, high), price = _PROJECTS[kind]
            home = int(rng.choice(homes))
            if kind in ("road_lane", "pipes", "overhead_lines", "ditch"):
                geometry: Any = streets.ways.lines[int(rng.choice(own_ways))]
            elif kind in ("pocket_park", "green", "wall_facade"):
                geometry = houses.footprint[home].buffer(9.0, join_style="mitre")
            elif kind == "old_quarter_renewal":
                geometry = own_grids[int(rng.integers(len(own_grids)))].buffer(-14.0)
            else:
                geometry = Point(houses.x[home], houses.y[home])
            quantity = int(rng.integers(low, high + 1))
            planned = round(quantity * price, -2)
            committed, paid = _SHARE_PAID.get(status, (1.0, 0.95))
            if status in ("paused", "cancelled"):
                committed, paid = 0.6, 0.1
            over = 1.12 if status == "building" and n % 5 == 0 else 1.0
            deadline = REFERENCE_DATE + timedelta(days=int(rng.integers(*_deadline_days(status))))
            rows.append(
                {
                    "geometry": geometry,
                    "street": street,
                    "name": f"示例项目{street + 1:02d}-{n + 1:03d}",
                    "kind": kind,
                    "status": status,
                    "responsible_unit": _UNITS[int(rng.integers(len(_UNITS)))],
                    "responsible_person": names.person_name(900_000 + street * 1000 + n),
                    "deadline_on": deadline.isoformat(),
                    "quantity": float(quantity),
                    "quantity_unit": unit,
                    "planned_yuan": float(planned),
                    "committed_yuan": float(round(planned * committed)),
                    "paid_yuan": float(round(planned * paid * over)),
                    "funding": _funding(rng, planned),
                    "households_count": int(rng.integers(8, 400)),
                    "description": "示例数据:为演示而虚构的项目。",
                }
            )
    return rows


def _deadline_days(status: str) -> tuple[int, int]:
    if status in ("accepted", "in_care", "closed"):
        return -400, -20
    return (-60, 260) if status in ("building", "funded", "paused") else (30, 400)


def _funding(rng: np.random.Generator, planned: float) -> dict[str, float]:
    """Split planned money over its sources; the rest comes from the public purse."""
    shares = {"collective": rng.uniform(0, 0.2), "residents": rng.uniform(0, 0.2), "firms": rng.uniform(0, 0.15)}
    split = {source: float(round(planned * share, -2)) for source, share in shares.items() if share > 0.05}
    return {"fiscal": float(planned - sum(split.values())), **split}


def make_cases(seed: int, size: Size, houses: Houses, streets: StreetPlan, territory: Territory) -> Rows:
    """Return cases of all categories in all statuses at places along the streets."""
    rng = rng_for(seed, "cases")
    rows: Rows = []
    each = max(72, round(600 * size.households / 30_000))
    narrow = [n for n, w in enumerate(streets.ways.half_widths_m) if w >= 2.4 and streets.ways.snap_target[n]]
    lines = np.array([streets.ways.lines[n] for n in narrow], dtype=object)
    spots = shapely.line_interpolate_point(lines, rng.uniform(0.1, 0.9, len(lines)), normalized=True)
    spot_xy = shapely.get_coordinates(spots)
    for street, office in enumerate(territory.streets):
        own = np.flatnonzero(shapely.contains_xy(office, spot_xy[:, 0], spot_xy[:, 1]))
        for n in range(each):
            status = CASE_STATUSES[n % len(CASE_STATUSES)]
            ends = status in ("rejected", "self_handled", "closed")
            age_days = int(rng.integers(8, 320) if ends else rng.integers(0, 26))
            moment = datetime.combine(REFERENCE_DATE, time(0, 0), UTC) - timedelta(
                days=age_days, minutes=int(rng.integers(0, 11 * 60))
            )
            has_deadline = status not in ("reported", "rejected", "self_handled", "verified")
            due = moment + timedelta(days=int(rng.choice([1, 3, 5, 7, 15])))
            origin = ("grid_worker", "resident", "hotline", "video", "upper_level")[
                int(rng.choice(5, p=_ORIGIN_SHARES))
            ]
            at = spot_xy[own[int(rng.integers(len(own)))]] + rng.uniform(-3, 3, 2)
            known = origin in ("resident", "hotline")
            person = 700_000 + street * 1000 + n
            rows.append(
                {
                    "geometry": Point(np.round(at, 2)),
                    "street": street,
                    "category": CASE_CATEGORIES[(n * 7 + n // 12) % len(CASE_CATEGORIES)],
                    "status": status,
                    "origin": origin,
                    "description": "示例数据:为演示而虚构的案件。",
                    "reported_at": to_iso(moment),
                    "due_at": to_iso(due) if has_deadline else None,
                    "responsible_unit": _UNITS[int(rng.integers(len(_UNITS)))] if has_deadline else None,
                    "reporter_name": names.person_name(person) if known else None,
                    "reporter_phone": names.phone_number(person) if known else None,
                }
            )
    return rows


_ORIGIN_SHARES = (0.5, 0.2, 0.15, 0.1, 0.05)


def make_adoptions(seed: int, green_codes: list[str], public_codes: list[str], facility_codes: list[str]) -> Rows:
    """Return adoptions in all statuses: each subject code given is adopted once."""
    rng = rng_for(seed, "adoptions")
    rows: Rows = []
    subjects = [("green_space_code", c) for c in green_codes] + [("public_space_code", c) for c in public_codes]
    subjects += [("facility_code", c) for c in facility_codes]
    for n, (key, code) in enumerate(subjects):
        status = _ADOPTION_STATUSES[n % len(_ADOPTION_STATUSES)]
        kind, label = _ADOPTERS[(n + n // 6) % len(_ADOPTERS)]
        start, end = _term(rng, status)
        rows.append(
            {
                key: code,
                "adopter_kind": kind,
                "adopter_name": f"{label}{n + 1:04d}",
                "status": status,
                "starts_on": start.isoformat() if status != "applied" else None,
                "ends_on": end.isoformat() if status != "applied" else None,
                "care_plan": "每周浇水、清扫一次,每月修剪一次(示例)",
            }
        )
    return rows


def _term(rng: np.random.Generator, status: str) -> tuple[date, date]:
    past = status in ("ended", "expired", "handed_back")
    start = REFERENCE_DATE - timedelta(days=int(rng.integers(400, 900) if past else rng.integers(20, 300)))
    return start, start + timedelta(days=365)


def make_frontages(seed: int, size: Size, streets: StreetPlan, territory: Territory) -> Rows:
    """Return frontage duties: stretches along the edges of wide streets, each with its holder."""
    rng = rng_for(seed, "frontages")
    rows: Rows = []
    each = max(12, round(160 * size.households / 30_000))
    ways = streets.ways
    for street, office in enumerate(territory.streets):
        lines = [
            (ways.lines[n], w)
            for n, w in enumerate(ways.half_widths_m)
            if w >= 8.0 and ways.snap_target[n] and ways.lines[n].length > 80 and office.intersects(ways.lines[n])
        ]
        while sum(row["street"] == street for row in rows) < each:
            line, width = lines[int(rng.integers(len(lines)))]
            at, length = float(rng.uniform(10, line.length - 50)), float(rng.uniform(8, 38))
            stretch = shapely.ops.substring(line, at, at + length)
            shape = stretch.parallel_offset(width - 1.0, "left" if rng.random() < 0.5 else "right")
            if not isinstance(shape, LineString) or shape.length < 4 or not office.contains(shape):
                continue
            start = REFERENCE_DATE - timedelta(days=int(rng.integers(10, 360)))
            rows.append(
                {
                    "geometry": shape,
                    "street": street,
                    "holder_name": f"示例商户{len(rows) + 1:04d}",
                    "duty_hygiene": True,
                    "duty_greening": bool(rng.random() < 0.8),
                    "duty_order": bool(rng.random() < 0.9),
                    "starts_on": start.isoformat(),
                    "ends_on": (start + timedelta(days=365)).isoformat(),
                }
            )
    return rows
