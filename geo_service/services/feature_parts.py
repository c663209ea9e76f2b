"""One row split in several, several merged in one: in the caller's transaction, as versions of the rows concerned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.analysis.parting import joined
from geo_service.domain.areas import AREAS, GRIDS, level_of, next_area_code, next_grid_code
from geo_service.domain.fields import Field, Layer
from geo_service.domain.rights import Reach, write_story
from geo_service.domain.values import Fault, ValuesRefused, checked_code, shown
from geo_service.foundation.errors import Conflict, InvalidInput, StaleVersion, TooMuch
from geo_service.foundation.geometry import promoted
from geo_service.foundation.texts import text
from geo_service.services.context import Context
from geo_service.services.feature_partners import check_not_referred
from geo_service.services.feature_pieces import cut_along, divided, given_parts
from geo_service.services.features import check_editable, check_own, readable, shown_row
from geo_service.services.new_codes import made_code
from geo_service.services.rights import may_here, may_refer, may_write
from geo_service.services.row_rules import check_parent
from geo_service.storage import new_codes, rows
from geo_service.storage.frames import ids_by_code
from geo_service.storage.row_history import lines_of, parting

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_PARTS: Final = 50
_RECORDED_AREA: Final = "area_m2"  # what the register says of the shape: it is divided and added up with it
# numbers of the whole thing: a part of it has another one
_OF_THE_WHOLE: Final = ("_m2", "_persons", "_yuan", "_count")
_ALSO_OF_THE_WHOLE: Final = frozenset(
    ("capacity", "quantity", "people_basis", "funding", "measures", "is_cut_by_boundary")
)
# what the codes of parts are made by where none is given: beside that of the row
_NEXT_CODE: Final = {AREAS.name: next_area_code, GRIDS.name: next_grid_code}


@dataclass(frozen=True)
class Review:
    """A field somebody has to look at, named in the asker's language, and what the rows have there, by code."""

    field: str
    label: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Parted:
    """Rows after a split or merge as the asker may see them, the kept one first; what is to be looked at."""

    rows: tuple[dict[str, Any], ...]
    to_review: tuple[Review, ...]


def split_row(
    conn: "Connection",
    ctx: Context,
    layer: Layer,
    ident: str,
    *,
    versions: Mapping[str, int],
    line: Any = None,
    parts: Sequence[Any] = (),
    codes: Sequence[str] = (),
) -> Parted:
    """Split a row along a line, or into given parts, and return the kept row and the new ones.

    The row keeps its code and values with its largest part, or the first of those given. The new rows have its values,
    a name of their own and their share of the recorded area, but not the other numbers of the whole (people, money),
    and names of persons only where they may not be missing.

    Parameters
    ----------
    conn, ctx, layer, ident
        A writing connection, who asks, the row by uid or code.
    versions
        Version the row was read in, by ``ident``.
    line, parts
        A GeoJSON line, or GeoJSON geometries that together are the row's.
    codes
        Codes of the new rows, west to east; none: they are given one, areas and grids the next free one
        under the same parent (parts of a city have to name theirs).

    Raises
    ------
    InvalidInput
        ``split_wrong_shape``, ``split_no_cut``, ``split_line_crosses``, ``split_parts_differ``, ``split_codes``,
        ``split_how``, ``versions_missing``, ``shape_…``; ValuesRefused. TooMuch ``split_too_many``,
        ``split_line_long``.
    StaleVersion, Conflict, Forbidden, NotFound
        As a change of the row (:func:`features.change_row`).
    """
    reach = may_write(ctx.actor, layer, {"code": codes[0]} if codes else None)
    check_editable(layer)
    stored = _stored(conn, ctx, layer, ident, versions)
    shape = stored.get("geom")
    if shape is None or shapely.get_dimensions(shape) < 1:
        raise InvalidInput("split_wrong_shape", code=stored["code"])
    if (line is None) == (not parts):
        raise InvalidInput("split_how")
    pieces = cut_along(layer, shape, line) if line is not None else given_parts(layer, shape, parts)
    if len(pieces) > MOST_PARTS:
        raise TooMuch("split_too_many", given=len(pieces), maximum=MOST_PARTS)
    if codes and len(codes) != len(pieces) - 1:
        raise InvalidInput("split_codes", given=len(codes), wanted=len(pieces) - 1)
    parts_of = _values_of_parts(conn, layer, stored, pieces[1:], codes)
    together = [stored["code"], *(values["code"] for values in parts_of)]
    parted = parting("split", together[1:])
    values, actor, now = {"geom": pieces[0]}, ctx.actor, ctx.clock()
    if stored.get(_RECORDED_AREA) is not None:
        first, *others = divided(stored[_RECORDED_AREA], pieces)
        values[_RECORDED_AREA] = first
        parts_of = [{**part, _RECORDED_AREA: area} for part, area in zip(parts_of, others, strict=True)]
    kept = rows.update(conn, layer, ident, stored["version"], values, actor=actor, now=now, parted=parted)
    check_own(conn, ctx, layer, kept)
    made = [_new_part(conn, ctx, layer, values, together=together, reach=reach) for values in parts_of]
    told = shown_row(conn, ctx, layer, kept)
    review = [*_given_codes(ctx, layer, [] if codes else [row["code"] for row in made])]
    review += [
        Review(field.key, text(f"field.{field.key}", ctx.lang), {told["code"]: told[field.key]})
        for field in layer.fields
        if _is_of_the_whole(field) and told.get(field.key) is not None
    ]
    return Parted((told, *(shown_row(conn, ctx, layer, row) for row in made)), tuple(review))


