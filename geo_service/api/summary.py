"""Health, readiness, the data at a glance, and search."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service import __version__
from geo_service.api import schemas
from geo_service.api.door import Doored, json_response
from geo_service.api.limits import heavy
from geo_service.api.runs import run_info
from geo_service.services import area_choice, features, summary, waiting
from geo_service.services import search as searching

router = APIRouter(tags=["summary"])


@router.get(
    "/health",
    summary="进程存活 / The process is alive",
    description="不访问存储。 / Does not touch the store.",
    response_model=schemas.Health,
)
async def get_health() -> Response:
    """Say that the process answers."""
    return json_response({"status": "ok", "version": __version__}, headers={"Cache-Control": "no-store"})


@router.get(
    "/ready",
    summary="可以提供服务 / Ready to serve",
    description="检查存储可用且版本相符，否则 503。 / Checks that the store is usable and of this version, else 503.",
    response_model=schemas.Health,
)
def get_ready(door: Doored) -> Response:
    """Say whether the store can be used."""
    with door.reading() as (conn, ctx):
        features.versions_now(conn, ctx)
    return json_response({"status": "ready", "version": __version__}, headers={"Cache-Control": "no-store"})


@router.get(
    "/api/summary",
    summary="数据概览 / The data at a glance",
    description="范围、各图层数量、来源署名、已有的区域层级、人口口径、最近的分析、审图号；未登记时公众不看地图。 / "
    "Bounds, numbers of rows, attribution, area levels present, basis of people, latest runs, map approval; the public "
    "is shown no map where none is recorded.",
    response_model=schemas.Summary,
)
def get_summary(door: Doored) -> Response:
    """Return the data at a glance."""
    with door.reading() as (conn, ctx):
        versions = features.versions_now(conn, ctx)
        data = door.service.remembered.get(
            f"summary {features.counts_seen(ctx)}", versions, lambda: summary.describe_data(conn, ctx)
        )
        latest = [run_info(run) for run in summary.latest_runs(conn, ctx)]
    more = {
        "latest_runs": latest,
        "base_maps": summary.base_maps_told(ctx, door.service.settings.base_maps),
        "map_approval": summary.map_approval_told(ctx),
        "shows_map": summary.shows_map(ctx),
    }
    return json_response(data | more | summary.server_facts(ctx))


@router.get(
    "/api/search",
    summary="按名称、编码、地址查找 / Find by name, code or address",
    description="最多 20 条，按图层分组，最相符的在前；“泉荷苑3栋”“泉荷苑 3号”都找得到3号楼。 / "
    "At most 20 hits, layer by layer, the best first; a building is found by its quarter and number.",
    response_model=list[schemas.SearchHit],
)
def get_search(question: Annotated[schemas.SearchQuestion, Query()], door: Doored) -> Response:
    """Return what was found."""
    with heavy(door, "search"), door.reading() as (conn, ctx):
        hits = searching.search(conn, ctx, question.q)
    return json_response(hits)


@router.get(
    "/api/places",
    summary="可以切换的区域 / Areas to go to",
    description="从市到社区，逐级排列；有分工的只列分工及其下级和网格。 / "
    "From city to community, each below the one it lies in; of those with assignments only these and what lies below.",
    response_model=list[schemas.PlaceToGo],
)
def get_places(door: Doored) -> Response:
    """Return the areas the asker may go from one to the other of."""
    with door.reading() as (conn, ctx):
        places = area_choice.places_to_go(conn, ctx)
    return json_response(places, headers={"Cache-Control": "no-store"})


@router.get(
    "/api/waiting",
    summary="等本人处理的事 / What waits for the asker",
    description="等本人审核的照片数、本人负责范围内已过期限的项目数；与计算任务分开。 / "
    "Photos that wait for the asker's review and overdue projects in the asker's places; analyses are told apart.",
    response_model=schemas.Waiting,
)
def get_waiting(door: Doored) -> Response:
    """Return what waits for the asker's hand."""
    with door.reading() as (conn, ctx):
        counts = waiting.waiting(conn, ctx)
    return json_response(counts, headers={"Cache-Control": "no-store"})
