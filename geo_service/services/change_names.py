"""What gates and crossings that are proposed are called among people: by names, not by codes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import shapely
from sqlalchemy import Connection

from geo_service.domain.layers import LAYERS
from geo_service.services.candidates import Candidate
from geo_service.storage.frames import read_frame

_LAYERS: Final = {"gate": "gates", "crossing": "barriers"}
_NEAR_DEGREES: Final = 0.0004  # some 40 m: the end of a crossing stands on its street
_TOUCHES_DEGREES: Final = 0.00005  # some 5 m


def named_changes(conn: Connection, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates, gates and proposed crossings with their names where the store has any.

    A crossing is named by its barrier and the streets it joins: ``barrier · street–street``, as much as is known.
    """
    wanted = [one for one in candidates if one.name is None and one.kind in _LAYERS]
    named: dict[str, dict[str, str]] = {}
    for kind, layer in _LAYERS.items():
        codes = sorted({_thing(one) for one in wanted if one.kind == kind})
        columns = ["code", "name"]
        frame = read_frame(conn, LAYERS[layer], columns, geometry=False, where={"code": codes}) if codes else None
        rows = [] if frame is None else frame.to_numpy().tolist()
        named[kind] = {code: name for code, name in rows if isinstance(name, str) and name}
    made = []
    for one in candidates:
        name = named.get(one.kind, {}).get(_thing(one)) if one.name is None else one.name
        if one.kind == "crossing" and one.name is None and one.line is not None:
            streets = [street_near(conn, *one.line[end], within=_TOUCHES_DEGREES) for end in (0, -1)]
            joined = "–".join(dict.fromkeys(street for street in streets if street))
            name = " · ".join(part for part in (name, joined) if part) or None
        made.append(replace(one, name=name))
    return made


def name_of(conn: Connection, cure: Mapping[str, Any] | None) -> str | None:
    """Return the name of the gate or barrier a cure is about, None where it has none."""
    if cure is None:
        return None
    frame = read_frame(conn, LAYERS[_LAYERS[cure["kind"]]], ["name"], geometry=False, where={"code": cure["code"]})
    names = [name for name in frame["name"] if isinstance(name, str) and name]
    return names[0] if names else None


def _thing(one: Candidate) -> str:
    """Return the code of the gate, or of the barrier: the part of a crossing's code before its place."""
    return one.code.split("@")[0] if one.kind == "crossing" else one.code


def street_near(conn: Connection, lon: float, lat: float, *, within: float = _NEAR_DEGREES) -> str | None:
    """Return the name of the nearest street with a name within some degrees of a place, some 40 m if not said."""
    box = (lon - _NEAR_DEGREES, lat - _NEAR_DEGREES, lon + _NEAR_DEGREES, lat + _NEAR_DEGREES)
    frame = read_frame(conn, LAYERS["ways"], ["name"], bbox=box)
    frame = frame[[isinstance(name, str) and bool(name) for name in frame["name"]]]
    if frame.empty:
        return None
    away = shapely.distance(frame.geometry.to_numpy(), shapely.Point(lon, lat))
    nearest = int(away.argmin())
    return str(frame["name"].iloc[nearest]) if away[nearest] <= within else None
