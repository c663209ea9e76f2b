"""Where one row about to be written lies, by table column."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.rights import ABOUT_AREAS
from geo_service.storage.places import place_rows
from geo_service.storage.tables import TABLES


def placed(connection: sa.Connection, layer: Layer, geometry: Any, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the place of one row by table column."""
    by_register = {name: [raw[name]] for name in ("registered_area_id", "registered_grid_id") if name in raw}
    found = place_rows(connection, layer, np.array([geometry], dtype=object), by_register)
    return {name: values[0] for name, values in found.items()}


def about(layer: Layer, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the place of a row about an area by table column: that area."""
    column = f"{ABOUT_AREAS.get(layer.name)}_id"
    return {"area_id": raw[column]} if column in raw else {}


def registered(connection: sa.Connection, layer: Layer, row_id: int) -> dict[str, Any]:
    """Return the place a stored building has by its address register, by table column; nothing for other layers."""
    if layer.name != "buildings":
        return {}
    table = TABLES["buildings"]
    chosen = sa.select(table.c.registered_area_id, table.c.registered_grid_id).where(table.c.id == row_id)
    return dict(connection.execute(chosen).mappings().one())
