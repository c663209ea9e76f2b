"""Triggers that keep rows from being changed: history and audit only grow, runs are frozen."""

import sqlalchemy as sa


def forbid_changes(connection: sa.Connection, table: str, *, deleting: bool = True) -> None:
    """Make the store refuse UPDATE (and DELETE) of a table's rows with ``append_only``."""
    events = ("UPDATE", "DELETE") if deleting else ("UPDATE",)
    if connection.dialect.name == "sqlite":
        for event in events:
            connection.exec_driver_sql(
                f'CREATE TRIGGER "{table}_no_{event.lower()}" BEFORE {event} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'append_only'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append_only'; END $$"
    )
    connection.exec_driver_sql(
        f'CREATE TRIGGER "{table}_append_only" BEFORE {" OR ".join(events)} ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def drop_guard_function(connection: sa.Connection) -> None:
    """Drop the trigger function once no table uses it; nothing on the embedded store."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_change()")
