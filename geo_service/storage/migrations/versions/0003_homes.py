"""Buildings and households."""

from geo_service.storage.migrations.parts import (
    boolean,
    choice,
    create_layer,
    drop_layers,
    integer,
    real,
    reference,
    text,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_layer(
        "building",
        "GEOMETRY",
        text("name", 100),
        text("address", 200),
        choice(
            "use", "residential", "dormitory", "mixed", "public_service", "commercial", "industrial", "other", "unknown"
        ),
        reference("quarter_id", "area"),
        reference("registered_area_id", "area"),
        reference("registered_grid_id", "grid"),
        integer("floors", 0, 200),
        real("height_m", 0, 1_000),
        real("floor_area_m2", 0),
        integer("built_year", 1_000, 2_200),
        boolean("has_lift"),
        choice("property_management", "yes", "none", "abandoned", "unknown"),
        boolean("has_toilet"),
        boolean("has_tap_water"),
        boolean("is_dangerous"),
        integer("households_count", 0, 10_000),
        integer("residents_persons", 0, 100_000),
        integer("registered_persons", 0, 100_000),
        integer("age_0_2_persons", 0, 100_000),
        integer("age_3_5_persons", 0, 100_000),
        integer("age_6_11_persons", 0, 100_000),
        integer("age_12_14_persons", 0, 100_000),
        integer("age_15_59_persons", 0, 100_000),
        integer("age_60_64_persons", 0, 100_000),
        integer("age_65_79_persons", 0, 100_000),
        integer("age_80_plus_persons", 0, 100_000),
        choice("people_basis", "households", "register", "estimate"),
        boolean("is_cut_by_boundary"),
    )
    create_layer(
        "household",
        "POINT",
        reference("building_id", "building", required=True),
        text("unit_no", 20),
        text("room_no", 20),
        text("head_name", 50),
        text("phone", 30),
        integer("residents_persons", 0, 100_000),
        integer("registered_persons", 0, 100_000),
        integer("age_0_2_persons", 0, 100_000),
        integer("age_3_5_persons", 0, 100_000),
        integer("age_6_11_persons", 0, 100_000),
        integer("age_12_14_persons", 0, 100_000),
        integer("age_15_59_persons", 0, 100_000),
        integer("age_60_64_persons", 0, 100_000),
        integer("age_65_79_persons", 0, 100_000),
        integer("age_80_plus_persons", 0, 100_000),
        geometry_required=False,
        listed=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("household", "building")
