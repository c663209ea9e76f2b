"""Tables of the store, made from the layers of the domain; the same metadata on both stores.

Table names are the nouns (``building``), geometry columns are unmodified GeoAlchemy2 ``Geometry`` in EPSG:4326.
Text compares byte by byte on both stores (collation ``C``), so that lists come in the same order.
"""

import json
from typing import Any, Final

import sqlalchemy as sa
from geoalchemy2 import Geometry

from geo_service.domain.fields import Field, Layer
from geo_service.domain.layers import LAYERS
from geo_service.domain.spaces import ADOPTION_SUBJECTS

metadata: Final = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)
TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite's INTEGER is 64-bit
CODE_LENGTH: Final = 64


class JsonText(sa.TypeDecorator[Any]):
    """A JSON value kept as canonical text, byte-equal on both stores."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        """Return the text of ``value``; None stays empty."""
        return None if value is None else dump_json(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        """Return the value of the stored text."""
        return None if value is None else json.loads(value)


def dump_json(value: Any) -> str:
    """Return the canonical JSON text of ``value`` (sorted keys, no spaces, not ASCII-escaped)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


_TYPES: Final[dict[str, sa.types.TypeEngine[Any]]] = {
    "text": TEXT,
    "choice": TEXT,
    "date": TEXT,
    "moment": TEXT,
    "json": JsonText(),
    "integer": BIG,
    "reference": BIG,
    "real": sa.Double(),
    "boolean": sa.Boolean(),
    "bytes": sa.LargeBinary(),
}


def _field_checks(field: Field) -> list[sa.CheckConstraint]:
    """Return the CHECKs of one field: choices, range, length, form of dates."""
    name = f'"{field.column}"'
    rules = []
    if field.choices:
        rules.append(("choice", f"{name} IN ({', '.join(repr(choice) for choice in field.choices)})"))
    bounds = [
        f"{name} {sign} {value:g}"
        for sign, value in ((">=", field.minimum), ("<=", field.maximum))
        if value is not None
    ]
    if bounds:
        rules.append(("range", " AND ".join(bounds)))
    if field.kind == "text":
        shortest = 1 if field.required else 0
        rules.append(("length", f"length({name}) BETWEEN {shortest} AND {field.max_length}"))
    if field.kind == "date":
        rules.append(("date", f"{name} LIKE '____-__-__'"))
    return [sa.CheckConstraint(rule, name=f"{field.column}_{kind}") for kind, rule in rules]


def _field_column(field: Field) -> sa.Column[Any]:
    """Return the column of one own field, references with their foreign key."""
    links = [sa.ForeignKey(f"{LAYERS[field.refers_to].noun}.id")] if field.refers_to else []
    return sa.Column(field.column, _TYPES[field.kind], *links, nullable=not field.required, index=bool(field.refers_to))


def _layer_table(layer: Layer) -> sa.Table:
    """Return the table of a layer: common columns, own fields, constraints, indexes."""
    parts: list[sa.schema.SchemaItem] = [
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        sa.Column("code", TEXT, nullable=False, unique=True),
    ]
    if layer.geometry is not None:
        kind = Geometry(layer.geometry.upper(), srid=4326)
        parts.append(sa.Column("geom", kind, nullable=not layer.geometry_required))
    for field in layer.fields:
        parts += [_field_column(field), *_field_checks(field)]
    # an area lies in no grid; without this the two tables would need each other to exist
    is_area = layer.name == "areas"
    parts += [
        sa.Column("area_id", BIG, sa.ForeignKey("area.id"), index=True),
        sa.Column("grid_id", BIG, *([] if is_area else [sa.ForeignKey("grid.id")]), index=not is_area),
        *([sa.CheckConstraint("grid_id IS NULL", name="grid_id_empty")] if is_area else []),
        sa.Column("source", TEXT),
        sa.Column("licence", TEXT),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.Column("updated_by", TEXT, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("retired_at", TEXT),
        sa.Column("retired_reason", TEXT),
        sa.CheckConstraint("version >= 1", name="version_range"),
        sa.CheckConstraint(f"length(code) BETWEEN 1 AND {CODE_LENGTH}", name="code_length"),
        sa.CheckConstraint("length(uid) = 36", name="uid_length"),
    ]
    if layer.name == "adoptions":
        set_ones = " + ".join(f"CASE WHEN {subject}_id IS NULL THEN 0 ELSE 1 END" for subject in ADOPTION_SUBJECTS)
        parts.append(sa.CheckConstraint(f"{set_ones} = 1", name="one_subject"))
    return sa.Table(layer.noun, metadata, *parts)


TABLES: Final[dict[str, sa.Table]] = {name: _layer_table(layer) for name, layer in LAYERS.items()}

LAYER_VERSIONS: Final = sa.Table(
    "layer_version",
    metadata,
    sa.Column("layer", TEXT, primary_key=True),
    sa.Column("version", BIG, nullable=False),
)
HISTORY: Final = sa.Table(  # append only: triggers refuse changes
    "history",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("layer", TEXT, nullable=False),
    sa.Column("row_id", BIG),  # empty on the summary line of a bulk creation
    sa.Column("version", BIG, nullable=False),
    sa.Column("at", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("before", JsonText),
    sa.Column("after", JsonText),
    sa.CheckConstraint("action IN ('created', 'updated', 'retired', 'restored', 'imported')", name="action_choice"),
    sa.Index("ix_history_layer_row", "layer", "row_id"),
)
AUDIT: Final = sa.Table(  # append only
    "audit",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("at", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("layer", TEXT),
    sa.Column("subject_uid", TEXT, index=True),
    sa.Column("facts", JsonText),
)
ACCOUNTS: Final = sa.Table(
    "account",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("area_id", BIG, sa.ForeignKey("area.id"), index=True),
    sa.Column("password_hash", TEXT),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("updated_at", TEXT, nullable=False),
    sa.Column("updated_by", TEXT, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.CheckConstraint("length(name) BETWEEN 1 AND 64", name="name_length"),
    sa.CheckConstraint(
        "role IN ('resident', 'grid_worker', 'planner', 'official', 'unit', 'admin')", name="role_choice"
    ),
    sa.CheckConstraint("version >= 1", name="version_range"),
)
RUNS: Final = sa.Table(  # frozen: rows are never changed
    "run",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("status", TEXT, nullable=False),
    sa.Column("fingerprint", TEXT, nullable=False, index=True),
    sa.Column("parameters", JsonText, nullable=False),
    sa.Column("inputs", JsonText, nullable=False),
    sa.Column("result", JsonText),
    sa.Column("code_version", TEXT, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("seconds", sa.Double),
    sa.CheckConstraint("status IN ('done', 'failed')", name="status_choice"),
)
RUN_PARTS: Final = sa.Table(
    "run_part",
    metadata,
    sa.Column("run_id", BIG, sa.ForeignKey("run.id"), primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)


def table_of(layer: Layer) -> sa.Table:
    """Return the table a layer is kept in."""
    return TABLES[layer.name]
