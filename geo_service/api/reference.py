"""Reference data of the office and the map's styles: read once in a process."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api import schemas
from geo_service.api.door import Doored, etag_of, json_response, not_modified
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.labels import label
from geo_service.domain.reference import (
    ASKED_BY_AGE,
    BY_AGE,
    categories,
    circles,
    profile_label,
    profiles,
    profiles_by_age,
    stricter_circles,
)
from geo_service.foundation.resources import from_files
from geo_service.services import features
from geo_service.services.limit_rules import default_limit
from geo_service.services.rules import rulebook
from geo_service.services.styles import stylesheet

router = APIRouter(tags=["reference"])


@router.get(
    "/api/categories",
    summary="设施类别 / Facility categories",
    description="固定的类别代码、名称、对应的完整居住社区条目、不另选限度时的步行距离和在用设施数。 / "
    "Fixed codes, labels, checklist item, the walking distance where no limit is chosen, and facilities in use.",
    response_model=list[schemas.CategoryInfo],
)
def list_categories(door: Doored) -> Response:
    """Return the facility categories with how many facilities each has."""
    with door.reading() as (conn, ctx):
        versions = features.versions_now(conn, ctx)
        book = rulebook(conn, ctx)
        limits = {code: default_limit(book, code).metres for code in categories()}
        etag = etag_of("categories", versions.get("facilities"), *limits.values())
        if door.is_known(etag):
            return not_modified(etag)
        counts = door.service.remembered.get(
            "categories", versions, lambda: features.count_by(conn, ctx, "facilities", "category")
        )
    return json_response(
        [
            {
                "code": category.code,
                "label": dict(category.label),
                "checklist_item": category.checklist_item,
                "default_circle": category.default_circle,
                "default_limit_m": limits[category.code],
                "bands": list(concerned_bands(category.code)),
                "verification_term_days": category.verification_term_days,
                "count": counts.get(category.code, 0),
            }
            for category in categories().values()
        ],
        headers={"ETag": etag},
    )


@router.get(
    "/api/profiles",
    summary="步行方式 / Walking profiles",
    description="步行速度与能否走台阶；最后一项 by_age 为各年龄段按自己的步行方式，analyses 列明可用于哪些分析。 / "
    "Walking speed and whether steps are possible; the last, by_age, lets every age band walk by its own profile: "
    "analyses names what it can be asked of.",
    response_model=list[schemas.ProfileInfo],
)
def list_profiles(door: Doored) -> Response:
    """Return the walking profiles."""
    return _fixed(door, "profiles", _profiles())


@router.get(
    "/api/circles",
    summary="生活圈 / Living circles",
    description="标准生活圈的步行距离（GB 50180-2018）及更严的距离。 / "
    "Walking distances of the living circles, the stricter ones too.",
    response_model=list[schemas.CircleInfo],
)
def list_circles(door: Doored) -> Response:
    """Return the living circles."""
    return _fixed(door, "circles", _circles())


@router.get(
    "/styles.json",
    summary="地图样式与图例 / Map styles and legends",
    description="颜色、形状、图案与图例文字，浏览器、独立页面和打印共用。 / "
    "Colours, shapes, patterns and legend texts shared by browser, stand-alone pages and print.",
    response_model=dict[str, Any],
)
def get_styles(door: Doored) -> Response:
    """Return all styles."""
    return _fixed(door, "styles", stylesheet())


@from_files
def _profiles() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "code": profile.code,
            "label": dict(profile.label),
            "speed_m_s": round(profile.speed_m_s, 6),
            "step_free": profile.step_free,
            "bands": None,
            "analyses": None,
        }
        for profile in profiles().values()
    ]
    own = {band: profile.code for band, profile in profiles_by_age().items()}
    by_age = {"code": BY_AGE, "label": dict(profile_label(BY_AGE)), "speed_m_s": None, "step_free": None}
    return [*found, {**by_age, "bands": own, "analyses": list(ASKED_BY_AGE)}]


@from_files
def _circles() -> list[dict[str, Any]]:
    return [
        {
            "minutes": minutes,
            "distance_m": metres,
            "stricter_distance_m": stricter_circles().get(minutes),
            "label": label("style.circle", minutes=minutes, metres=f"{metres:g}"),
        }
        for minutes, metres in circles().items()
    ]


def _fixed(door: Doored, name: str, value: Any) -> Response:
    etag = etag_of(name, value)
    if door.is_known(etag):
        return not_modified(etag)
    return json_response(value, headers={"ETag": etag})
