"""Accounts with assignments, sessions, tokens and links; chained audit; keys per person; kept answers; photos.

Until now nothing wrote accounts, audit or photos: these tables are made anew.
"""

import sqlalchemy as sa
from alembic import op

from geo_service.storage.migrations.guards import forbid_changes
from geo_service.storage.migrations.parts import (
    BIG,
    TEXT,
    Part,
    binary,
    boolean,
    choice,
    create_layer,
    drop_layers,
    integer,
    plain,
    real,
    reference,
    text,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROLES = ("resident", "grid_worker", "planner", "official", "unit", "admin")


def _named() -> Part:
    return [sa.Column("id", BIG, primary_key=True), sa.Column("uid", TEXT, nullable=False, unique=True)]


def _unique(name: str, *, required: bool = True) -> Part:
    return [sa.Column(name, TEXT, nullable=not required, unique=True)]


def _texts(*names: str) -> Part:
    return [item for name in names for item in plain(name, required=True)]


def _stamps() -> Part:
    return [
        *_texts("created_at", "created_by", "updated_at", "updated_by"),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name="version_range"),
    ]


def upgrade() -> None:
    """Create the tables; audit refuses changes."""
    op.drop_table("audit")
    op.drop_table("account")
    op.create_table(
        "audit",
        sa.Column("id", BIG, primary_key=True),
        *_texts("at", "actor"),
        sa.Column("account_uid", TEXT, index=True),
        *_texts("role", "via"),
        *plain("address"),
        *plain("request_id"),
        *_texts("verb"),
        *plain("layer"),
        sa.Column("subject_uid", TEXT, index=True),
        *plain("area_code"),
        *plain("reason"),
        *plain("facts"),
        *_texts("previous"),
        *_unique("hash"),
        sa.Index("ix_audit_at", "at"),
    )
    op.create_table(
        "account",
        *_named(),
        *_unique("name"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 64", name="name_length"),
        *plain("display_name"),
        *choice("role", *_ROLES, required=True),
        *plain("password_hash"),
        *plain("password_changed_at"),
        *plain("totp_secret"),
        *plain("totp_confirmed_at"),
        sa.Column("totp_last_step", BIG),
        *_unique("oidc_subject", required=False),
        *plain("lang"),
        *boolean("is_disabled", required=True),
        *_stamps(),
    )
    op.create_table(
        "assignment",
        *_named(),
        *reference("account_id", "account", required=True),
        *reference("area_id", "area"),
        *reference("grid_id", "grid"),
        *_texts("starts_on"),
        *plain("ends_on"),
        *_stamps(),
        sa.CheckConstraint("(area_id IS NULL) <> (grid_id IS NULL)", name="one_place"),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="days_order"),
    )
    op.create_table(
        "session",
        *_named(),
        *reference("account_id", "account", required=True),
        *_unique("token_hash"),
        *choice("means", "password", "link", "oidc", required=True),
        *boolean("has_second_factor", required=True),
        *plain("address"),
        *plain("agent"),
        *_texts("created_at", "seen_at", "expires_at"),
        *plain("ended_at"),
    )
    op.create_table(
        "api_token",
        *_named(),
        *reference("account_id", "account", required=True),
        *_texts("name"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        *_unique("token_hash"),
        *_texts("scopes", "created_at", "created_by", "expires_at"),
        *plain("used_at"),
        *plain("revoked_at"),
    )
    op.create_table(
        "one_time_link",
        *_named(),
        *reference("account_id", "account", required=True),
        *choice("purpose", "invitation", "password_reset", "second_factor_reset", required=True),
        *_unique("token_hash"),
        *_texts("created_at", "created_by", "expires_at"),
        *plain("used_at"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", BIG, primary_key=True),
        *_texts("kind", "key_hash", "at"),
        *boolean("has_failed", required=True),
        sa.Index("ix_attempt_kind_key_hash_at", "kind", "key_hash", "at"),
    )
    op.create_table(
        "person_key",
        sa.Column("id", BIG, primary_key=True),
        *_texts("layer"),
        *_unique("subject_uid"),
        *_texts("wrapped", "key_id", "created_at"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", BIG, primary_key=True),
        *_texts("layer"),
        *_unique("subject_uid"),
        *_texts("at", "actor", "reason"),
    )
    op.create_table(
        "kept_answer",
        sa.Column("id", BIG, primary_key=True),
        *_unique("key_hash"),
        *_texts("request_hash"),
        sa.Column("status", BIG, nullable=False),
        *_texts("headers"),
        *binary("body", required=True),
        sa.Column("at", TEXT, nullable=False, index=True),
    )
    forbid_changes(op.get_bind(), "audit")
    drop_layers("photo")
    _create_photos(
        [
            *real("taken_lon", -180, 180),
            *real("taken_lat", -90, 90),
            *_photo_file(),
            *integer("width_px", 1),
            *integer("height_px", 1),
            *_photo_review(),
            *text("review_reason", 500),
            *plain("hidden_regions"),
            *text("published_sha256", 64),
            *text("thumbnail_sha256", 64),
        ]
    )


def _create_photos(parts: Part) -> None:
    create_layer(
        "photo",
        "POINT",
        text("subject_layer", 50, required=True),
        text("subject_uid", 36, required=True),
        plain("taken_at"),
        parts,
        geometry_required=False,
        listed=False,
    )


def _photo_file() -> Part:
    return [*text("sha256", 64, required=True), *text("media_type", 50, required=True), *integer("size_bytes", 0)]


def _photo_review() -> Part:
    return choice("review", "waiting", "published", "refused")


def downgrade() -> None:
    """Drop the tables and make the three old ones again."""
    drop_layers("photo")
    _create_photos([*_photo_file(), *_photo_review()])
    for (
        table
    ) in "kept_answer erasure person_key attempt one_time_link api_token session assignment account audit".split():
        op.drop_table(table)
    op.create_table(
        "audit",
        sa.Column("id", BIG, primary_key=True),
        *_texts("at", "actor", "role", "verb"),
        *plain("layer"),
        sa.Column("subject_uid", TEXT, index=True),
        *plain("facts"),
    )
    op.create_table(
        "account",
        *_named(),
        *_unique("name"),
        sa.CheckConstraint('length("name") BETWEEN 1 AND 64', name="name_length"),
        *choice("role", *_ROLES, required=True),
        *reference("area_id", "area"),
        *plain("password_hash"),
        *boolean("is_disabled", required=True),
        *_stamps(),
    )
    forbid_changes(op.get_bind(), "audit")
