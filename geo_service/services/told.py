"""What a coverage run tells somebody who may not see households: a second table, of rounded buildings (decision 22)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL, Groups
from geo_service.domain.areas import LEVELS
from geo_service.domain.bands import BANDS
from geo_service.domain.buildings import RESIDENTIAL_USES, UNKNOWN_USE
from geo_service.domain.rights import OwnPlaces, reach_of, visibility
from geo_service.domain.suppression import ROUNDED_TO, Rounded, hidden_cells, rounded_homes, turns
from geo_service.services.ages import by_age
from geo_service.services.context import Context
from geo_service.services.coverage_rows import Answers, Tables, written
from geo_service.services.groups import Division
from geo_service.services.homes import GRID_LEVELS, Areas, Homes, weakest_basis
from geo_service.services.notes import rounded_note
from geo_service.services.row_table import Column, RowTable
from geo_service.services.runs import run_result
from geo_service.storage import own_values
from geo_service.storage import runs as stored
from geo_service.storage.visible import own_places

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
TOLD: Final = "told"  # part of a run: JSON object whose keys replace those of the result
STATES: Final = ("covered", "not_covered", "unknown", "total")
_WALKS: Final = ("mean_m", "p90_m", "mean_s", "p90_s", "reached_share")
_APART: Final = 2.0**24  # keeps the number of homes in a cell apart from the least number of people in one sum
_FIVES_FOR_FEW: Final = 25  # rounded people that are five at least however they are spread


@dataclass(frozen=True)
class Told:
    """Rows and totals as they are told, with the homes and the division they were counted by."""

    rows: RowTable
    totals: RowTable
    homes: Homes
    division: Division


def rounding_salt(conn: Connection, ctx: Context) -> bytes:
    """Return the secret that deals the fives of a home to its age bands: the store's, made at the first need.

    ``conn`` may only read; where there is no secret yet one is made in a transaction of its own.
    """
    found = own_values.rounding_key(conn)
    if found is not None:
        return found
    with ctx.store.writing() as other:
        return own_values.made_rounding_key(other)


def rounded(homes: Homes, salt: bytes) -> Rounded | None:
    """Return the people of homes as they are told, None where nobody's are known."""
    if homes.people is None:
        return None
    bands = {band: one for band, one in homes.people.items() if band != ALL}
    ages = bands | {band: one for band, one in by_age(homes.people).items() if band not in bands}
    return rounded_homes(ages, homes.people[ALL], turns(list(homes.code), salt), everybody=ALL)


def tell(tables: Tables, found: Answers, homes: Homes, areas: Areas, salt: bytes) -> Told:
    """Return the rows of a coverage run as they are told."""
    shown = rounded(homes, salt)
    if shown is not None:
        keep = _keep(homes, shown)
        if not keep.all():
            return tell(_of_homes(tables, keep), found.of_homes(keep), _some(homes, keep), areas, salt)
    people = {} if shown is None else shown.persons
    counts = (tables.rows, tables.totals)
    rows, totals = (written(count(_aged(found, people), people)) for count in counts)
    withheld: list[Flags] = [np.zeros(len(one), bool) for one in (rows, totals)]
    if shown is not None:
        packed = {band: least * _APART + 1.0 for band, least in shown.least.items()}
        aged = _aged(found, packed)
        least = [count(aged, packed, people_only=True) for count in counts]
        hidden = _hidden(rows, totals, least, larger_areas(tables.division, areas))
        withheld = [np.asarray(few.any(axis=1), bool) for few in hidden]
        rows, totals = (_withheld(table, few) for table, few in zip((rows, totals), hidden, strict=True))
    rows, totals = (
        table.with_columns({"withheld": Column.of(few)}) for table, few in zip((rows, totals), withheld, strict=True)
    )
    return Told(rows, totals, homes, tables.division)


def told_homes(homes: Homes, salt: bytes) -> tuple[Homes, Floats | None]:
    """Return homes with their rounded residents, and how many they are at least; None where nobody's are known."""
    shown = rounded(homes, salt)
    if shown is None:
        return homes, None
    keep = _keep(homes, shown)
    return replace(_some(homes, keep), people={ALL: shown.persons[ALL][keep]}), shown.least[ALL][keep]


def told_people(homes: Homes, salt: bytes) -> tuple[npt.NDArray[np.bool_], dict[str, Floats], dict[str, Floats]]:
    """Return which homes are told, their people by band as they are told, and how many these are at least.

    Shapes (h,), people of no band under ``ages.NO_AGE``; no bands where nobody's people are known.
    """
    shown = rounded(homes, salt)
    if shown is None:
        return np.ones(len(homes), bool), {}, {}
    return _keep(homes, shown), shown.persons, shown.least


