"""Printed sheets: a map, a community's check-up, a poster, as PDF or PNG."""

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.door import Doored
from geo_service.api.limits import heavy
from geo_service.services import prints

router = APIRouter(tags=["prints"])


class PrintQuestion(BaseModel):
    """What is to be printed."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str, Field(min_length=1, max_length=64, description="区域编码 / code of the area")]
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
    )
    with heavy(door, "export"), door.reading() as (conn, ctx):
        made = prints.handed_out(conn, ctx, asked, question.format)
    name = quote(f"{asked.area}-{kind}.{question.format}", safe="")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(made, media_type=prints.FORMATS[question.format], headers=headers)
