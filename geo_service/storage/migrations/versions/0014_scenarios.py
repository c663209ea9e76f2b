"""Scenarios: named sets of edits over data that stays as it is; what a project changes of it."""

import sqlalchemy as sa
from alembic import op

from geo_service.storage.migrations.parts import BIG, TEXT, plain, text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, add the measures of projects."""
    op.create_table(
        "scenario",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        *text("name", 200, required=True),
        *plain("edits", required=True),
        *plain("question", required=True),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        *plain("updated_at", required=True),
        *plain("updated_by", required=True),
        sa.Column("version", BIG, nullable=False),
        *plain("retired_at"),
        sa.CheckConstraint("version >= 1", name="version_range"),
    )
    op.add_column("project", sa.Column("measures", TEXT))


def downgrade() -> None:
    """Drop both."""
    op.drop_column("project", "measures")
    op.drop_table("scenario")
