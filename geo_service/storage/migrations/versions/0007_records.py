"""Layer versions, history, audit, accounts and runs."""

import sqlalchemy as sa
from alembic import op

from geo_service.storage.migrations.guards import drop_guard_function, forbid_changes
from geo_service.storage.migrations.parts import BIG, TEXT, binary, boolean, choice, plain, reference

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; history, audit and runs refuse changes."""
    op.create_table(
        "layer_version", sa.Column("layer", TEXT, primary_key=True), sa.Column("version", BIG, nullable=False)
    )
    op.create_table(
        "history",
        sa.Column("id", BIG, primary_key=True),
        *plain("layer", required=True),
        sa.Column("row_id", BIG),
        sa.Column("version", BIG, nullable=False),
        *plain("at", required=True),
        *plain("actor", required=True),
        *choice("action", "created", "updated", "retired", "restored", "imported", required=True),
        *plain("before"),
        *plain("after"),
        sa.Index("ix_history_layer_row", "layer", "row_id"),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG, primary_key=True),
        *plain("at", required=True),
        *plain("actor", required=True),
        *plain("role", required=True),
        *plain("verb", required=True),
        *plain("layer"),
        sa.Column("subject_uid", TEXT, index=True),
        *plain("facts"),
    )
    op.create_table(
        "account",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        sa.Column("name", TEXT, nullable=False, unique=True),
        sa.CheckConstraint('length("name") BETWEEN 1 AND 64', name="name_length"),
        *choice("role", "resident", "grid_worker", "planner", "official", "unit", "admin", required=True),
        *reference("area_id", "area"),
        *plain("password_hash"),
        *boolean("is_disabled", required=True),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        *plain("updated_at", required=True),
        *plain("updated_by", required=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint("version >= 1", name="version_range"),
    )
    op.create_table(
        "run",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        *plain("kind", required=True),
        *choice("status", "done", "failed", required=True),
        sa.Column("fingerprint", TEXT, nullable=False, index=True),
        *plain("parameters", required=True),
        *plain("inputs", required=True),
        *plain("result"),
        *plain("code_version", required=True),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        sa.Column("seconds", sa.Double()),
    )
    op.create_table(
        "run_part",
        sa.Column("run_id", BIG, sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("name", TEXT, primary_key=True),
        *binary("content", required=True),
    )
    for table in ("history", "audit"):
        forbid_changes(op.get_bind(), table)
    for table in ("run", "run_part"):
        forbid_changes(op.get_bind(), table, deleting=False)


def downgrade() -> None:
    """Drop the tables."""
    for table in ("run_part", "run", "account", "audit", "history", "layer_version"):
        op.drop_table(table)
    drop_guard_function(op.get_bind())
