"""What a person sees on the map as a sheet: the part of the ground in view, and the figures as the page reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL
from geo_service.cartography.print_map import Drawn
from geo_service.cartography.styles import STATE_SYMBOLS, STATE_VALUES
from geo_service.domain.bands import BANDS
from geo_service.domain.layers import LAYERS
from geo_service.foundation.errors import InvalidInput
from geo_service.foundation.texts import listed, text
from geo_service.services import runs
from geo_service.services.context import Context
from geo_service.services.headlines import Share, bands_first, first_rows, share_told
from geo_service.services.print_ground import PRINTABLE, Ground, Painted
from geo_service.services.tiles import RunHomes
from geo_service.services.told import sees_exact
from geo_service.storage.frames import read_frame

SERVED: Final = "served"  # the ages the category is there for
BASES: Final = ("people", "buildings")
_WIDEST_DEGREES: Final = 1.0
_SMALLEST_FOR_SINGLE: Final = 25_000.0  # one to; on smaller scales single things would be one blot
_SINGLE: Final = ("buildings", "entrances", "gates", "households")
_KEYS: Final = ("level", "code", "category", "band")


@dataclass(frozen=True)
class View:
    """The view of a map page.

    Attributes
    ----------
    bbox
        West, south, east, north in degrees.
    band
        Age band whose people the shares are of, ``all``, or ``served``: the ages the category is there for.
    basis
        Shares of ``people`` or of ``buildings``; of buildings where people are not known.
    if_closed
        Whether what is not known to be closed counts as closed.
    by_building
        Buildings in the colour of their state in place of areas in that of their share.
    """

    bbox: tuple[float, float, float, float]
    band: str = SERVED
    basis: str = "people"
    if_closed: bool = False
    by_building: bool = False

    def __post_init__(self) -> None:
        """Check; InvalidInput ``print_view_wide``, ``print_view_band``, ``print_view_basis``."""
        west, south, east, north = self.bbox
        if not (0 < east - west <= _WIDEST_DEGREES and 0 < north - south <= _WIDEST_DEGREES):
            raise InvalidInput("print_view_wide")
        if self.band not in (SERVED, ALL, *BANDS):
            raise InvalidInput("print_view_band", band=self.band[:40], known=", ".join((SERVED, ALL, *BANDS)))
        if self.basis not in BASES:
            raise InvalidInput("print_view_basis", basis=self.basis[:40], known=", ".join(BASES))


def split_layers(layers: Sequence[str], scale: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of the shown layers a sheet of this scale draws and which it leaves out, as it then says."""
    can = tuple(name for name in layers if name in PRINTABLE and not (name in _SINGLE and scale > _SMALLEST_FOR_SINGLE))
    return can, tuple(name for name in layers if name not in can and name in LAYERS)


def shares(result: Mapping[str, Any], category: str, view: View) -> dict[str, Share]:
    """Return the share covered of each area or grid of a told coverage result by code, as it is told."""
    rows = [row for row in _as_read(result, view.if_closed) if row["category"] == category]
    own = first_rows(rows) if view.band == SERVED else [row for row in rows if row["band"] == view.band]
    return {row["code"]: share_told(row, _basis(result, view)) for row in own}


def _as_read(result: Mapping[str, Any], if_closed: bool) -> list[Mapping[str, Any]]:
    """Return the rows of a result, those that are otherwise if closed in place of what they were."""
    others = result.get("if_closed") if if_closed else None
    changed = {tuple(row[key] for key in _KEYS): row for row in (others or {}).get("rows", ())}
    return [changed.get(tuple(row[key] for key in _KEYS), row) for row in result["rows"]]


def _basis(result: Mapping[str, Any], view: View) -> str:
    return "buildings" if result["people_basis"] == "no_data" else view.basis


def home_states(conn: Connection, ctx: Context, ground: Ground, uid: str, category: str) -> list[Painted]:
    """Return the homes of a coverage run in the colours of their states, as far as the actor may know them as homes."""
    homes = RunHomes.of(runs.run_homes(conn, ctx, uid))
    rows = read_frame(conn, LAYERS["buildings"], ["id"], bbox=ground.box)
    ids = rows["id"].to_numpy(np.int64)
    told = homes.properties(ids) if sees_exact(ctx) else homes.told_properties(ids)
    values = np.array([one.get(f"s_{category}", -1) for one in told], int)
    shapes = ground.plane.geometries_to_metric(rows.geometry.to_numpy())
    made = []
    for state, symbol in STATE_SYMBOLS.items():
        own = values == STATE_VALUES[state]
        if own.any():
            made.append(Painted("states", "Polygon", Drawn(symbol, shapes[own], text(f"state.{state}", ctx.lang))))
    return made


def facts(ctx: Context, result: Mapping[str, Any], category: str, view: View) -> list[list[str]]:
    """Return how the page reads the figures, as lines of label and value."""
    if view.by_building:
        return []
    bands = bands_first(category) if view.band == SERVED else (view.band,)
    said = [
        ("print.fact_band", listed((text(f"band.{band}", ctx.lang) for band in bands), ctx.lang)),
        ("print.fact_basis", text(f"print.fact_by_{_basis(result, view)}", ctx.lang)),
    ]
    if view.if_closed and result.get("if_closed"):
        said.append(("print.fact_reading", text("print.fact_if_closed", ctx.lang)))
    return [[text(key, ctx.lang), words] for key, words in said]


def area_names(conn: Connection, ground: Ground, most: int = 3) -> list[str]:
    """Return the names of the communities of which most lies in view, the largest part first."""
    rows = read_frame(conn, LAYERS["areas"], ["code", "name"], where={"level": "community"}, bbox=ground.box)
    clip = shapely.box(*ground.box)
    parts = shapely.area(shapely.intersection(rows.geometry.to_numpy(), clip))
    names = [str(name or code) for name, code in zip(rows["name"], rows["code"], strict=True)]
    order = sorted(range(len(names)), key=lambda place: (-parts[place], names[place]))
    return [names[place] for place in order if parts[place] > 0][:most]
