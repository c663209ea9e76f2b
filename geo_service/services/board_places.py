"""Where a board looks: everything, an area or a grid, and what lies below it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import shapely

from geo_service.domain.areas import LEVELS
from geo_service.domain.labels import label
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.services.homes import Areas, read_areas
from geo_service.services.rights import may
from geo_service.storage.frames import read_frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

GRID: Final = "grid"
DRILLED: Final = (*LEVELS[: LEVELS.index("community") + 1], GRID)  # quarters lie across: no step of the drill-down


@dataclass(frozen=True)
class Place:
    """An area or a grid: the layer it is a row of, code, name, level; west, south, east, north in degrees."""

    layer: str
    code: str
    name: str | None
    level: str
    bounds: tuple[float, float, float, float] | None

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "layer": self.layer,
            "code": self.code,
            "name": self.name,
            "level": self.level,
            "level_label": label(f"level.{self.level}"),
            "bounds": None if self.bounds is None else list(self.bounds),
        }


@dataclass(frozen=True)
class Scope:
    """What a board looks at.

    Attributes
    ----------
    path
        From the highest area down to the one looked at; empty for everything.
    areas, grids
        Codes of all areas and governance grids in it, None for everything there is.
    levels
        Levels its parts can be listed by, the largest first.
    by, parts
        The level they are listed by, and they themselves, in order of their codes.
    """

    path: tuple[Place, ...]
    areas: frozenset[str] | None
    grids: frozenset[str] | None
    levels: tuple[str, ...]
    by: str | None
    parts: tuple[Place, ...]

    @property
    def place(self) -> Place | None:
        """The area or grid looked at, None for everything."""
        return self.path[-1] if self.path else None

    def holds(self, areas: list[str] | tuple[str | None, ...], grids: list[str] | tuple[str | None, ...]) -> bool:
        """Whether something that lies in these areas and grids lies in here, wholly or in part."""
        if self.areas is None or self.grids is None:
            return True
        if self.place is not None and self.place.layer == "grids":
            return any(code in self.grids for code in grids)
        return any(code in self.areas for code in areas)


def find_scope(conn: "Connection", ctx: Context, code: str | None, by: str | None) -> Scope:
    """Return what a board of the area or grid with ``code`` looks at, None for everything.

    ``by`` is the level to list by, None for the next one that has several parts.
    Raises NotFound ``row_unknown``; InvalidInput ``board_level_unknown``.
    """
    may(ctx.actor, "read_runs")
    areas = read_areas(conn)
    grids = read_frame(conn, LAYERS["grids"], ["code", "name", "area_code"], where={"kind": "governance"})
    if code is not None and code in set(grids["code"]):
        return _of_grid(conn, areas, grids, code, by)
    named = {str(row.code): int(row.id) for row in areas.frame.itertuples()}
    if code is not None and code not in named:
        raise NotFound("row_unknown", layer="areas", ident=code[:64])
    ident = None if code is None else named[code]
    chain = [] if ident is None else [*dict.fromkeys([*_chain(areas, ident), ident])]
    own_level = None if ident is None else _level(areas, ident)
    inside = areas.frame
    if ident is not None and own_level is not None:
        above = areas.at_level[own_level]
        inside = areas.frame[[above.get(int(one)) == ident for one in areas.frame["id"]]]
    codes = frozenset(map(str, inside["code"]))
    mine = grids if ident is None else grids[[one in codes for one in grids["area_code"]]]
    start = 0 if own_level not in DRILLED else DRILLED.index(str(own_level)) + 1
    present = set(inside["level"]) | ({GRID} if len(mine) else set())
    levels = tuple(level for level in DRILLED[start:] if level in present)
    sizes = {level: len(mine) if level == GRID else int((inside["level"] == level).sum()) for level in levels}
    chosen = _chosen(by, levels, sizes)
    bounds = _bounds(conn)
    if chosen == GRID:
        parts = _grids(mine)
    else:
        rows = inside[inside["level"] == chosen]
        parts = tuple(_area(row, bounds) for row in rows.itertuples())
    path = tuple(_area(row, bounds) for one in chain for row in areas.frame[areas.frame["id"] == one].itertuples())
    everything = ident is None
    return Scope(
        path,
        None if everything else codes,
        None if everything else frozenset(map(str, mine["code"])),
        levels,
        chosen,
        parts,
    )


def _of_grid(conn: "Connection", areas: Areas, grids: Any, code: str, by: str | None) -> Scope:
    mine = grids[grids["code"] == code]
    home = mine["area_code"].iloc[0]
    found = areas.frame[areas.frame["code"] == home]
    bounds = _bounds(conn)
    chain = _chain(areas, int(found["id"].iloc[0])) if len(found) else []
    path = tuple(_area(row, bounds) for one in chain for row in areas.frame[areas.frame["id"] == one].itertuples())
    _chosen(by, (), {})
    return Scope((*path, *_grids(mine)), frozenset(), frozenset({code}), (), None, ())


def _chosen(by: str | None, levels: tuple[str, ...], sizes: dict[str, int]) -> str | None:
    if by is not None and by not in DRILLED:
        raise InvalidInput("board_level_unknown", level=by[:40], known=", ".join(DRILLED))
    if by in levels:
        return by
    return next((level for level in levels if sizes[level] > 1), levels[-1] if levels else None)


def _chain(areas: Areas, ident: int) -> list[int]:
    """Return the ids of the areas above one, the highest first, and its own; a quarter is no step of the way."""
    above = [areas.at_level[level].get(ident) for level in DRILLED if level != GRID]
    return [one for one in dict.fromkeys(above) if one is not None]


def _level(areas: Areas, ident: int) -> str:
    return str(areas.frame.loc[areas.frame["id"] == ident, "level"].iloc[0])


def _bounds(conn: "Connection") -> dict[str, tuple[float, float, float, float]]:
    frame = read_frame(conn, LAYERS["areas"], ["code"])
    return dict(zip(frame["code"], map(_box, frame.geometry), strict=True))


def _area(row: Any, bounds: dict[str, tuple[float, float, float, float]]) -> Place:
    name = row.name if isinstance(row.name, str) else None
    return Place("areas", str(row.code), name, str(row.level), bounds.get(str(row.code)))


def _grids(frame: Any) -> tuple[Place, ...]:
    return tuple(
        Place("grids", str(code), name if isinstance(name, str) else None, GRID, _box(shape))
        for code, name, shape in zip(frame["code"], frame["name"], frame.geometry, strict=True)
    )


def _box(shape: shapely.Geometry) -> tuple[float, float, float, float]:
    west, south, east, north = (round(float(one), 6) for one in shape.bounds)
    return west, south, east, north
