"""Public and green spaces, adoptions, frontages."""

import sqlalchemy as sa

from geo_service.storage.migrations.parts import (
    Part,
    boolean,
    choice,
    create_layer,
    date,
    drop_layers,
    real,
    reference,
    text,
)

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _exactly_one_subject() -> Part:
    set_ones = " + ".join(
        f"CASE WHEN {subject}_id IS NULL THEN 0 ELSE 1 END" for subject in ("green_space", "public_space", "facility")
    )
    return [sa.CheckConstraint(f"{set_ones} = 1", name="one_subject")]


def upgrade() -> None:
    """Create the tables."""
    create_layer(
        "public_space",
        "GEOMETRY",
        text("name", 100),
        choice(
            "kind",
            "square",
            "playground",
            "activity_ground",
            "sports_ground",
            "idle_land",
            "room",
            "street",
            "other",
            required=True,
        ),
        real("area_m2", 0),
        text("manager", 100),
        boolean("is_adoptable"),
        text("tenure", 100),
        text("plan_use", 100),
        real("usable_area_m2", 0),
    )
    create_layer(
        "green_space",
        "MULTIPOLYGON",
        text("name", 100),
        choice(
            "kind",
            "park",
            "garden",
            "pocket_park",
            "roadside",
            "ancillary",
            "woodland",
            "grass",
            "other",
            required=True,
        ),
        real("area_m2", 0),
        text("manager", 100),
        boolean("is_public"),
        boolean("is_adoptable"),
    )
    create_layer(
        "adoption",
        "GEOMETRY",
        reference("green_space_id", "green_space"),
        reference("public_space_id", "public_space"),
        reference("facility_id", "facility"),
        choice("adopter_kind", "household", "firm", "school_class", "association", required=True),
        text("adopter_name", 100, required=True),
        choice("status", "applied", "active", "warned", "ended", "handed_back", "expired", required=True),
        date("starts_on"),
        date("ends_on"),
        text("care_plan", 2000),
        _exactly_one_subject(),
        geometry_required=False,
    )
    create_layer(
        "frontage",
        "MULTILINESTRING",
        text("holder_name", 100, required=True),
        boolean("duty_hygiene"),
        boolean("duty_greening"),
        boolean("duty_order"),
        date("starts_on"),
        date("ends_on"),
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("frontage", "adoption", "green_space", "public_space")
