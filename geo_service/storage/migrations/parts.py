"""Building blocks of migrations. What a released migration uses here never changes; new needs get new functions."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from geo_service.storage import contents

Part = list[sa.schema.SchemaItem]
TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name: str, longest: int, *, required: bool = False) -> Part:
    """Return a text column with its longest length in characters."""
    rule = f'length("{name}") BETWEEN {int(required)} AND {longest}'
    return [sa.Column(name, TEXT, nullable=not required), sa.CheckConstraint(rule, name=f"{name}_length")]


def choice(name: str, *values: str, required: bool = False) -> Part:
    """Return a column that takes one of some values."""
    rule = f'"{name}" IN ({", ".join(repr(value) for value in values)})'
    return [sa.Column(name, TEXT, nullable=not required), sa.CheckConstraint(rule, name=f"{name}_choice")]


def _number(name: str, kind: Any, low: float | None, high: float | None) -> Part:
    bounds = [f'"{name}" {sign} {value:g}' for sign, value in ((">=", low), ("<=", high)) if value is not None]
    checks: Part = [sa.CheckConstraint(" AND ".join(bounds), name=f"{name}_range")] if bounds else []
    return [sa.Column(name, kind), *checks]


def integer(name: str, low: float | None = None, high: float | None = None) -> Part:
    """Return a 64-bit column with its range."""
    return _number(name, BIG, low, high)


def real(name: str, low: float | None = None, high: float | None = None) -> Part:
    """Return a double column with its range."""
    return _number(name, sa.Double(), low, high)


def boolean(name: str, *, required: bool = False) -> Part:
    """Return a boolean column."""
    return [sa.Column(name, sa.Boolean(), nullable=not required)]


def date(name: str, *, required: bool = False) -> Part:
    """Return a column of ISO dates."""
    rule = f"\"{name}\" LIKE '____-__-__'"
    return [sa.Column(name, TEXT, nullable=not required), sa.CheckConstraint(rule, name=f"{name}_date")]


def plain(name: str, *, required: bool = False) -> Part:
    """Return a text column without a rule: moments, JSON."""
    return [sa.Column(name, TEXT, nullable=not required)]


def binary(name: str, *, required: bool = False) -> Part:
    """Return a column of bytes."""
    return [sa.Column(name, sa.LargeBinary(), nullable=not required)]


def reference(name: str, table: str, *, required: bool = False) -> Part:
    """Return an indexed foreign key to the ``id`` of a table."""
    return [sa.Column(name, BIG, sa.ForeignKey(f"{table}.id"), nullable=not required, index=True)]


def create_layer(
    table: str,
    geometry: str | None,
    *parts: Part,
    geometry_required: bool = True,
    listed: bool = True,
    in_grids: bool = True,
) -> None:
    """Create a layer's table with the common columns and its spatial index, and enter it into the GeoPackage."""
    place: Part = []
    if geometry is not None:
        place.append(sa.Column("geom", contents.GeometryColumn(geometry), nullable=not geometry_required))
    grid: Part = reference("grid_id", "grid")
    if not in_grids:
        grid = [sa.Column("grid_id", BIG), sa.CheckConstraint("grid_id IS NULL", name="grid_id_empty")]
    op.create_table(
        table,
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        sa.Column("code", TEXT, nullable=False, unique=True),
        *place,
        *(item for part in parts for item in part),
        *reference("area_id", "area"),
        *grid,
        *plain("source"),
        *plain("licence"),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        *plain("updated_at", required=True),
        *plain("updated_by", required=True),
        sa.Column("version", BIG, nullable=False),
        *plain("retired_at"),
        *plain("retired_reason"),
        sa.CheckConstraint("version >= 1", name="version_range"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name="code_length"),
        sa.CheckConstraint("length(uid) = 36", name="uid_length"),
    )
    if geometry is not None and op.get_bind().dialect.name == "postgresql":
        op.create_index(f"idx_{table}_geom", table, ["geom"], postgresql_using="gist")
    contents.register_layer(op.get_bind(), table, geometry, listed=listed)


def drop_layers(*tables: str) -> None:
    """Drop layers' tables and their entries in the GeoPackage."""
    for table in tables:
        contents.unregister_layer(op.get_bind(), table)
        op.drop_table(table)
