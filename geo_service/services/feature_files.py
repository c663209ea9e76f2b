"""Rows of a layer as a file: exactly those of a list's filter, as who asks may see them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.domain.fields import Field, Layer
from geo_service.domain.labels import choice_label, field_label, layer_label
from geo_service.exchange.office import Form, Page, workbook
from geo_service.foundation.clock import local_date
from geo_service.foundation.errors import InvalidInput, TooMuch
from geo_service.foundation.texts import text
from geo_service.services.audit import note_export
from geo_service.services.context import Context
from geo_service.services.features import LIST_MAXIMUM, ListQuestion, list_rows
from geo_service.services.rights import may
from geo_service.services.summary import attribution
from geo_service.storage import overview

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORMATS: Final[Mapping[str, str]] = {
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST: Final = 20_000  # rows of a file
_FORMS: Final[Mapping[str, Form]] = {"integer": "integer", "real": "decimal"}


def rows_for_file(
    conn: "Connection", ctx: Context, layer: Layer, question: ListQuestion, form: str
) -> tuple[str, list[dict[str, Any]]]:
    """Return the name of the file and all rows of a question, its page left aside; noted in the audit.

    Raises as :func:`features.list_rows`; InvalidInput ``file_format_unknown``; TooMuch ``file_too_long``.
    """
    may(ctx.actor, "export")
    if form not in FORMATS:
        raise InvalidInput("file_format_unknown", format=form[:20], known=", ".join(FORMATS))
    found: list[dict[str, Any]] = []
    while True:
        page = list_rows(conn, ctx, layer, replace(question, limit=LIST_MAXIMUM, offset=len(found)))
        if page.total > LONGEST:
            raise TooMuch("file_too_long", rows=page.total, maximum=LONGEST)
        found += page.rows
        if len(found) >= page.total or not page.rows:
            break
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    name = f"{layer_label(layer)[ctx.lang]}-{day}.{form}"
    asked = {**question.filters, **({} if question.within is None else {"within": str(question.within)[:500]})}
    note_export(ctx, Path(name), f"rows of {layer.name}", rows=len(found), **asked)
    return name, found


def sheet_of_rows(conn: "Connection", ctx: Context, layer: Layer, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as an Excel workbook: a column for each field, the place of each as longitude and latitude."""
    fields = [field for field in layer.fields if field.kind not in ("bytes", "json")]
    heads = [text("file.code", ctx.lang), *(field_label(field)[ctx.lang] for field in fields)]
    forms: list[Form] = ["text", *(_FORMS.get(field.kind, "text") for field in fields)]
    heads += [text(f"file.{key}", ctx.lang) for key in ("area_code", "grid_code", "lon", "lat")]
    forms += ["text", "text", "text", "text"]
    told = [
        [
            row["code"],
            *(_cell(ctx, layer, field, row.get(field.key)) for field in fields),
            row.get("area_code"),
            row.get("grid_code"),
            *_place(row.get("geom")),
        ]
        for row in rows
    ]
    title = layer_label(layer)[ctx.lang]
    day = local_date(ctx.clock(), ctx.timezone).isoformat()
    about = [text("file.made", ctx.lang, date=day, count=len(rows)), *attribution(overview.sources(conn))]
    return workbook(title, about, [Page(title, heads, forms, told)])


def _place(shape: Any) -> list[str | None]:
    """Return a point of a geometry as texts, so that every digit stays."""
    if shape is None:
        return [None, None]
    at = shapely.point_on_surface(shape)
    return [f"{at.x:.6f}", f"{at.y:.6f}"]


def _cell(ctx: Context, layer: Layer, field: Field, value: Any) -> str | float | int | None:
    if value is None:
        return None
    if field.kind == "choice" and value in field.choices:
        return choice_label(layer.name, field.key, value)[ctx.lang]
    if isinstance(value, bool):
        return text("board.yes" if value else "board.no", ctx.lang)
    return value if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False, default=str)
