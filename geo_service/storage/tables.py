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
from geo_service.foundation.json_text import json_text

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
    return json_text(value, sort_keys=True)


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
    if field.kind == "text" and not field.personal:  # personal ones are sealed; their length is checked in plain
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
AUDIT: Final = sa.Table(  # append only; each line holds the hash of the line before it
    "audit",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("at", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("account_uid", TEXT, index=True),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("via", TEXT, nullable=False),
    sa.Column("address", TEXT),
    sa.Column("request_id", TEXT),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("layer", TEXT),
    sa.Column("subject_uid", TEXT, index=True),
    sa.Column("area_code", TEXT),
    sa.Column("reason", TEXT),
    sa.Column("facts", JsonText),
    sa.Column("previous", TEXT, nullable=False),
    sa.Column("hash", TEXT, nullable=False, unique=True),
    sa.Index("ix_audit_at", "at"),
)
ACCOUNTS: Final = sa.Table(
    "account",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False, unique=True),
    sa.Column("display_name", TEXT),
    sa.Column("role", TEXT, nullable=False),
    sa.Column("password_hash", TEXT),
    sa.Column("password_changed_at", TEXT),
    sa.Column("totp_secret", TEXT),  # sealed
    sa.Column("totp_confirmed_at", TEXT),
    sa.Column("totp_last_step", BIG),
    sa.Column("oidc_subject", TEXT, unique=True),
    sa.Column("lang", TEXT),
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
ASSIGNMENTS: Final = sa.Table(  # where an account may act, from one day to another, both included
    "assignment",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("account_id", BIG, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("area_id", BIG, sa.ForeignKey("area.id"), index=True),
    sa.Column("grid_id", BIG, sa.ForeignKey("grid.id"), index=True),
    sa.Column("starts_on", TEXT, nullable=False),
    sa.Column("ends_on", TEXT),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("updated_at", TEXT, nullable=False),
    sa.Column("updated_by", TEXT, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.CheckConstraint("(area_id IS NULL) <> (grid_id IS NULL)", name="one_place"),
    sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_order"),
    sa.CheckConstraint("version >= 1", name="version_range"),
)
SESSIONS: Final = sa.Table(  # signed-in browsers; only the hash of what the cookie holds is kept
    "session",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("account_id", BIG, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("token_hash", TEXT, nullable=False, unique=True),
    sa.Column("means", TEXT, nullable=False),
    sa.Column("has_second_factor", sa.Boolean, nullable=False),
    sa.Column("address", TEXT),
    sa.Column("agent", TEXT),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("seen_at", TEXT, nullable=False),
    sa.Column("expires_at", TEXT, nullable=False),
    sa.Column("ended_at", TEXT),
    sa.CheckConstraint("means IN ('password', 'link', 'oidc')", name="means_choice"),
)
API_TOKENS: Final = sa.Table(  # for machines; only the hash is kept
    "api_token",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("account_id", BIG, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("token_hash", TEXT, nullable=False, unique=True),
    sa.Column("scopes", JsonText, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("expires_at", TEXT, nullable=False),
    sa.Column("used_at", TEXT),
    sa.Column("revoked_at", TEXT),
    sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
)
LINKS: Final = sa.Table(  # one-time links: set the first or a new password
    "one_time_link",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("account_id", BIG, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("purpose", TEXT, nullable=False),
    sa.Column("token_hash", TEXT, nullable=False, unique=True),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("expires_at", TEXT, nullable=False),
    sa.Column("used_at", TEXT),
    sa.CheckConstraint("purpose IN ('invitation', 'password_reset', 'second_factor_reset')", name="purpose_choice"),
)
ATTEMPTS: Final = sa.Table(  # what is counted against a limit: sign-ins by name and address, heavy work by account
    "attempt",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("key_hash", TEXT, nullable=False),
    sa.Column("at", TEXT, nullable=False),
    sa.Column("has_failed", sa.Boolean, nullable=False),
    sa.Index("ix_attempt_kind_key_hash_at", "kind", "key_hash", "at"),
)
PERSON_KEYS: Final = sa.Table(  # a key per person, wrapped by the service's key; its id as in what it sealed
    "person_key",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("layer", TEXT, nullable=False),
    sa.Column("subject_uid", TEXT, nullable=False, unique=True),
    sa.Column("wrapped", TEXT, nullable=False),
    sa.Column("key_id", TEXT, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
)
ERASURES: Final = sa.Table(  # who was erased: kept also outside backups, so that a restore erases again
    "erasure",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("layer", TEXT, nullable=False),
    sa.Column("subject_uid", TEXT, nullable=False, index=True),
    sa.Column("key_id", TEXT),  # of the person key that was deleted
    sa.Column("at", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
)
OWN_VALUES: Final = sa.Table(  # what the store keeps about itself: never part of an answer
    "own_value",
    metadata,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)
ANSWERS: Final = sa.Table(  # answers to creating requests by idempotency key, so that a repeated one creates nothing
    "kept_answer",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("key_hash", TEXT, nullable=False, unique=True),
    sa.Column("request_hash", TEXT, nullable=False),
    sa.Column("status", BIG, nullable=False),
    sa.Column("headers", JsonText, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", TEXT, nullable=False, index=True),
)
RULE_VERSIONS: Final = sa.Table(  # append only: what an office made of the rules that are shipped, version by version
    "rule_version",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("rule", TEXT, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.Column("action", TEXT, nullable=False),
    sa.Column("body", JsonText, nullable=False),
    sa.Column("valid_from", TEXT, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("reason", TEXT),
    sa.CheckConstraint("action IN ('added', 'edited', 'confirmed')", name="action_choice"),
    sa.CheckConstraint("version >= 1", name="version_range"),
    sa.Index("ix_rule_version_rule_version", "rule", "version"),
)
SCENARIOS: Final = sa.Table(  # named sets of edits over data that stays as it is
    "scenario",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("edits", JsonText, nullable=False),
    sa.Column("question", JsonText, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("updated_at", TEXT, nullable=False),
    sa.Column("updated_by", TEXT, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.Column("retired_at", TEXT),
    sa.CheckConstraint('length("name") BETWEEN 1 AND 200', name="name_length"),
    sa.CheckConstraint("version >= 1", name="version_range"),
)
SAVED_VIEWS: Final = sa.Table(  # settings of the map under a name
    "saved_view",
    metadata,
    sa.Column("id", BIG, primary_key=True),
    sa.Column("uid", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("sharing", TEXT, nullable=False),
    sa.Column("created_at", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("updated_at", TEXT, nullable=False),
    sa.Column("updated_by", TEXT, nullable=False),
    sa.Column("version", BIG, nullable=False),
    sa.UniqueConstraint("created_by", "name"),
    sa.CheckConstraint('length("name") BETWEEN 1 AND 80', name="name_length"),
    sa.CheckConstraint('length("state") BETWEEN 1 AND 4000', name="state_length"),
    sa.CheckConstraint("\"sharing\" IN ('private', 'colleagues')", name="sharing_choice"),
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
    sa.Index("ix_run_parameters", "parameters", postgresql_using="hash"),  # a question can be long
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
