"""Which migration a store is on, and bringing it to another (Alembic)."""

from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from geo_service.foundation.errors import StoreFault

MIGRATIONS: Final = Path(__file__).with_name("migrations")


def config(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration, on an open connection where one is given."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def head() -> str:
    """Return the revision this service works on."""
    return _scripts().get_current_head() or ""


def current(connection: sa.Connection) -> str | None:
    """Return the revision a store is on, None if it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def check_current(connection: sa.Connection, store: str) -> None:
    """Raise StoreFault ``store_not_ours``, ``store_newer`` or ``store_not_migrated`` unless on the head."""
    found = current(connection)
    if found == head():
        return
    _refuse_strangers(connection, found, store)
    raise StoreFault("store_not_migrated", store=store, found=found or "-", wanted=head())


def migrate(connection: sa.Connection, target: str, store: str) -> None:
    """Run the migrations up or down to ``target`` inside the connection's transaction."""
    found = current(connection)
    _refuse_strangers(connection, found, store)
    order = [script.revision for script in _scripts().walk_revisions()]  # newest first
    wanted = order[0] if target == "head" else target
    if found == wanted:
        return
    is_down = target == "base" or (found is not None and order.index(wanted) > order.index(found))
    (command.downgrade if is_down else command.upgrade)(config(connection), target)


def _refuse_strangers(connection: sa.Connection, found: str | None, store: str) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StoreFault("store_newer", store=store, found=found, wanted=head())
    if (
        found is None
        and connection.dialect.name == "sqlite"
        and set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
    ):
        raise StoreFault("store_not_ours", store=store, reason="other tables")
