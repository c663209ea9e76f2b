"""Networks, ways, gates and barriers."""

from geo_service.storage.migrations.parts import (
    binary,
    boolean,
    choice,
    create_layer,
    drop_layers,
    integer,
    plain,
    real,
    reference,
    text,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    create_layer(
        "network",
        "MULTIPOLYGON",
        text("name", 100),
        reference("network_area_id", "area"),
        boolean("is_closed", required=True),
        plain("source_date"),
        text("fingerprint", 64, required=True),
        integer("ways_count", 0),
        real("length_m", 0),
    )
    create_layer(
        "way",
        "MULTILINESTRING",
        reference("network_id", "network", required=True),
        text("name", 200),
        text("highway", 40, required=True),
        boolean("is_snap_target", required=True),
        boolean("is_step_free", required=True),
        binary("node_ids", required=True),
    )
    create_layer(
        "gate",
        "POINT",
        text("name", 100),
        reference("quarter_id", "area"),
        choice("passes", "everyone", "residents", "staff", "nobody", "unknown", required=True),
        text("hours", 200),
        boolean("is_step_free"),
    )
    create_layer(
        "barrier",
        "GEOMETRY",
        text("name", 100),
        choice("kind", "wall", "water", "rail", required=True),
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("barrier", "gate", "way", "network")
