"""Which column of a foreign table is which field of ours."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo_service.domain.fields import Layer
from geo_service.domain.labels import field_label
from geo_service.foundation.errors import FileFault, InvalidInput

LON: Final = "lon"
LAT: Final = "lat"
WKT: Final = "wkt"
_PLACES: Final = {
    LON: ("lon", "lng", "long", "longitude", "x", "经度", "easting", "东坐标", "坐标x", "point_x"),
    LAT: ("lat", "latitude", "y", "纬度", "northing", "北坐标", "坐标y", "point_y"),
    WKT: ("wkt", "geometry", "geom", "the_geom", "shape", "几何", "几何图形"),
}
_CODE: Final = ("code", "编码", "代码", "编号")
_WEAK_CODE: Final = ("id", "osm_id", "fid", "objectid")
_COMMON: Final = ("source", "licence")
_COMMON_ZH: Final = ("数据来源", "数据许可")
_COMPUTED: Final = frozenset("uid area_code grid_code created_at created_by updated_at updated_by version".split())
_DBF_NAME: Final = 10  # a Shapefile cuts column names here


@dataclass(frozen=True)
class Columns:
    """Where things stand in a table.

    Attributes
    ----------
    code
        Position of the code, None if the table has none.
    places
        ``lon``, ``lat``, ``wkt`` → position.
    fields
        Field key → position.
    common
        ``source``, ``licence`` → position.
    ignored
        Names of columns that mean nothing to us, or that the service computes itself.
    """

    code: int | None
    places: dict[str, int]
    fields: dict[str, int]
    common: dict[str, int]
    ignored: tuple[str, ...]


def columns_of(path: Path, layer: Layer, names: Sequence[str], given: Mapping[str, str]) -> Columns:
    """Return what the columns of a table mean for ``layer``.

    Columns named like our fields (key, name, Chinese or English label; case, spaces and width do not matter; names
    a Shapefile has cut after ten characters) map themselves; ``given`` (column → field, ``code``, ``lon``,
    ``lat``, ``wkt``) comes first.

    Raises
    ------
    InvalidInput
        ``map_column_unknown``, ``map_field_unknown``.
    FileFault
        ``columns_same_field`` (two columns for one field).
    """
    targets = _targets(layer)
    by_name = {target: target for target in (*targets.values(), LON, LAT, WKT)}
    found: dict[str, int] = {}
    for column, wanted in given.items():
        if column not in names:
            raise InvalidInput("map_column_unknown", column=column, known=", ".join(filter(None, names)))
        target = by_name.get(wanted) or targets.get(_folded(wanted))
        if target is None:
            known = ", ".join(dict.fromkeys((*targets.values(), LON, LAT, WKT)))
            raise InvalidInput("map_field_unknown", field=wanted, layer=layer.name, known=known)
        _put(path, found, target, names.index(column), names)
    ignored = []
    weak = [place for place, name in enumerate(names) if _folded(name) in _WEAK_CODE]
    for place, name in enumerate(names):
        if name in given or not name:
            continue
        target = _target(name, targets)
        if target is not None:
            _put(path, found, target, place, names)
        elif place not in weak:
            ignored.append(name)
    if "code" not in found and weak:
        found["code"] = weak.pop(0)
    ignored += [names[place] for place in weak if names[place] not in given]
    fields = {field.key for field in layer.fields}
    return Columns(
        found.get("code"),
        {key: place for key, place in found.items() if key in _PLACES},
        {key: place for key, place in found.items() if key in fields},
        {key: place for key, place in found.items() if key in _COMMON},
        tuple(ignored),
    )


def _targets(layer: Layer) -> dict[str, str]:
    """Return folded name → target of everything a column of ``layer`` may be called."""
    targets: dict[str, str] = {}
    for target, names in _PLACES.items():
        targets.update(dict.fromkeys(names, target))
    for field in layer.fields:
        if field.kind == "bytes":
            continue
        for name in (*field_label(field).values(), field.name, field.key):
            targets[_folded(name)] = field.key
            targets[_folded(_bare(name))] = field.key
    for name in _CODE:
        targets.setdefault(name, "code")
    return targets | dict(zip(_COMMON, _COMMON, strict=True)) | dict(zip(_COMMON_ZH, _COMMON, strict=True))


def _target(name: str, targets: Mapping[str, str]) -> str | None:
    folded = _folded(name)
    if folded in _COMPUTED:
        return None
    exact = targets.get(folded) or targets.get(_folded(_bare(name)))
    if exact or len(folded) != _DBF_NAME:
        return exact
    cut = {target for written, target in targets.items() if written.startswith(folded)}
    return cut.pop() if len(cut) == 1 else None


def _put(path: Path, found: dict[str, int], target: str, place: int, names: Sequence[str]) -> None:
    if target in found:
        raise FileFault(
            "columns_same_field", file=str(path), field=target, first=names[found[target]], second=names[place]
        )
    found[target] = place


def _bare(name: str) -> str:
    """Return a name without its unit in brackets."""
    return name.replace("（", "(").split("(", maxsplit=1)[0]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold().replace(" ", "_").strip("_")
