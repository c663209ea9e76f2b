"""Saved views of the map: settings under a name, of somebody, for him alone or for colleagues."""

import sqlalchemy as sa
from alembic import op

from geo_service.storage.migrations.parts import BIG, TEXT, choice, plain, text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "saved_view",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("uid", TEXT, nullable=False, unique=True),
        *text("name", 80, required=True),
        *text("state", 4000, required=True),
        *choice("sharing", "private", "colleagues", required=True),
        *plain("created_at", required=True),
        *plain("created_by", required=True),
        *plain("updated_at", required=True),
        *plain("updated_by", required=True),
        sa.Column("version", BIG, nullable=False),
        sa.UniqueConstraint("created_by", "name"),
        sa.CheckConstraint("version >= 1", name="version_range"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("saved_view")
