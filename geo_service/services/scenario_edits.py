"""What the edits of a what-if name, found in the data: facilities, gates, the places where paths meet streets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.increments import Feet, Path, Streets
from geo_service.analysis.snapping import Snaps
from geo_service.analysis.stepping import snap_places
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.layers import LAYERS
from geo_service.domain.scenarios import PUBLIC, Edit
from geo_service.foundation.crs import geodesic_lengths_m
from geo_service.foundation.errors import Conflict, InvalidInput, NotFound
from geo_service.services.facilities import EVERYBODY, Targets
from geo_service.services.networks import assign
from geo_service.services.scenario_ground import Ground
from geo_service.storage import rows

Floats = npt.NDArray[np.float64]
JOIN_M: Final = 30.0  # how far from a street a new path may end, or a cut be drawn
Position = tuple[float, float]


@dataclass(frozen=True)
class Added:
    """A facility that was not there: where one goes in, whether it decides, whom it admits."""

    places: tuple[Position, ...]
    bands: frozenset[str] | None = None
    admits_area: int = EVERYBODY
    verified: bool = True


@dataclass(frozen=True)
class Roads:
    """Paths added to and cuts made in one network."""

    paths: tuple[Path, ...] = ()
    cuts: Feet | None = None


def check_known(conn: Connection, edits: Sequence[Edit]) -> None:
    """Raise unless every facility and gate that edits name is there, and no gate is open to everyone already.

    InvalidInput ``scenario_facility_unknown``, ``scenario_gate_unknown``; Conflict ``scenario_gate_open``.
    """
    for edit in edits:
        if edit.facility is not None:
            _named(conn, "facilities", edit.facility, "scenario_facility_unknown")
        if edit.gate is not None:
            gate = _named(conn, "gates", edit.gate, "scenario_gate_unknown")
            if gate["passes"] == "everyone":
                raise Conflict("scenario_gate_open", gate=edit.gate)


def check_counted(conn: Connection, edits: Sequence[Edit], targets: Targets, categories: Sequence[str]) -> None:
    """Raise InvalidInput ``scenario_facility_not_open`` for edits of a facility that is not open (or has no place).

    ``targets`` are those of ``categories``; facilities of others change nothing that is asked.
    """
    there = set(targets.code.tolist())
    for edit in edits:
        if edit.facility is not None and edit.facility not in there:
            row = _named(conn, "facilities", edit.facility, "scenario_facility_unknown")
            if row["category"] in categories:
                raise InvalidInput("scenario_facility_not_open", facility=edit.facility, state=row["opening_state"])


def categories_of(conn: Connection, edits: Sequence[Edit]) -> frozenset[str]:
    """Return the categories of the facilities that edits add or name; InvalidInput ``scenario_facility_unknown``.

    Gates, paths and homes are of none.
    """
    named = sorted({edit.facility for edit in edits if edit.facility is not None})
    found = {_named(conn, "facilities", code, "scenario_facility_unknown")["category"] for code in named}
    return frozenset(found | {edit.category for edit in edits if edit.category is not None})


def removed(edits: Sequence[Edit]) -> frozenset[str]:
    """Return the codes of the facilities that are not where, or not for whom, they were."""
    kinds = ("facility_close", "facility_move", "facility_share")
    return frozenset(str(edit.facility) for edit in edits if edit.edit in kinds)


def admitted(edit: Edit) -> frozenset[str] | None:
    """Return the age bands a new facility admits: those said, else those its category is there for; None: everybody."""
    if edit.bands or edit.admits == PUBLIC or edit.category is None:
        return frozenset(edit.bands) or None
    return frozenset(concerned_bands(edit.category)) or None


def added(edits: Sequence[Edit], targets: Targets, category: str) -> list[Added]:
    """Return the facilities of a category that are new, or new in their place or to the public."""
    found = [
        Added((edit.position,), admitted(edit))
        for edit in edits
        if edit.edit == "facility_add" and edit.category == category and edit.position is not None
    ]
    place = {code: number for number, code in enumerate(targets.code.tolist())}
    closed = {edit.facility for edit in edits if edit.edit == "facility_close"}
    named = {edit.facility for edit in edits if edit.edit in ("facility_move", "facility_share")} - closed
    for code in sorted(named & place.keys(), key=str):
        number = place[code]
        moved = next((e.position for e in edits if e.facility == code and e.edit == "facility_move"), None)
        shared = any(e.facility == code and e.edit == "facility_share" for e in edits)
        doors = np.flatnonzero(targets.place_owner == number)
        places = [(float(targets.place_lon[one]), float(targets.place_lat[one])) for one in doors]
        found.append(
            Added(
                tuple(places) if moved is None else (moved,),
                None if shared else targets.bands[number],
                EVERYBODY if shared else int(targets.admits_area[number]),
                bool(targets.verified[number]),
            )
        )
    return found


def roads(ground: Ground, edits: Sequence[Edit], *, step_free: bool) -> list[Roads]:
    """Return the paths and cuts on each network for those who use steps, or who do not.

    Raises InvalidInput ``scenario_path_off``, ``scenario_cut_off`` where no street is within :data:`JOIN_M`,
    ``scenario_path_between_networks``, ``scenario_path_through_wall``.
    """
    paved = ground.footings[step_free].paved
    paths: list[list[Path]] = [[] for _ in ground.networks]
    cuts: list[list[Feet]] = [[] for _ in ground.networks]
    for edit in edits:
        if edit.edit == "path_cut" and edit.position is not None:
            number, snaps = _joined(ground, [edit.position], "scenario_cut_off")
            for one in _with_twins(ground, number, snaps):
                feet = _feet(paved[number], one)
                if feet.chain[0] >= 0:  # else nobody who walks so walks there anyway
                    cuts[number].append(feet)
        elif edit.edit == "path_add" and (edit.step_free or not step_free):
            number, snaps = _joined(ground, [edit.line[0], edit.line[-1]], "scenario_path_off")
            _refuse_walls(ground, number, snaps, edit)
            lon, lat = np.array(edit.line).T
            metres = float(geodesic_lengths_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum() + snaps.leg_m.sum())
            for one in _with_twins(ground, number, snaps):
                paths[number].append(Path(_feet(paved[number], one), metres))
    return [
        Roads(tuple(one), Feet.together(two) if two else None) for one, two in zip(paths, cuts, strict=True)
    ]  # fmt: skip


def _joined(ground: Ground, positions: Sequence[Position], refusal: str) -> tuple[int, Snaps]:
    lon, lat = np.array(positions, float).T
    at = assign(ground.networks, lon, lat)
    if len(set(at.tolist())) > 1:
        raise InvalidInput("scenario_path_between_networks", lon=lon[0], lat=lat[0])
    streets = ground.networks[int(at[0])]
    snaps = snap_places(streets.network, *streets.frame.to_metric(lon, lat), JOIN_M)
    for place in np.flatnonzero(~snaps.snapped)[:1]:
        raise InvalidInput(refusal, lon=float(lon[place]), lat=float(lat[place]), reach_m=JOIN_M)
    return int(at[0]), snaps


def _feet(streets: Streets, snaps: Snaps) -> Feet:
    feet = Feet.of(streets.chains, snaps)
    return feet.with_legs(np.zeros(len(feet)))


def _with_twins(ground: Ground, number: int, snaps: Snaps) -> list[Snaps]:
    """Return the snaps, and where they are on streets of a closed quarter, those on its residents' twins."""
    enclosed = ground.networks[number].network.enclosed
    if enclosed is None or not (enclosed.edge_twin[snaps.edge] >= 0).all():
        return [snaps]
    return [snaps, replace(snaps, edge=enclosed.edge_twin[snaps.edge])]


def _refuse_walls(ground: Ground, number: int, snaps: Snaps, edit: Edit) -> None:
    """Refuse a path from inside a closed quarter to the outside: a gate is opened instead."""
    enclosed = ground.networks[number].network.enclosed
    if enclosed is None:
        return
    inside = enclosed.edge_compound[snaps.edge]
    if inside[0] != inside[1]:
        quarter = str(enclosed.compound_code[int(inside.max())])
        raise InvalidInput(
            "scenario_path_through_wall", lon=edit.line[0][0], lat=edit.line[0][1], quarter=quarter
        )  # fmt: skip


def _named(conn: Connection, layer: str, code: str, refusal: str) -> dict[str, Any]:
    """Return a row that edits name by its code."""
    try:
        row = rows.get(conn, LAYERS[layer], code)
    except NotFound:
        row = {}
    if row.get("code") != code or row.get("retired_at") is not None:
        raise InvalidInput(refusal, code=code)
    return row
