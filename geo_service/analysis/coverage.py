"""Coverage figures by area or grid, category and age band (PRODUCT §3.4, §3.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo_service.analysis.states import COVERED, NOT_COVERED, REASONS, STATES, UNKNOWN, States

Floats = npt.NDArray[np.float64]
ALL: Final = "all"
_COUNTED: Final = ("total", "covered", "not_covered", "unknown", "covered_share", "not_covered_share", "unknown_share")
WALKS: Final = ("mean_m", "p90_m", "mean_s", "p90_s", "reached_share")
PEOPLE: Final = tuple(f"people_{one}" for one in _COUNTED)
# what a row tells, in the order of files
ROW_COLUMNS: Final = (
    *("level", "code", "name", "category", "band"),
    *PEOPLE,
    "buildings_without_people",
    *(f"buildings_{one}" for one in _COUNTED),
    *WALKS,
    "inventory_complete",
    *(f"unknown_{code}" for code in REASONS if code),
)


@dataclass(frozen=True)
class Groups:
    """The areas or grid cells figures are given for.

    ``index`` names the group of each home by its place in ``codes``, -1 for none, shape (h,).
    """

    level: str
    codes: Sequence[str]
    names: Sequence[str | None]
    index: npt.NDArray[np.int32]

    @classmethod
    def whole(cls, homes: int, *, level: str = "total", code: str = "", name: str | None = None) -> "Groups":
        """Return one group that holds all homes."""
        return cls(level, [code], [name], np.zeros(homes, np.int32))


def aggregate(
    groups: Groups,
    categories: Sequence[str],
    metres: Floats,
    states: States,
    *,
    speed_m_s: float,
    people: Mapping[str, Floats] | None = None,
    inventory_complete: npt.NDArray[np.object_] | None = None,
    of_buildings: States | None = None,
    people_only: bool = False,
    places: Sequence[int] | None = None,
    bands: Sequence[str] | None = None,
    orders: "WalkOrders | None" = None,
) -> pd.DataFrame:
    """Return one row per group, category and band.

    Parameters
    ----------
    groups
        The group of each of the h homes.
    categories
        Category codes, c of them.
    metres
        Walking distance of each home to the nearest facility, inf if none is reachable, shape (c, h).
    states
        State and reason of each home, shape (c, h).
    speed_m_s
        Walking speed that turns metres into seconds.
    people
        People of each home by band (``all`` and age bands), shape (h,), NaN where not known; None if nothing is
        known about people. Without an entry ``all`` the rows of that band know no people.
    inventory_complete
        True, False or None for each group and category, shape (g, c).
    of_buildings
        States that buildings are counted by where they are not those of the people, shape (c, h).
    people_only
        Leave out the columns of buildings and walks.
    places
        Places of the categories to give rows for; all unless given.
    bands
        Bands to give rows for; ``all`` and those of ``people`` unless given.
    orders
        Homes sorted before for the same groups and metres, and kept for the next time.

    Returns
    -------
    pandas.DataFrame
        The columns of ``ROW_COLUMNS``: level, code, name, category, band; people_total, people_covered,
        people_not_covered, people_unknown and their shares; buildings_without_people (whose people of the band are
        not known, which the figures of people leave out); the same as for people for buildings; mean_m, p90_m,
        mean_s, p90_s over the homes reached, weighted by people, by buildings where people are not known;
        reached_share (of the same weights);
        inventory_complete; unknown_<reason> as numbers of buildings. NaN/None where there is nothing to count.
        Building figures do not depend on the band.
    """
    size = len(groups.codes)
    member = np.flatnonzero(groups.index >= 0)
    group = groups.index[member].astype(np.int64)
    persons: dict[str, Floats | None] = {ALL: None, **(people or {})}
    counted_bands = []
    for name in persons if bands is None else bands:
        own = persons.get(name)
        counted_bands.append(_Band.of(name, group, None if own is None else own[member], size))
    counted = states if of_buildings is None else of_buildings
    orders = WalkOrders() if orders is None else orders
    columns: dict[str, list[Any]] = {}
    shown = range(len(categories)) if places is None else places
    for number in shown:
        cell = group * len(STATES) + states.state[number, member]
        same: dict[str, Any] = {}  # of all bands
        if not people_only:
            walked = orders.of(groups, metres, number)
            same = _shares("buildings", _by_state(group * len(STATES) + counted.state[number, member], None, size))
            same["inventory_complete"] = [None] * size if inventory_complete is None else inventory_complete[:, number]
            reason = counted.reason[number, member].astype(np.int64)
            reasons = np.bincount(group * len(REASONS) + reason, minlength=size * len(REASONS)).reshape(size, -1)
            same |= {f"unknown_{code}": reasons[:, place] for place, code in enumerate(REASONS) if code}
        for band in counted_bands:
            row = _shares("people", _by_state(cell, band.persons, size, band.known)) | same
            if not people_only:
                row |= {"buildings_without_people": band.without} | _walks(walked, band, size, speed_m_s)
            for name, values in row.items():
                columns.setdefault(name, []).append(values)
    named = _names(groups, [categories[number] for number in shown], [band.name for band in counted_bands])
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    return pd.DataFrame({name: (named | joined)[name] for name in ROW_COLUMNS if name in named or name in joined})


def covered_shares(state: npt.NDArray[np.uint8], weight: Floats | None = None) -> Floats:
    """Return the shares of the states not_covered, covered and unknown of each category, shape (c, 3).

    ``state`` has the shape (c, h), ``weight`` (people of each home) the shape (h,); without it homes count equally.
    """
    weigh = np.count_nonzero if weight is None else weight.dot
    counts = np.array([[weigh(row == code) for code in range(len(STATES))] for row in state], np.float64)
    counts = counts.reshape(-1, len(STATES))
    total = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
    return shares


def _names(groups: Groups, categories: Sequence[str], bands: Sequence[str]) -> dict[str, Any]:
    """Return the columns that name the rows: by category, then band, then group."""
    size, each = len(groups.codes), len(categories) * len(bands)
    codes, names, of, by = (
        np.array([*one, None], object)[:-1] for one in (groups.codes, groups.names, categories, bands)
    )
    return {
        "level": np.full(each * size, groups.level, object),
        "code": np.tile(codes, each),
        "name": np.tile(names, each),
        "category": np.repeat(of, len(bands) * size),
        "band": np.tile(np.repeat(by, size), len(categories)),
    }


@dataclass(frozen=True)
class _Band:
    """People of one band.

    ``persons`` of each home are 0 where not known (None if no home's are known), ``known`` tells the groups where any
    home's are, ``without`` counts the homes of each group whose are not, ``weight`` is what a home counts in its
    group's walks and ``total`` the group's sum of it.
    """

    name: str
    persons: Floats | None
    known: npt.NDArray[np.bool_]
    without: npt.NDArray[np.int64]
    weight: Floats
    total: Floats

    @classmethod
    def of(cls, name: str, group: npt.NDArray[np.int64], persons: Floats | None, size: int) -> "_Band":
        """Return the band for homes in ``size`` groups; ``persons`` is NaN where not known."""
        weight = np.ones(len(group))
        known = np.zeros(size, bool)
        without = np.bincount(group, minlength=size)
        if persons is not None:
            told = ~np.isnan(persons)
            known = np.bincount(group[told], minlength=size) > 0
            without = np.bincount(group[~told], minlength=size)
            persons = np.where(told, persons, 0.0)
            weight = np.where(known[group], persons, 1.0)
        total = np.bincount(group, weights=weight, minlength=size).astype(np.float64)
        return cls(name, persons, known, without, weight, total)


def _by_state(
    cell: npt.NDArray[np.int64], weight: Floats | None, size: int, known: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """Return the weight (None: number of homes) in each group and state, NaN in groups not ``known``, shape (g, 3)."""
    if known is not None and weight is None:
        return np.full((size, len(STATES)), np.nan)
    flat = np.bincount(cell, weights=weight, minlength=size * len(STATES)).astype(np.float64)
    counts = flat.reshape(size, len(STATES))
    if known is not None:
        counts[~known] = np.nan
    return counts


def _shares(what: str, counts: Floats) -> dict[str, Any]:
    """Return total, numbers and shares by state as columns."""
    total = counts.sum(axis=1)
    columns: dict[str, Any] = {f"{what}_total": total}
    named = {"covered": COVERED, "not_covered": NOT_COVERED, "unknown": UNKNOWN}
    for name, place in named.items():
        columns[f"{what}_{name}"] = counts[:, place]
    for name, place in named.items():
        share = np.divide(counts[:, place], total, out=np.full(len(total), np.nan), where=total > 0)
        columns[f"{what}_{name}_share"] = share
    return columns


@dataclass(frozen=True)
class _Walked:
    """The homes of one category that are reached, by group and then distance: place of each, group, metres."""

    reached: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    metres: Floats

    @classmethod
    def of(cls, group: npt.NDArray[np.int64], metres: Floats) -> "_Walked":
        """Return the homes reached, sorted."""
        reached = np.flatnonzero(np.isfinite(metres))
        # one key sorts several times faster than two; it may swap homes micrometres apart
        farthest = float(metres[reached].max(initial=0.0))
        reached = reached[np.argsort(group[reached] * (farthest + 1.0) + metres[reached])]
        return cls(reached, group[reached], metres[reached])


class WalkOrders:
    """Homes by group and distance, sorted once however often they are counted: of several bands, exact and as told."""

    def __init__(self) -> None:
        self._sorted: dict[tuple[int, int, int], tuple[Groups, Floats, _Walked]] = {}

    def of(self, groups: Groups, metres: Floats, number: int) -> _Walked:
        """Return the homes in a group that reach the category ``number`` of ``metres``, shape (c, h), in order."""
        key = (id(groups), id(metres), number)
        if key not in self._sorted:
            member = np.flatnonzero(groups.index >= 0)
            walked = _Walked.of(groups.index[member].astype(np.int64), metres[number, member])
            self._sorted[key] = (groups, metres, walked)  # both are held: no others can have their identity
        return self._sorted[key][2]


def _walks(walked: _Walked, band: _Band, size: int, speed_m_s: float) -> dict[str, Any]:
    """Return weighted mean and 90th percentile of the homes reached in each of ``size`` groups."""
    everyone = band.total
    of, metres, load = walked.group, walked.metres, band.weight[walked.reached]
    total = np.bincount(of, weights=load, minlength=size)
    mean = np.divide(
        np.bincount(of, weights=load * metres, minlength=size), total, out=np.full(size, np.nan), where=total > 0
    )
    running = np.cumsum(load)
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    # the first home of the group at which nine tenths of the group's weight are reached
    place = np.searchsorted(running, before + 0.9 * total * (1 - 1e-12), side="left")
    p90 = np.full(size, np.nan)
    some = total > 0
    p90[some] = metres[np.minimum(place[some], len(metres) - 1)]
    share = np.divide(total, everyone, out=np.full(size, np.nan), where=everyone > 0)
    return {
        "mean_m": mean,
        "p90_m": p90,
        "mean_s": mean / speed_m_s,
        "p90_s": p90 / speed_m_s,
        "reached_share": share,
    }