def sees_exact(ctx: Context) -> bool:
    """Whether the actor may see households everywhere, and so every exact figure."""
    return reach_of(ctx.actor, "read_households") == "all"


def view_of(ctx: Context, versions: Mapping[str, int]) -> str:
    """Return a text equal for all who are told the same of a run's people; ``versions`` are those of the layers."""
    seers = visibility(ctx.actor, ["read_households"])
    return f"{seers}|{versions.get('areas', 0)}|{versions.get('grids', 0)}" if "=own" in seers else seers


def shown_result(conn: Connection, ctx: Context, run: dict[str, Any], *, to_anybody: bool = False) -> dict[str, Any]:
    """Return the result of a run as the actor may see it, or as anybody may (what leaves the service in a file).

    Rows of areas and grids in which the actor may see households are exact, and all for who may see them everywhere;
    the others are rounded, with few people withheld. The keys of the part :data:`TOLD` of a run replace those of
    its result for whoever may not see exact figures.
    """
    result = run_result(run)
    if sees_exact(ctx) and not to_anybody:
        return result
    told: dict[str, Any]
    if TOLD in stored.part_names(conn, run["uid"]):
        told = json.loads(stored.read_part(conn, run["uid"], TOLD))
    else:  # kept before there was one
        told = {name: [_without_people(row) for row in result[name]] for name in ("totals", "rows")}
        told["notes"] = [note for note in result["notes"] if note["key"] != "note.use_unknown"]
    told["notes"] = [*told.get("notes", result["notes"]), rounded_note()]
    if run["kind"] == "coverage" and not to_anybody and reach_of(ctx.actor, "read_households") == "own":
        told["rows"] = _with_own(own_places(conn, ctx.actor), result, told["rows"])
    return {**result, **told, "people_rounded_to": ROUNDED_TO}


