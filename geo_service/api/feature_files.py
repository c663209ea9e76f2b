"""Rows of a layer as a file over HTTP."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import Response

from geo_service.api.door import Doored
from geo_service.api.geojson import collection_text
from geo_service.api.limits import heavy
from geo_service.api.queries import list_question
from geo_service.domain.layers import layer_named
from geo_service.services.feature_files import FORMATS, rows_for_file, sheet_of_rows

router = APIRouter(tags=["layers"])
Form = Annotated[str, Query(alias="format", max_length=10, examples=["xlsx"], description="xlsx, geojson")]


@router.get(
    "/api/features/{layer}/file",
    summary="图层文件 / Rows as a file",
    description="按列表的同一筛选（within、category 等），写出全部行：Excel（xlsx）或 GeoJSON。 / "
    "All rows of a list's filter (within, category and the like) as Excel (xlsx) or GeoJSON.",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in FORMATS.values()}, "description": "the file"}},
)
def get_rows_file(layer: str, door: Doored, form: Form = "xlsx") -> Response:
    """Return the rows of a list's filter as a file."""
    asked = layer_named(layer)
    given = [(name, value) for name, value in door.request.query_params.multi_items() if name != "format"]
    question = list_question(asked, given)
    with heavy(door, "export"), door.reading() as (conn, ctx):
        name, found = rows_for_file(conn, ctx, asked, question, form)
        content = sheet_of_rows(conn, ctx, asked, found) if form == "xlsx" else collection_text(found).encode()
    disposition = f"attachment; filename=\"{asked.name}.{form}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(content, media_type=FORMATS[form], headers=headers)
