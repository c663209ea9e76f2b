"""Holders of frontages are sealed like other names; a table for what the store keeps about itself.

Values are sealed after the migration, as those of 0009. History can only be changed where no line of the audit vouches
for it: in stores of 0.1, whose history has the holders in plain.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from geo_service.foundation.errors import StoreFault
from geo_service.storage import contents
from geo_service.storage.migrations.guards import forbid_changes
from geo_service.storage.migrations.parts import TEXT, plain

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_WITHHELD = "***"


def upgrade() -> None:
    """Drop the rule on the length of holders, take them out of old history, make the table."""
    op.create_table("own_value", sa.Column("name", TEXT, primary_key=True), *plain("value", required=True))
    with contents.rebuilt(op.get_bind(), op, "frontage") as batch:
        batch.drop_constraint(op.f("ck_frontage_holder_name_length"), type_="check")
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT 1 FROM audit LIMIT 1")).first() is None:
        _withhold_holders(connection)


def _withhold_holders(connection: sa.Connection) -> None:
    chosen = sa.text('SELECT id, "before", "after" FROM history WHERE layer = \'frontages\'')
    lines = [
        {"number": row[0], "before": _withheld(row[1]), "after": _withheld(row[2])}
        for row in connection.execute(chosen).fetchall()
        if any(part is not None and "holder_name" in part for part in row[1:])
    ]
    if not lines:
        return
    embedded = connection.dialect.name == "sqlite"
    for trigger in ("history_no_update", "history_no_delete") if embedded else ("history_append_only",):
        connection.exec_driver_sql(f'DROP TRIGGER "{trigger}"' + ("" if embedded else " ON history"))
    connection.execute(sa.text('UPDATE history SET "before" = :before, "after" = :after WHERE id = :number'), lines)
    forbid_changes(connection, "history")


def _withheld(part: str | None) -> str | None:
    if part is None:
        return None
    values: dict[str, Any] = json.loads(part)
    if values.get("holder_name"):
        values["holder_name"] = _WITHHELD
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def downgrade() -> None:
    """Put the rule back; StoreFault ``store_sealed`` where values are sealed."""
    if op.get_bind().execute(sa.text("SELECT 1 FROM person_key LIMIT 1")).first():
        raise StoreFault("store_sealed")
    with contents.rebuilt(op.get_bind(), op, "frontage") as batch:
        rule = 'length("holder_name") BETWEEN 1 AND 100'
        batch.create_check_constraint(op.f("ck_frontage_holder_name_length"), sa.text(rule))
    op.drop_table("own_value")