def merge_rows(
    conn: "Connection", ctx: Context, layer: Layer, idents: Sequence[str], *, keep: str, versions: Mapping[str, int]
) -> Parted:
    """Merge rows that touch each other into one of them and return it and those that were retired for it.

    Values of the kept one stay, recorded areas are added up; where the others have others is told. What names one of
    the others has to be moved first: nothing in use may point to what is not.

    Raises
    ------
    InvalidInput
        ``merge_idents``, ``merge_wrong_shape``, ``merge_apart``, ``versions_missing``.
    Conflict
        ``merge_referred``, ``row_retired``, ``layer_read_only``.
    StaleVersion, Forbidden, NotFound
        As a change of each row.
    """
    may_write(ctx.actor, layer)
    check_editable(layer)
    if keep not in idents:
        raise InvalidInput("merge_idents", keep=shown(keep))
    order = [keep, *(ident for ident in idents if ident != keep)]
    stored = [_stored(conn, ctx, layer, ident, versions) for ident in order]
    if len(stored) < 2 or len({row["uid"] for row in stored}) < len(stored):
        raise InvalidInput("merge_idents", keep=shown(keep))
    shapes = [row.get("geom") for row in stored]
    dimensions = {-1 if shape is None else int(shapely.get_dimensions(shape)) for shape in shapes}
    if len(dimensions) > 1 or not dimensions <= {1, 2}:
        raise InvalidInput("merge_wrong_shape")
    for row in stored[1:]:
        check_not_referred(conn, ctx, layer, row)
    whole = joined(shapes)
    if whole is None:
        raise InvalidInput("merge_apart", codes=", ".join(str(row["code"]) for row in stored))
    actor, now = ctx.actor, ctx.clock()
    told = [shown_row(conn, ctx, layer, row) for row in stored]
    reason = text("merge.reason", ctx.lang, code=stored[0]["code"])
    codes = [str(row["code"]) for row in stored]
    into, parted = parting("merged", codes[:1]), parting("merged", codes[1:])
    gone = [
        rows.retire(conn, layer, row["uid"], row["version"], reason, actor=actor, now=now, parted=into)
        for row in stored[1:]
    ]
    first, values = stored[0], {"geom": promoted(whole, str(layer.geometry))}
    areas: list[Any] = [row.get(_RECORDED_AREA) for row in stored]
    if None not in areas:
        values[_RECORDED_AREA] = round(sum(areas), 1)
    elif areas[0] is not None:
        values[_RECORDED_AREA] = None  # of some of them nothing is recorded: the shape counts
    kept = rows.update(conn, layer, first["uid"], first["version"], values, actor=actor, now=now, parted=parted)
    check_own(conn, ctx, layer, kept)
    return Parted(tuple(shown_row(conn, ctx, layer, row) for row in (kept, *gone)), _differing(ctx, layer, told))


