"""The GeoPackage itself; areas and grids."""

from alembic import op

from geo_service.storage import contents
from geo_service.storage.migrations.parts import boolean, choice, create_layer, drop_layers, reference, text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    contents.make_geopackage(op.get_bind())
    create_layer(
        "area",
        "MULTIPOLYGON",
        text("name", 100, required=True),
        choice("level", "city", "district", "street", "community", "quarter", required=True),
        reference("parent_id", "area"),
        boolean("is_pilot"),
        boolean("is_abandoned"),
        choice("closure", "closed", "open", "unknown"),
        in_grids=False,
    )
    create_layer(
        "grid",
        "MULTIPOLYGON",
        text("name", 100),
        choice("kind", "governance", "unit", "department", required=True),
        choice("subkind", "general", "dedicated"),
        text("department", 50),
        text("leader_name", 50),
        text("worker_names", 200),
    )


def downgrade() -> None:
    """Drop the tables."""
    drop_layers("grid", "area")
    contents.unmake_geopackage(op.get_bind())
