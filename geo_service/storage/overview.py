"""Whole-store questions: how many rows, where, of what kinds and from which sources."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import is_published
from geo_service.storage.geopackage import rtree_name
from geo_service.storage.tables import TABLES
from geo_service.storage.values import is_embedded

Bounds = tuple[float, float, float, float]
PUBLISHED_LAYERS: Final = tuple(name for name in LAYERS if is_published(name))


def counts(connection: sa.Connection, seen: Mapping[str, sa.ColumnElement[bool]]) -> dict[str, int]:
    """Return the number of rows in use of every layer in ``seen``, of those rows that its condition lets through."""
    parts = [
        sa.select(sa.literal(name).label("layer"), sa.func.count().label("rows"))
        .select_from(TABLES[name])
        .where(TABLES[name].c.retired_at.is_(None), condition)
        for name, condition in seen.items()
    ]
    return {str(name): int(number) for name, number in connection.execute(sa.union_all(*parts))}


def count_where(
    connection: sa.Connection,
    layer: Layer,
    seen: sa.ColumnElement[bool],
    *,
    among: Mapping[str, Sequence[str]],
    before: Mapping[str, str] | None = None,
) -> int:
    """Return the number of rows in use with one of the values ``among`` and a text smaller than that in ``before``."""
    table = TABLES[layer.name]
    wanted: list[sa.ColumnElement[bool]] = [table.c[column].in_(values) for column, values in among.items()]
    wanted += [table.c[column] < value for column, value in (before or {}).items()]
    chosen = sa.select(sa.func.count()).select_from(table).where(table.c.retired_at.is_(None), seen, *wanted)
    return int(connection.execute(chosen).scalar_one())


def counts_by(connection: sa.Connection, layer: Layer, column: str) -> dict[str, int]:
    """Return the number of rows in use by the value of a column, empty ones left out."""
    wanted = TABLES[layer.name].c[column]
    chosen = sa.select(wanted, sa.func.count()).where(TABLES[layer.name].c.retired_at.is_(None), wanted.is_not(None))
    return {str(value): int(number) for value, number in connection.execute(chosen.group_by(wanted))}


def bounds(connection: sa.Connection, layers: Sequence[Layer]) -> Bounds | None:
    """Return west, south, east, north in degrees of everything in ``layers``, None if there is nothing."""
    found: list[Bounds] = []
    for layer in layers:
        if layer.geometry is None:
            continue
        if is_embedded(connection):
            row = connection.exec_driver_sql(
                f'SELECT min(minx), min(miny), max(maxx), max(maxy) FROM "{rtree_name(layer.noun)}"'
            ).one()
        else:
            row = connection.exec_driver_sql(
                "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) "
                f'FROM (SELECT ST_Extent(geom) AS e FROM "{layer.noun}" WHERE retired_at IS NULL) AS whole'
            ).one()
        if row[0] is not None:
            found.append((float(row[0]), float(row[1]), float(row[2]), float(row[3])))
    if not found:
        return None
    box = (min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found))
    return box if all(map(math.isfinite, box)) else None


def distinct(connection: sa.Connection, layer: Layer, column: str) -> list[str]:
    """Return the different texts of a column of the rows in use, sorted, without empty ones."""
    wanted = TABLES[layer.name].c[column]
    chosen = sa.select(wanted).distinct().where(TABLES[layer.name].c.retired_at.is_(None), wanted.is_not(None))
    return sorted(map(str, connection.execute(chosen).scalars()))


def sources(connection: sa.Connection, layers: Iterable[str] = PUBLISHED_LAYERS) -> list[tuple[str | None, str | None]]:
    """Return the different pairs of source and licence of all rows in use of ``layers``, sorted."""
    parts = [
        sa.select(TABLES[name].c.source, TABLES[name].c.licence).where(TABLES[name].c.retired_at.is_(None))
        for name in layers
    ]
    pairs = {(source, licence) for source, licence in connection.execute(sa.union(*parts))}
    return sorted(pairs, key=lambda pair: (pair[0] or "", pair[1] or ""))
