"""Shapes of rows that have none of their own: an adoption has its subject's, a household the middle of its building.

Every writer comes by here (``rows``, ``bulk``), so whatever can be drawn is drawn. A row keeps a shape of its own
until it moves to another owner; one that has its owner's shape follows it when that changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import sqlalchemy as sa

from geo_service.domain.fields import Layer
from geo_service.domain.layers import LAYERS
from geo_service.storage.columns import plain_objects
from geo_service.storage.loading import select_by_code
from geo_service.storage.places import BELONGS, place_rows, set_columns
from geo_service.storage.values import from_column, to_column
from geo_service.storage.versions import raise_version

Shapes = npt.NDArray[np.object_]
_CHUNK: Final = 10_000
_SAME_DEG: Final = 1e-9  # a tenth of a millimetre: sums of coordinates differ in their last digits


def with_owners_shape(
    connection: sa.Connection, layer: Layer, values: Mapping[str, Any], old: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of one row about to be written, with its owner's shape under ``geom`` where it has none.

    ``values`` and ``old`` (the stored row; empty for a new one) hold codes of references and a shapely ``geom``.
    """
    owners = _owners(layer)
    stays = bool(old) and "geom" not in values
    if stays:
        stays = all(values.get(key, old.get(key)) == old.get(key) for key in owners)
    if not owners or stays or values.get("geom") is not None:
        return dict(values)
    for key, owner in owners.items():
        code = values.get(key, old.get(key))
        if code is not None:
            shape = _shapes_of(connection, owner, [str(code)]).get(str(code))
            if shape is not None:
                return {**values, "geom": _derived(layer, np.array([shape], dtype=object))[0]}
    return dict(values)


def frame_with_owners_shapes(
    connection: sa.Connection, layer: Layer, frame: pd.DataFrame, codes: Sequence[str]
) -> pd.DataFrame:
    """Return a frame about to be written by :func:`bulk.upsert` with owners' shapes where it gives none.

    Without a column of shapes, stored rows keep theirs unless the frame moves them to another owner.
    """
    owners = _owners(layer)
    active = getattr(frame, "_geometry_column_name", None) or "geometry"
    is_given = active in frame.columns
    keys = [key for key in owners if key in frame.columns]
    if not owners or not (is_given or keys):
        return frame
    shapes: Shapes = np.full(len(codes), None, dtype=object)
    if is_given:
        shapes[:] = list(frame[active])
    bare = np.flatnonzero(shapely.is_missing(shapes))
    if not len(bare):
        return frame
    stored = _stored(connection, layer, owners, [codes[n] for n in bare.tolist()])
    given = {key: plain_objects(frame[key]) for key in keys}
    wanted: dict[str, dict[int, str]] = {key: {} for key in owners}
    for n in bare.tolist():
        kept = stored.get(codes[n])
        before = kept[0] if kept else dict.fromkeys(owners)
        now = {key: given[key][n] if key in given else before[key] for key in owners}
        if kept and not is_given and now == before and kept[1] is not None:
            shapes[n] = kept[1]
            continue
        for key, code in now.items():
            if code is not None:
                wanted[key][n] = str(code)
    for key, of_row in wanted.items():
        known = _shapes_of(connection, owners[key], sorted(set(of_row.values())))
        rows = [n for n, code in of_row.items() if known.get(code) is not None]
        owned: Shapes = np.full(len(rows), None, dtype=object)
        owned[:] = [known[of_row[n]] for n in rows]
        shapes[rows] = _derived(layer, owned)
    plain = pd.DataFrame(frame.drop(columns=active, errors="ignore"))
    plain["geometry"] = pd.Series(list(shapes), dtype=object, index=plain.index)
    return plain


