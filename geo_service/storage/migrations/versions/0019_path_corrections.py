"""Corrections of the walking network: paths its source does not have, places where nobody gets through."""

from geo_service.storage.migrations.parts import boolean, choice, create_layer, drop_layers, text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create_layer(
        "path_correction",
        "MULTILINESTRING",
        text("name", 100),
        choice("kind", "missing", "blocked", required=True),
        boolean("is_snap_target", required=True),
        boolean("is_step_free", required=True),
        text("basis", 200),
    )


def downgrade() -> None:
    """Drop the table."""
    drop_layers("path_correction")
