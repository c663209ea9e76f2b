"""Personal columns hold sealed texts: no rule on their length any more. Their values are sealed after the migration.

The service's key is no business of a migration: `db upgrade` seals what is still plain in a transaction of its own,
and until then plain values are read as they are.
"""

import sqlalchemy as sa
from alembic import op

from geo_service.foundation.errors import StoreFault
from geo_service.storage import contents
from geo_service.storage.migrations.parts import BIG, TEXT, plain

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# table → column, shortest, longest
_PERSONAL = {
    "grid": (("leader_name", 0, 50), ("worker_names", 0, 200)),
    "household": (("head_name", 0, 50), ("phone", 0, 30)),
    "adoption": (("adopter_name", 1, 100),),
    "project": (("responsible_person", 0, 50),),
    "case": (("reporter_name", 0, 50), ("reporter_phone", 0, 30)),
}


def _create_erasure(*subject: sa.schema.SchemaItem) -> None:
    op.create_table(
        "erasure",
        sa.Column("id", BIG, primary_key=True),
        *plain("layer", required=True),
        *subject,
        *(item for name in ("at", "actor", "reason") for item in plain(name, required=True)),
    )


def upgrade() -> None:
    """Drop the rules; a person may be erased more than once, each time with another key."""
    op.drop_table("erasure")  # until now nothing wrote it
    _create_erasure(sa.Column("subject_uid", TEXT, nullable=False, index=True), *plain("key_id"))
    for table, columns in _PERSONAL.items():
        with contents.rebuilt(op.get_bind(), op, table) as batch:
            for name, _, _ in columns:
                batch.drop_constraint(op.f(f"ck_{table}_{name}_length"), type_="check")


def downgrade() -> None:
    """Put the rules back; StoreFault ``store_sealed`` where values are sealed."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM person_key LIMIT 1")).first():
        raise StoreFault("store_sealed")
    op.drop_table("erasure")
    _create_erasure(sa.Column("subject_uid", TEXT, nullable=False, unique=True))
    for table, columns in _PERSONAL.items():
        with contents.rebuilt(op.get_bind(), op, table) as batch:
            for name, shortest, longest in columns:
                rule = f'length("{name}") BETWEEN {shortest} AND {longest}'
                batch.create_check_constraint(op.f(f"ck_{table}_{name}_length"), sa.text(rule))