class Followers:
    """The rows that have exactly the shape of some owners; made before those change, moved after."""

    def __init__(self, connection: sa.Connection, owner: Layer, ids: Sequence[int]) -> None:
        self._connection, self._owner = connection, owner
        self._found = [
            (LAYERS[name], column, self._same(LAYERS[name], column, ids))
            for name, column, noun in BELONGS
            if noun == owner.noun
        ]

    def move(self) -> None:
        """Give them the shapes their owners have now, and the places of those; row versions stay."""
        for layer, column, followers in self._found:
            moved = False
            for part in _parts(followers):
                rows = list(self._pairs(layer, column, f"d.id IN ({part})"))
                shapes = _derived(layer, from_column(self._connection, [row[2] for row in rows]))
                old = from_column(self._connection, [row[1] for row in rows])
                differs = np.flatnonzero(~shapely.equals_exact(shapes, old, _SAME_DEG))
                if len(differs):
                    placed = place_rows(self._connection, layer, shapes[differs], {})
                    values = {"id": [rows[n][0] for n in differs], "geom": to_column(self._connection, shapes[differs])}
                    set_columns(self._connection, layer, {**values, **placed})
                    moved = True
            if moved:
                raise_version(self._connection, layer)

    def _same(self, layer: Layer, column: str, ids: Sequence[int]) -> list[int]:
        found: list[int] = []
        for part in _parts(ids):
            rows = list(self._pairs(layer, column, f"o.id IN ({part})"))
            own = from_column(self._connection, [row[1] for row in rows])
            derived = _derived(layer, from_column(self._connection, [row[2] for row in rows]))
            found += [rows[n][0] for n in np.flatnonzero(shapely.equals_exact(own, derived, _SAME_DEG))]
        return found

    def _pairs(self, layer: Layer, column: str, condition: str) -> Sequence[Any]:
        return self._connection.exec_driver_sql(
            f'SELECT d.id, d.geom, o.geom FROM "{layer.noun}" d JOIN "{self._owner.noun}" o ON o.id = d.{column} '
            f"WHERE {condition} AND d.geom IS NOT NULL AND o.geom IS NOT NULL"
        ).fetchall()


def _owners(layer: Layer) -> dict[str, Layer]:
    """Return the layers a row of ``layer`` may take its shape from, by key of the reference."""
    named = {column.removesuffix("_id") for name, column, _ in BELONGS if name == layer.name}
    return {f.key: LAYERS[f.refers_to] for f in layer.fields if f.refers_to and f.name in named}


def _derived(layer: Layer, shapes: Shapes) -> Shapes:
    """Return owners' shapes as a row of ``layer`` has them: the middle where it is a point."""
    return np.asarray(shapely.centroid(shapes) if layer.geometry == "Point" else shapes, dtype=object)


def _parts(ids: Sequence[int]) -> Iterator[str]:
    for start in range(0, len(ids), _CHUNK):
        yield ", ".join(str(int(row_id)) for row_id in ids[start : start + _CHUNK])


def _shapes_of(connection: sa.Connection, layer: Layer, codes: Sequence[str]) -> dict[str, Any]:
    rows = list(select_by_code(connection, layer, "t.code, t.geom", codes))
    return dict(zip([row[0] for row in rows], from_column(connection, [row[1] for row in rows]), strict=True))


def _stored(
    connection: sa.Connection, layer: Layer, owners: Mapping[str, Layer], codes: Sequence[str]
) -> dict[str, tuple[dict[str, str | None], Any]]:
    """Return codes of owners by key, and shape, of the rows with these codes that are stored already."""
    code_of = ", ".join(
        f'(SELECT o.code FROM "{owner.noun}" o WHERE o.id = t.{key.removesuffix("_code")}_id)'
        for key, owner in owners.items()
    )
    rows = list(select_by_code(connection, layer, f"t.code, t.geom, {code_of}", codes))
    shapes = from_column(connection, [row[1] for row in rows])
    return {row[0]: (dict(zip(owners, row[2:], strict=True)), shape) for row, shape in zip(rows, shapes, strict=True)}
