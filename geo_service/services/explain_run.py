"""Any area figure of a coverage run taken apart: areas below, states, reasons, deciding facilities, rule (§3.15)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo_service.analysis.coverage import ALL, Groups
from geo_service.analysis.states import COVERED, NOT_COVERED, REASONS, UNKNOWN
from geo_service.domain.areas import LEVELS
from geo_service.domain.layers import LAYERS
from geo_service.domain.reference import BY_AGE, Limit, category_named
from geo_service.domain.suppression import hidden_cells
from geo_service.foundation.errors import InvalidInput, NotFound
from geo_service.services.context import Context
from geo_service.services.explain_words import figure_words
from geo_service.services.facilities import read_targets
from geo_service.services.groups import divide
from geo_service.services.headlines import bands_first
from geo_service.services.homes import NO_AREA, WHOLE, Areas, Homes, read_areas, read_homes
from geo_service.services.limit_rules import limit_rules
from geo_service.services.rights import may
from geo_service.services.rules import rulebook
from geo_service.services.runs import get_run, run_homes
from geo_service.services.told import rounding_salt, sees_exact, shown_result, told_people
from geo_service.storage import overview, versions
from geo_service.storage.frames import read_frame

Floats = npt.NDArray[np.float64]
_STATES: Final = {"covered": COVERED, "not_covered": NOT_COVERED, "unknown": UNKNOWN}
_TOTAL: Final = "total"
_NEEDED: Final = ("areas", "grids", "buildings", "facilities")


def explain_figure(
    conn: Connection, ctx: Context, uid: str, *, code: str | None = None, category: str, band: str | None = None
) -> dict[str, Any]:
    """Return the parts of the row of a coverage run about an area (None: everywhere), a category and an age band.

    Without a band that of the people the category is there for, if it is one, else everybody.

    ``row`` as the result tells it; ``below``: the same by the next smaller areas or grids; ``facilities``: what decides
    for the homes covered, with the people and buildings of each; ``reasons`` of buildings not known; ``rule``;
    ``words``: all of it in sentences. ``below`` and ``facilities`` come from what the run kept of every home: None
    where buildings, areas or facilities have changed since; without people where bands are counted apart. Who may not
    see exact figures everywhere is told rounded people in the parts, few of them withheld.

    Raises NotFound ``run_unknown``, ``category_unknown``, ``figure_unknown``; InvalidInput ``explain_coverage_only``.
    """
    may(ctx.actor, "read_runs")
    category_named(category)
    run = get_run(conn, ctx, uid)
    if run["kind"] != "coverage":
        raise InvalidInput("explain_coverage_only", kind=run["kind"])
    result = shown_result(conn, ctx, run)
    rows = result["totals"] if code is None else result["rows"]
    own = {r["band"]: r for r in rows if (r["code"], r["category"]) == (code, category)}
    if band is None:
        first = bands_first(category)
        band = first[0] if len(first) == 1 and first[0] in own else ALL
    if band not in own:
        raise NotFound("figure_unknown", code=code or WHOLE, category=category, band=band)
    row = own[band]
    asked, limit = result["parameters"], Limit(**result["limit"])
    figure: dict[str, Any] = {
        "run": uid,
        "row": row,
        "people_basis": result["people_basis"],
        "people_rounded_to": result.get("people_rounded_to"),
        "limit": result["limit"],
        "profile": asked["profile"],
        "reasons": {one: row[f"unknown_{one}"] for one in REASONS if one and row[f"unknown_{one}"]},
        "rule": limit_rules(rulebook(conn, ctx), category, limit),
        "has_changed": not _is_as_then(conn, run),
        "is_by_age": False,
        "below_level": None,
        "below": None,
        "facilities": None,
    }
    if not figure["has_changed"]:
        targets = read_targets(conn, ctx, [category])
        figure["is_by_age"] = asked["profile"] == BY_AGE or any(bands is not None for bands in targets.bands)
        figure |= _parts(conn, ctx, figure, result["by"])
    return figure | {"words": figure_words(figure)}


def _is_as_then(conn: Connection, run: dict[str, Any]) -> bool:
    """Whether the layers the parts rest on are those the run read."""
    then, now = run["inputs"]["layers"], versions.layer_versions(conn)
    return all(then.get(name) == now[name] for name in _NEEDED)


@dataclass(frozen=True)
class _Counted:
    """Homes of the figure: place of each in the homes, people and their least number (None: nobody's are told).

    ``withheld`` are the states the row itself withholds people of.
    """

    here: npt.NDArray[np.int64]
    people: Floats | None
    least: Floats | None
    is_exact: bool
    withheld: frozenset[str]

    def table(
        self, part: npt.NDArray[np.int64], size: int, columns: Mapping[str, npt.NDArray[np.bool_]]
    ) -> list[dict[str, Any]]:
        """Return buildings and people of each of ``size`` parts by column; what is too few, or tells it, is None.

        ``part`` is -1 for homes in no part; a column holds some of the homes, the last one all the others hold.
        """

        def sums(weight: Floats) -> Floats:
            made = [np.bincount(part[own], weights=weight[own], minlength=size) for own in inside]
            return np.array(made, np.float64).T.reshape(size, len(inside))

        inside = [own & (part >= 0) for own in columns.values()]
        buildings = sums(np.ones(len(part)))
        people = None
        if self.people is not None and self.least is not None:
            people = sums(self.people)
            if not self.is_exact:
                hidden = self._hidden(people, sums(self.least), buildings, list(columns))
                people[hidden] = np.nan
        rows = []
        for number in range(size):
            row: dict[str, Any] = {}
            for place, name in enumerate(columns):
                row[f"people_{name}"] = None if people is None else _whole(float(people[number, place]))
                row[f"buildings_{name}"] = int(buildings[number, place])
            rows.append(row)
        return rows

    def _hidden(self, people: Floats, least: Floats, buildings: Floats, columns: list[str]) -> npt.NDArray[np.bool_]:
        """Return the withheld cells; a figure the row itself withholds is not told by the sum of its parts either."""
        shown, sure, there = (np.vstack([one, one.sum(axis=0)])[None, None] for one in (people, least, buildings))
        for place, name in enumerate(columns):
            if name in self.withheld:
                sure[0, 0, -1, place] = 0.0
        return hidden_cells(shown, sure, there > 0)[0, 0, :-1]


def _parts(conn: Connection, ctx: Context, figure: Mapping[str, Any], by: str) -> dict[str, Any]:
    """Return ``below_level``, ``below`` and ``facilities`` of a figure of a run by the level ``by``."""
    row = figure["row"]
    homes, areas, kept = read_homes(conn), read_areas(conn), run_homes(conn, ctx, figure["run"])
    if not np.array_equal(homes.id, kept["building_id"]):
        return {"has_changed": True}
    place = list(kept["categories"]).index(row["category"])
    counted = _counted(conn, ctx, homes, _inside(conn, homes, areas, by, row["code"]), figure)
    state = kept["state"][counted.here, place].astype(np.int64)
    facility = kept["facility_id"][counted.here, place]
    level = _level_below(conn, areas, by if row["code"] is not None else WHOLE)
    found: dict[str, Any] = {
        "below_level": level,
        "facilities": _facilities(conn, counted, np.where(state == COVERED, facility, -1)),
    }
    if level is not None:
        groups = divide(conn, homes, areas, level).groups
        found["below"] = _below(counted, groups, state)
    return found


def _inside(conn: Connection, homes: Homes, areas: Areas, by: str, code: str | None) -> npt.NDArray[np.bool_]:
    """Whether each home is counted in the figure."""
    if code is None:
        return np.ones(len(homes), bool)
    groups = divide(conn, homes, areas, by).groups
    return np.asarray(groups.index == list(groups.codes).index(code), bool)


def _counted(
    conn: Connection, ctx: Context, homes: Homes, inside: npt.NDArray[np.bool_], figure: Mapping[str, Any]
) -> _Counted:
    is_exact = sees_exact(ctx)
    people = least = homes.people or {}
    if not is_exact:
        keep, people, least = told_people(homes, rounding_salt(conn, ctx))
        inside = inside & keep
    here = np.flatnonzero(inside)
    withheld = frozenset(name for name in (*_STATES, _TOTAL) if figure["row"][f"people_{name}"] is None)
    band = figure["row"]["band"]
    if figure["is_by_age"] or band not in people:
        return _Counted(here, None, None, is_exact, withheld)
    return _Counted(here, np.nan_to_num(people[band][here]), np.nan_to_num(least[band][here]), is_exact, withheld)


def _level_below(conn: Connection, areas: Areas, by: str) -> str | None:
    """Return the next smaller level that is there: areas, then governance grids; None below those."""
    grids = frozenset(overview.distinct(conn, LAYERS["grids"], "kind"))
    if by == "community":
        return "grid" if "governance" in grids else "quarter" if "quarter" in areas.levels else None
    order = [WHOLE, *LEVELS[: LEVELS.index("community") + 1]]
    if by not in order:
        return None
    return next((level for level in order[order.index(by) + 1 :] if level in areas.levels), None)


def _below(counted: _Counted, groups: Groups, state: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return people and buildings by state of each smaller area with a home in the figure, homes in none as None."""
    used, part = np.unique(groups.index[counted.here].astype(np.int64), return_inverse=True)
    columns = {name: state == code for name, code in _STATES.items()}
    rows = counted.table(part, len(used), columns | {_TOTAL: np.ones(len(state), bool)})
    codes = [groups.codes[at] if at >= 0 and groups.codes[at] != NO_AREA else None for at in used.tolist()]
    names = [groups.names[at] if at >= 0 else None for at in used.tolist()]
    return [{"code": code, "name": name} | row for code, name, row in zip(codes, names, rows, strict=True)]


def _facilities(conn: Connection, counted: _Counted, facility: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
    """Return the facilities nearest to the homes covered, with most buildings first, of equal ones by code."""
    used = np.unique(facility[facility >= 0])
    part = np.where(facility >= 0, np.searchsorted(used, facility), -1)
    covers = counted.table(part, len(used), {"covered": facility >= 0})
    frame = read_frame(conn, LAYERS["facilities"], ["id", "code", "name"], geometry=False)
    named = {int(ident): (str(code), name) for ident, code, name in frame.itertuples(index=False)}
    rows = []
    for ident, row in zip(used.tolist(), covers, strict=True):
        code, name = named[ident]
        rows.append({"code": code, "name": name if isinstance(name, str) else None} | row)
    return sorted(rows, key=lambda row: (-row["buildings_covered"], row["code"]))


def _whole(number: float) -> float | int | None:
    return None if np.isnan(number) else int(number) if number.is_integer() else round(number, 3)