def _with_own(own: OwnPlaces, result: dict[str, Any], told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the told rows with those as they are whose homes are all one's own.

    That is so for an assigned governance grid, and for an assigned area and those below it: homes are counted there
    by the same place that gives the right to them. A quarter, a unit grid, or a grid that only lies in an own area
    may hold homes of others: taking one's own from an exact sum would tell theirs.
    """
    by = result["by"]
    mine = own.grids if by == "grid" else frozenset() if by in (*GRID_LEVELS, "quarter") else own.areas
    exact = {(row["category"], row["band"], row["code"]): row for row in result["rows"] if row["code"] in mine}
    return [
        exact[row["category"], row["band"], row["code"]] | {"withheld": False} if row["code"] in mine else row
        for row in told
    ]


def _without_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without anything about people, or homes that are ones by their people."""
    hidden = ("people_", "buildings_", "unknown_", *_WALKS)
    return {key: None if key.startswith(hidden) else value for key, value in row.items()} | {"withheld": True}


def _aged(found: Answers, people: Mapping[str, Floats]) -> Answers:
    """Return the answers with the people of every age replaced, not known where residents are not."""
    if not found.ages:
        return found
    everybody = 0.0 * people[ALL]
    return replace(
        found, ages=[replace(one, persons=np.nan_to_num(people[one.band]) + everybody) for one in found.ages]
    )


def _keep(homes: Homes, shown: Rounded) -> npt.NDArray[np.bool_]:
    """Return which homes are told: a building that is none by its use is one only if its rounded residents show it."""
    return np.asarray(np.isin(homes.use, RESIDENTIAL_USES) | (np.nan_to_num(shown.persons[ALL]) > 0), bool)


def _some(homes: Homes, keep: npt.NDArray[np.bool_]) -> Homes:
    arrays = ("id", "code", "lon", "lat", "basis", "area_id", "quarter_id", "grid_id", "use")
    people = None if homes.people is None else {band: one[keep] for band, one in homes.people.items()}
    return replace(
        homes,
        **{name: getattr(homes, name)[keep] for name in arrays},
        people=people,
        people_basis=weakest_basis(homes.basis[keep]),
        use_unknown_count=homes.use_unknown_count + int((homes.use[~keep] == UNKNOWN_USE).sum()),
    )


def _of_homes(tables: Tables, keep: npt.NDArray[np.bool_]) -> Tables:
    """Return the tables for some of the homes: grid cells and a rest that were there for the others only are not."""
    division = tables.division
    groups = division.groups
    index = groups.index[keep]
    size = len(groups.codes)
    optional = np.full(size, groups.level == "unit_grid")
    optional[-1] |= division.has_rest
    stays = ~optional | (np.bincount(index, minlength=size) > 0)
    place = [int(at) for at in np.flatnonzero(stays)]
    made = Groups(
        groups.level,
        [groups.codes[at] for at in place],
        [groups.names[at] for at in place],
        (np.cumsum(stays) - 1)[index].astype(np.int32),
    )
    has_rest = division.has_rest and bool(stays[-1])
    part = Division(made, [division.area_id[at] for at in place], has_rest=has_rest)
    return replace(tables, division=part, complete=tables.complete[place])


def larger_areas(division: Division, areas: Areas) -> list[npt.NDArray[np.int64]]:
    """Return for each level above that of the division the area each of its areas lies in, -1 for none."""
    level = division.groups.level
    if level not in LEVELS:
        return []
    above = LEVELS[: LEVELS.index(level)]
    return [np.array([areas.at_level[one].get(ident, -1) for ident in division.area_id], np.int64) for one in above]


def _hidden(
    rows: RowTable, totals: RowTable, least: Sequence[pd.DataFrame], larger: Sequence[npt.NDArray[np.int64]]
) -> tuple[Flags, Flags]:
    """Return which people of rows and totals are too few to tell, shapes (n, 4), in the order of :data:`STATES`.

    ``least`` has how many the rows and the totals are at least, packed.
    """
    names = [f"people_{state}" for state in STATES]
    at = _places(rows, totals)
    shape = (*(int(place.max()) + 1 for place in at), len(STATES))
    persons, apart = np.zeros(shape), np.zeros(shape)
    persons[at] = np.nan_to_num(
        np.concatenate([np.column_stack([one.columns[name].numbers() for name in names]) for one in (rows, totals)])
    )
    apart[at] = np.nan_to_num(np.concatenate([one[names].to_numpy(np.float64) for one in least]))
    lowest = np.floor(apart / _APART)
    hidden = hidden_cells(persons, lowest, apart - lowest * _APART > 0, larger)[at]
    return hidden[: len(rows)], hidden[len(rows) :]


def _places(rows: RowTable, totals: RowTable) -> tuple[npt.NDArray[np.int64], ...]:
    """Return the place of every row by category, band and area; everybody's band first, the total last."""
    areas = list(dict.fromkeys(_in_order(rows.columns["code"])))
    number = {
        "category": {one: place for place, one in enumerate(_in_order(totals.columns["category"]))},
        "band": {one: place for place, one in enumerate([ALL, *BANDS])},  # the same order everywhere: it breaks ties
    }
    found = [
        np.concatenate([_numbered(table.columns[name], number[name]) for table in (rows, totals)]) for name in number
    ]
    of_area = _numbered(rows.columns["code"], {one: place for place, one in enumerate(areas)})
    return found[0], found[1], np.concatenate([of_area, np.full(len(totals), len(areas))])


def _in_order(column: Column) -> list[Any]:
    """Return the different values of a column in the order in which they first come."""
    place, first = np.unique(column.place, return_index=True)
    return [column.values[at] for at in place[np.argsort(first)].tolist()]


def _numbered(column: Column, number: Mapping[Any, int]) -> npt.NDArray[np.int64]:
    return np.array([number.get(one, -1) for one in column.values], np.int64)[column.place]


def _withheld(table: RowTable, hidden: Flags) -> RowTable:
    """Return rows without what is too few, and without the shares and walks that would tell it."""
    few = dict(zip(STATES, hidden.T, strict=True))
    changed = {f"people_{state}": table.columns[f"people_{state}"].without(few[state]) for state in STATES}
    for state in STATES:
        if state != "total":
            share = f"people_{state}_share"
            changed[share] = table.columns[share].without(few[state] | few["total"])
    total = changed["people_total"].numbers()
    # where people are not known the walks are those of buildings
    weighted = ~np.isnan(total) | hidden.any(axis=1)
    reached = np.where(few["total"], np.nan, table.columns["reached_share"].numbers())
    people = np.nan_to_num(total)
    is_few = np.isnan(reached) | ((reached * people > 0) & (reached * people < _FIVES_FOR_FEW))
    others_few = ((1 - reached) * people > 0) & ((1 - reached) * people < _FIVES_FOR_FEW)
    changed |= {name: table.columns[name].without(weighted & is_few) for name in _WALKS}
    changed["reached_share"] = changed["reached_share"].without(weighted & others_few)
    return table.with_columns(changed)
