"""Verify tasks: what has to be looked at so that nobody's coverage is unknown."""

from geo_service.storage.migrations.parts import choice, create_layer, date, drop_layers, integer, reference, text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    create_layer(
        "verify_task",
        "POINT",
        choice(
            "kind",
            "facility_unverified",
            "facility_not_snapped",
            "home_not_snapped",
            "network_edge",
            required=True,
        ),
        choice(
            "category",
            "service_station",
            "kindergarten",
            "nursery",
            "primary_school",
            "middle_school",
            "elder_station",
            "clinic",
            "hospital",
            "culture_station",
            "supermarket",
            "convenience",
            "market",
            "parcel",
            "pharmacy",
            "retail",
            "parking",
            "charging",
            "bus_stop",
            "metro",
            "toilet",
            "waste_station",
            "recycling",
            "activity_ground",
            "sports_ground",
            "park",
            "police",
            "canteen",
            "rest_stop",
            "shelter",
        ),
        choice("status", "open", "done", "dropped", required=True),
        reference("facility_id", "facility"),
        integer("buildings_count", 0),
        date("due_on"),
        text("note", 2000),
        date("closed_on"),
        text("closed_by", 50),
    )


def downgrade() -> None:
    """Drop the table."""
    drop_layers("verify_task")
