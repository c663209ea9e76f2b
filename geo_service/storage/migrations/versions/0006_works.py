"""Projects, cases and photos."""

from geo_service.storage.migrations.parts import choice, create_layer, date, drop_layers, integer, plain, real, text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_layer(
        "project",
        "GEOMETRY",
        text("name", 200, required=True),
        choice(
            "kind",
            "old_quarter_renewal",
            "road_lane",
            "parking_charging",
            "pipes",
            "overhead_lines",
            "fire_safety",
            "energy_saving",
            "street_light",
            "lift",
            "barrier_free",
            "pocket_park",
            "green",
            "toilet",
            "waste_sorting",
            "wall_facade",
            "ditch",
            "service_room",
            "activity",
            "service",
            "other",
            required=True,
        ),
        choice(
            "status",
            "proposed",
            "decided",
            "funded",
            "building",
            "accepted",
            "in_care",
            "closed",
            "paused",
            "cancelled",
            required=True,
        ),
        text("responsible_unit", 100),
        text("responsible_person", 50),
        date("deadline_on"),
        real("quantity", 0),
        text("quantity_unit", 20),
        real("planned_yuan", 0),
        real("committed_yuan", 0),
        real("paid_yuan", 0),
        plain("funding"),
        integer("households_count", 0),
        text("description", 4000),
    )
    create_layer(
        "case",
        "POINT",
        choice(
            "category",
            "exposed_garbage",
            "road_cleaning",
            "standing_water",
            "green_cleaning",
            "green_maintenance",
            "illegal_building",
            "rubble",
            "damaged_facility",
            "road_damage",
            "street_light",
            "manhole",
            "parking",
            "advertisement",
            "noise",
            "stray_animal",
            "garbage_heap",
            "sewage",
            "livestock",
            "toilet",
            "other",
            required=True,
        ),
        choice(
            "status",
            "reported",
            "rejected",
            "self_handled",
            "verified",
            "filed",
            "dispatched",
            "accepted",
            "returned",
            "in_progress",
            "handled",
            "checked",
            "closed",
            required=True,
        ),
        choice("origin", "grid_worker", "resident", "hotline", "video", "upper_level", required=True),
        text("description", 4000),
        text("address", 200),
        plain("reported_at", required=True),
        plain("due_at"),
        text("responsible_unit", 100),
        text("reporter_name", 50),
        text("reporter_phone", 30),
    )
    create_layer(
        "photo",
        "POINT",
        text("subject_layer", 50, required=True),
        text("subject_uid", 36, required=True),
        plain("taken_at"),
        text("sha256", 64, required=True),
        text("media_type", 50, required=True),
        integer("size_bytes", 0),
        choice("review", "waiting", "published", "refused"),
        geometry_required=False,
        listed=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("photo", "case", "project")
