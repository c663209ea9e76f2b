"""Findings of the checklist: what somebody saw on the spot of an item, with date and basis."""

from geo_service.storage.migrations.parts import choice, create_layer, date, drop_layers, real, reference, text

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create_layer(
        "checklist_finding",
        None,
        reference("community_id", "area", required=True),
        choice("item", *(f"CRC-{number:02d}" for number in range(1, 21)), required=True),
        choice("finding", "pass", "short", "not_applicable", "remark", required=True),
        real("amount", 0),
        text("amount_unit", 20),
        date("found_on", required=True),
        text("found_by", 50, required=True),
        text("basis", 2000, required=True),
        reference("photo_id", "photo"),
    )


def downgrade() -> None:
    """Drop the table."""
    drop_layers("checklist_finding")
