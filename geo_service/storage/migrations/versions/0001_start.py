"""All tables of part 1."""

from alembic import op

from geo_service.domain.layers import LAYERS
from geo_service.storage import contents
from geo_service.storage.migrations.guards import drop_guard_function, forbid_changes
from geo_service.storage.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    bind = op.get_bind()
    contents.make_geopackage(bind)
    metadata.create_all(bind, checkfirst=False)
    for layer in LAYERS.values():
        contents.register_layer(bind, layer.noun, layer.geometry, listed=not layer.personal)
    for table in ("history", "audit"):
        forbid_changes(bind, table)
    for table in ("run", "run_part"):
        forbid_changes(bind, table, deleting=False)


def downgrade() -> None:
    """Drop everything."""
    bind = op.get_bind()
    for layer in LAYERS.values():
        contents.unregister_layer(bind, layer.noun)
    metadata.drop_all(bind, checkfirst=False)
    contents.unmake_geopackage(bind)
    drop_guard_function(bind)
