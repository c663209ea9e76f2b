"""The board of officials over HTTP: one view at a time, and the same rows as a file."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api import schemas
from geo_service.api.door import Doored, json_response
from geo_service.api.limits import heavy
from geo_service.services.board import Board, choices, read_board
from geo_service.services.board_files import FORMATS, board_file, checked_format
from geo_service.services.board_tables import BoardQuestion, Table, parse_codes, parse_weights
from geo_service.services.summary import map_approval_told

router = APIRouter(tags=["board"])
View = Annotated[str, Path(max_length=20, examples=["overview"])]


class ViewQuestion(BaseModel):
    """Which area, parts and filter."""

    model_config = ConfigDict(extra="forbid")

    area: Annotated[str | None, Field(min_length=1, max_length=64, examples=["990101001001"])] = None
    by: Annotated[str | None, Field(max_length=20, examples=["community"])] = None
    category: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    circle: Annotated[int, Field(ge=0, le=120)] = 15
    reason: Annotated[str | None, Field(max_length=40)] = None
    binding: Annotated[str | None, Field(max_length=40)] = None
    late: bool = False
    weights: Annotated[str | None, Field(max_length=300, examples=["80_plus:2"])] = None
    sort: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    whole: Annotated[str | None, Field(max_length=4000, examples=["990101001001"])] = None

    def asked(self, view: str) -> BoardQuestion:
        """Return the checked question."""
        given = self.model_dump(exclude={"weights", "whole", "limit", "format"})
        return BoardQuestion(view=view, weights=parse_weights(self.weights), whole=parse_codes(self.whole), **given)


class PageQuestion(ViewQuestion):
    """One view, at most ``limit`` rows a table."""

    limit: Annotated[int, Field(ge=1, le=5000)] = 200


class FileQuestion(ViewQuestion):
    """The same view as a file, all its rows."""

    format: Annotated[str, Field(max_length=10, examples=["xlsx"])] = "xlsx"


class PlaceInfo(schemas.Answer):
    """An area or a grid."""

    layer: Literal["areas", "grids"]
    code: str
    name: str | None
    level: str
    level_label: schemas.Label
    bounds: list[float] | None


class ColumnInfo(schemas.Answer):
    """A column of a table; its label where it follows from the data."""

    key: str
    kind: str
    label: schemas.Label | None


class TableInfo(schemas.Answer):
    """A table; ``matched`` rows belong to it, those of ``rows`` are handed out."""

    key: str
    columns: list[ColumnInfo]
    rows: list[dict[str, Any]]
    matched: int


class AnalysisInfo(schemas.Answer):
    """An analysis the view rests on: how to ask for it, its latest run if there is one, how many earlier dates."""

    kind: str
    question: dict[str, Any]
    earlier: int
    run: dict[str, Any] | None


class BoardInfo(schemas.Answer):
    """A view of the board."""

    view: str
    path: list[PlaceInfo]
    levels: list[str]
    by: str | None
    parts: list[PlaceInfo]
    tables: list[TableInfo]
    analyses: list[AnalysisInfo]
    following: list[AnalysisInfo]
    lead: schemas.Label | None
    shades: dict[str, Any] | None
    reasons: list[dict[str, Any]]
    notes: list[schemas.Label]
    attribution: list[str]
    map_approval: schemas.Label
    is_synthetic: bool
    people_rounded_to: int | None
    choices: dict[str, dict[str, schemas.Label]]


@router.get(
    "/api/board/{view}",
    summary="看板 / The board",
    description="概览、缺口、不达标、体检矩阵、三张清单：读取已有的分析结果，不重新计算；没有结果时给出要问的问题。 / "
    "Overview, gaps, what is short, the matrix, the three lists: reads kept runs and computes nothing; where there is "
    "none it names the question to ask.",
    response_model=BoardInfo,
)
def get_board(view: View, question: Annotated[PageQuestion, Query()], door: Doored) -> Response:
    """Return one view of the board as the asker may see it."""
    asked = question.asked(view)
    with heavy(door, "explain"), door.reading() as (conn, ctx):
        told = _told(read_board(conn, ctx, asked), question.limit) | {"map_approval": map_approval_told(ctx)}
    return json_response(told, headers={"Cache-Control": "no-store"})


@router.get(
    "/api/board/{view}/file",
    summary="看板文件 / The board as a file",
    description="Excel（xlsx）或 Word（docx），与筛选后的表逐行相同。 / "
    "Excel (xlsx) or Word (docx): exactly the rows of the filter.",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind, _ in FORMATS.values()}, "description": "the file"}},
)
def get_board_file(view: View, question: Annotated[FileQuestion, Query()], door: Doored) -> Response:
    """Return the view as a file."""
    asked, form = question.asked(view), checked_format(question.format)
    with heavy(door, "export"):
        with door.reading() as (conn, ctx):
            board = read_board(conn, ctx, asked)
        name, content, media_type = board_file(door.ctx, board, form)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{view}.{form}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


def _told(board: Board, limit: int) -> dict[str, Any]:
    return {
        "view": board.question.view,
        "path": [place.told() for place in board.scope.path],
        "levels": list(board.scope.levels),
        "by": board.scope.by,
        "parts": [place.told() for place in board.scope.parts],
        "tables": [_table(table, limit) for table in board.tables],
        "analyses": board.analyses,
        "following": board.following,
        "lead": board.lead,
        "shades": board.shades,
        "reasons": board.reasons,
        "notes": board.notes,
        "attribution": board.attribution,
        "is_synthetic": board.is_synthetic,
        "people_rounded_to": board.people_rounded_to,
        "choices": choices(),
    }


def _table(table: Table, limit: int) -> dict[str, Any]:
    columns = [{"key": one.key, "kind": one.kind, "label": one.label} for one in table.columns]
    return {"key": table.key, "columns": columns, "rows": list(table.rows[:limit]), "matched": len(table.rows)}
