"""Codes that are taken, read so that nobody else takes the next one before this transaction ends."""

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.storage.tables import TABLES
from geo_service.storage.values import is_embedded

_LOCK = 20260300  # and the number of the layer


def hold(connection: sa.Connection, layer: Layer) -> None:
    """Wait until nobody else makes up codes of a layer, and keep others from it until the transaction ends.

    Embedded there is one writer at a time anyhow.
    """
    if not is_embedded(connection):
        number = _LOCK + list(LAYERS).index(layer.name)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (number,))


def beginning_with(connection: sa.Connection, layer: Layer, stem: str) -> list[str]:
    """Return the codes of a layer that begin with ``stem``, retired ones included."""
    code = TABLES[layer.name].c.code
    chosen = sa.select(code).where(sa.func.substr(code, 1, len(stem)) == stem)
    return [str(row[0]) for row in connection.execute(chosen)]
