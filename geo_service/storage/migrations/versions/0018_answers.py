"""Runs are found by what was asked, however many others were kept since."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the question; by its hash on PostgreSQL, whose trees hold no long texts."""
    op.create_index("ix_run_parameters", "run", ["parameters"], postgresql_using="hash")


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_run_parameters", "run")
