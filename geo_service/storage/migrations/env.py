"""Alembic's entry: runs the migrations on the connection (and in the transaction) it is handed."""

from alembic import context

from geo_service.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
