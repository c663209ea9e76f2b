"""Facilities, their entrances, inventory statements."""

from geo_service.storage.migrations.parts import (
    boolean,
    choice,
    create_layer,
    date,
    drop_layers,
    plain,
    real,
    reference,
    text,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_layer(
        "facility",
        "GEOMETRY",
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
            required=True,
        ),
        text("name", 200),
        text("address", 200),
        real("floor_area_m2", 0),
        real("land_area_m2", 0),
        real("capacity", 0),
        text("capacity_unit", 20),
        choice("opening_state", "open", "closed", "unknown", "planned", required=True),
        text("hours", 200),
        text("owner", 100),
        choice("admits", "public", "quarter", "unit", "catchment", "age_band", required=True),
        reference("admits_area_id", "area"),
        plain("admits_bands"),
        choice("verification", "verified", "unverified", required=True),
        date("verified_on"),
        text("verified_by", 50),
        boolean("is_shareable"),
    )
    create_layer(
        "entrance",
        "POINT",
        reference("facility_id", "facility", required=True),
        choice("kind", "main", "side", "service", "other"),
        boolean("is_step_free"),
    )
    create_layer(
        "inventory_statement",
        None,
        reference("statement_area_id", "area", required=True),
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
            required=True,
        ),
        boolean("is_complete", required=True),
        date("declared_on", required=True),
        text("declared_by", 50, required=True),
        text("note", 500),
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("inventory_statement", "entrance", "facility")