def _stored(conn: "Connection", ctx: Context, layer: Layer, ident: str, versions: Mapping[str, int]) -> dict[str, Any]:
    """Return a row that may be written and still has the version it was read in."""
    row = readable(conn, ctx, layer, ident)
    may_here(conn, ctx.actor, write_story(layer.name), layer, row)
    expected = versions.get(ident)
    if expected is None:
        raise InvalidInput("versions_missing", ident=shown(ident))
    if row["version"] != expected:
        raise StaleVersion("row_changed", layer=layer.name, code=row["code"], expected=expected, found=row["version"])
    if row["retired_at"] is not None:
        raise Conflict("row_retired", layer=layer.name, code=row["code"])
    return row


def _values_of_parts(
    conn: "Connection", layer: Layer, stored: Mapping[str, Any], pieces: Sequence[Any], codes: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the values the new parts of a row can have, with their codes and names of their own: "name (2)"."""
    values = {f.key: stored[f.key] for f in layer.fields if f.kind != "bytes" and not _stays(f)}
    longest = next((field.max_length for field in layer.fields if field.key == "name"), None)
    lines = lines_of(conn, layer, stored) if values.get("name") else []
    earlier = sum(len(line.parted[1]) for line in lines if line.parted[0] == "split" and line.action == "updated")
    values |= {key: stored[key] for key in ("source", "licence")}
    new_codes.hold(conn, layer)
    taken = {**ids_by_code(conn, layer)} if layer.name in _NEXT_CODE else {}
    made: list[dict[str, Any]] = []
    for piece, given in zip_longest(pieces, codes):
        part = {**values, "geom": piece}
        if part.get("name"):
            ending = f" ({earlier + len(made) + 2})"
            part["name"] = str(part["name"])[: longest - len(ending) if longest else None] + ending
        code = given
        if code is None and layer.name in _NEXT_CODE:
            code = _NEXT_CODE[layer.name](stored["code"], taken)
        if code is None:
            code = made_code(conn, layer, part, holds=True, besides=[one["code"] for one in made])
        try:
            made.append({**part, "code": checked_code(layer, code)})
        except InvalidInput as error:
            raise ValuesRefused([Fault("codes", shown(code or ""), error.code, error.facts)]) from error
        taken[made[-1]["code"]] = 0
    return made


def _new_part(
    conn: "Connection", ctx: Context, layer: Layer, values: Mapping[str, Any], *, together: Sequence[str], reach: Reach
) -> dict[str, Any]:
    """Keep a new row for a part of one; ``together`` are the codes of all its parts."""
    may_refer(conn, ctx.actor, reach, layer, values)
    others = parting("split", [code for code in together if code != values["code"]])
    row = rows.insert(conn, layer, values, actor=ctx.actor, now=ctx.clock(), parted=others)
    check_parent(conn, layer, row, values)
    check_own(conn, ctx, layer, row)
    return row


def _given_codes(ctx: Context, layer: Layer, codes: Sequence[str]) -> tuple[Review, ...]:
    """Return codes of areas that were given and may be others officially; numbers of quarters are the office's own."""
    if layer.name != AREAS.name or not codes or level_of(codes[0]) == "quarter":
        return ()
    return (Review("code", text("field.code", ctx.lang), {code: code for code in codes}),)


def _stays(field: Field) -> bool:
    """Whether a value stays with the kept row alone."""
    return (field.personal and not field.required) or (_is_of_the_whole(field) and not field.required)


def _is_of_the_whole(field: Field) -> bool:
    return field.name.endswith(_OF_THE_WHOLE) or field.name in _ALSO_OF_THE_WHOLE


def _differing(ctx: Context, layer: Layer, told: Sequence[Mapping[str, Any]]) -> tuple[Review, ...]:
    """Return the fields in which merged rows have something the kept one, the first, does not."""
    found = []
    for field in layer.fields:
        values = {str(row["code"]): row.get(field.key) for row in told}
        kept, *others = values.values()
        is_other = any(value is not None and value != kept for value in others)
        if field.key == _RECORDED_AREA:
            is_other = None in (kept, *others) and {kept, *others} != {None}  # else it is added up
        if field.kind != "bytes" and is_other:
            found.append(Review(field.key, text(f"field.{field.key}", ctx.lang), values))
    return tuple(found)
