"""Versions of rules an office writes; rows are never changed."""

import sqlalchemy as sa
from alembic import op

from geo_service.storage.migrations.guards import forbid_changes
from geo_service.storage.migrations.parts import BIG, TEXT, choice, plain

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "rule_version",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("rule", TEXT, nullable=False),
        sa.Column("version", BIG, nullable=False),
        *choice("action", "added", "edited", "confirmed", required=True),
        *plain("body", required=True),
        *plain("valid_from", required=True),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        *plain("reason"),
        sa.CheckConstraint("version >= 1", name="version_range"),
        sa.Index("ix_rule_version_rule_version", "rule", "version"),
    )
    forbid_changes(op.get_bind(), "rule_version")


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("rule_version")
