"""Printed sheets: a map, a community's check-up, a poster, as PDF or PNG."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.door import Doored, json_response
from geo_service.api.limits import check_waiting, heavy
from geo_service.api.queries import parse_bbox, parse_integers, parse_places
from geo_service.api.runs import job_info
from geo_service.api.schemas import RunInfo
from geo_service.services import print_jobs, prints
from geo_service.services.print_analyses import CirclesShown
from geo_service.services.print_view import View

router = APIRouter(tags=["prints"])


class PrintQuestion(BaseModel):
    """What is to be printed."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str | None, Field(min_length=1, max_length=64, description="区域编码 / code of the area")] = None
    bbox: Annotated[
        str | None,
        Field(
            max_length=200,
            description="范围 西,南,东,北，代替区域（仅地图） / west,south,east,north for an area (maps)",
        ),
    ] = None
    format: Annotated[Literal["pdf", "png"], Field(description="文件格式 / kind of file")] = "pdf"
    paper: Annotated[Literal["A4", "A3"] | None, Field(description="纸张，海报默认 A3 / paper, A3 for posters")] = None
    landscape: Annotated[bool, Field(description="横向（仅地图） / landscape (maps only)")] = False
    layers: Annotated[
        str | None, Field(max_length=300, description="图层，用逗号隔开（仅地图） / layers, parted by commas (maps)")
    ] = None
    run: Annotated[str | None, Field(max_length=64, description="覆盖结果编号（仅地图） / a coverage run (maps)")] = (
        None
    )
    category: Annotated[
        str | None, Field(max_length=64, description="按其覆盖比例上色（仅地图） / coloured by its coverage (maps)")
    ] = None
    band: Annotated[str, Field(max_length=20, description="年龄段（仅范围） / age band (of a bbox)")] = "served"
    basis: Annotated[
        str, Field(max_length=20, description="按人或楼栋（仅范围） / people or buildings (of a bbox)")
    ] = "people"
    if_closed: Annotated[
        bool, Field(description="封闭不详的按封闭算（仅范围） / not known to be closed counts as closed (of a bbox)")
    ] = False
    by_building: Annotated[
        bool, Field(description="楼栋按状态上色（仅范围） / buildings by their state (of a bbox)")
    ] = False
    analysis: Annotated[
        str | None,
        Field(max_length=64, description="缺口或选点结果编号，画在范围上 / a run of gap zones or sites (of a bbox)"),
    ] = None
    analysis_category: Annotated[
        str | None, Field(max_length=64, description="哪类设施的缺口 / whose gap zones (of a bbox)")
    ] = None
    points: Annotated[
        str | None,
        Field(
            max_length=4000,
            description="服务圈起点 经,纬;经,纬 / lon,lat;lon,lat service circles start at (of a bbox)",
        ),
    ] = None
    circles: Annotated[
        str | None, Field(max_length=100, description="几分钟生活圈（距离） / minutes of living circles (distances)")
    ] = None
    minutes: Annotated[str | None, Field(max_length=100, description="步行几分钟 / minutes of walking time")] = None
    profile: Annotated[str, Field(max_length=40, description="服务圈按谁步行 / who walks, of circles")] = "standard"
    strict: Annotated[bool, Field(description="服务圈从严的距离 / the stricter distance of circles")] = False
    at: Annotated[str | None, Field(max_length=5, description="服务圈的时刻 / time of day of circles (HH:MM)")] = None
    title: Annotated[str | None, Field(max_length=200, description="标题（仅地图） / title (maps only)")] = None


@router.get(
    "/api/prints/{kind}",
    summary="打印图表 / Print a sheet",
    description="map 地图、community 社区体检表、poster 公告栏海报；海报的数字是可以公开的，其余是打印者可以看的。 / "
    "A map, a community's check-up, a poster; figures are those the asker may see, on posters those anybody may.",
    response_class=Response,
    responses={200: {"content": {media_type: {} for media_type in prints.FORMATS.values()}}},
)
def get_print(
    kind: Annotated[Literal["map", "community", "poster"], Path()],
    question: Annotated[PrintQuestion, Query()],
    door: Doored,
) -> Response:
    """Return a sheet as a file."""
    given = question.layers
    asked = prints.SheetQuestion.asked(
        kind,
        question.area,
        paper_size=question.paper or ("A3" if kind == "poster" else "A4"),
        upright=not question.landscape or kind != "map",
        layers=None if given is None else [name.strip() for name in given.split(",") if name.strip()],
        run=question.run,
        category=question.category,
        title=question.title,
        view=None if question.bbox is None else _view(question.bbox, question),
        analysis=question.analysis,
        analysis_category=question.analysis_category,
        circles=None if question.points is None else _circles(question.points, question),
    )
    with heavy(door, "export"), door.reading() as (conn, ctx):
        made = prints.handed_out(conn, ctx, asked, question.format)
    name = quote(f"{asked.area or 'view'}-{kind}.{question.format}", safe="")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(made, media_type=prints.FORMATS[question.format], headers=headers)


class BatchQuestion(BaseModel):
    """Of which communities check-ups are to be made."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[
        str | None, Field(min_length=1, max_length=64, description="其中的社区；不填为全部 / of this area, else all")
    ] = None
    format: Annotated[Literal["pdf", "png"], Field(description="文件格式 / kind of file")] = "pdf"


@router.post(
    "/api/prints/batches",
    summary="打印所有社区的体检表 / Print the check-ups of all communities",
    description="排队生成，202；进度见 Location，完成后从 /api/prints/batches/{uid} 下载 zip，保存 7 天。 / "
    "Queued, 202; progress at Location; once done the zip is at /api/prints/batches/{uid} for 7 days.",
    status_code=202,
    response_model=RunInfo,
)
def post_batch(body: BatchQuestion, door: Doored) -> Response:
    """Queue the sheets of many communities."""
    with door.reading() as (conn, ctx):
        parameters = print_jobs.asked(conn, ctx, body.area, body.format)
    check_waiting(door, print_jobs.KIND, parameters)
    with heavy(door, "export"):
        job = door.request.app.state.runner.submit(print_jobs.KIND, parameters, door.actor)
    headers = {"Location": f"/api/runs/{job['uid']}", "Cache-Control": "no-store"}
    return json_response(job_info(job, door.lang), 202, headers)


@router.get(
    "/api/prints/batches/{uid}",
    summary="下载批量打印 / Download a batch of prints",
    description="只有要求打印的人可以下载。 / Only for who asked for it.",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
)
def get_batch(uid: Annotated[str, Path(max_length=64)], door: Doored) -> Response:
    """Return the archive of a batch."""
    with heavy(door, "export"):
        file, name = print_jobs.hand_out(door.service.jobs, door.ctx, uid)
    return FileResponse(file, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})


def _circles(points: str, question: PrintQuestion) -> CirclesShown:
    asked = {name: getattr(question, name) for name in ("circles", "minutes")}
    limits = {name: None if some is None else parse_integers(name, some) for name, some in asked.items()}
    return CirclesShown(
        parse_places(points), **limits, profile=question.profile, strict=question.strict, at=question.at
    )


def _view(bbox: str, question: PrintQuestion) -> View:
    return View(parse_bbox(bbox), question.band, question.basis, question.if_closed, question.by_building)
