"""Which rows in use point to a row: those that would point to nothing in use if it were retired."""

from collections.abc import Mapping

import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.storage.tables import TABLES


def count_referring(connection: sa.Connection, layer: Layer, row_id: int) -> Mapping[str, int]:
    """Return how many rows in use of each layer (by name) name this row, layers without any left out.

    Where a row lies (its area and grid) is worked out and no such name.
    """
    found: dict[str, int] = {}
    for other in LAYERS.values():
        table = TABLES[other.name]
        naming = [table.c[field.column] == row_id for field in other.fields if field.refers_to == layer.name]
        if naming:
            counted = sa.select(sa.func.count()).select_from(table)
            count = connection.execute(counted.where(table.c.retired_at.is_(None), sa.or_(*naming))).scalar_one()
            if count:
                found[other.name] = int(count)
    return found
