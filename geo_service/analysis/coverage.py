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

    Returns
    -------
    pandas.DataFrame
        Columns level, code, name, category, band; people_total, people_covered, people_not_covered, people_unknown
        and their shares; the same for buildings; mean_m, p90_m, mean_s, p90_s over the homes reached, weighted by
        people, by buildings where people are not known; reached_share (of the same weights);
        inventory_complete; unknown_<reason> as numbers of buildings. NaN/None where there is nothing to count.
        Building figures do not depend on the band.
    """
    bands: dict[str, Floats | None] = {ALL: None}
    bands.update(people or {})
    size = len(groups.codes)
    member = np.flatnonzero(groups.index >= 0)
    group = groups.index[member].astype(np.int64)
    ones = np.ones(len(member))
    frames = []
    for number, category in enumerate(categories):
        state, reason = states.state[number, member], states.reason[number, member]
        walked = _Walked.of(group, metres[number, member])
        buildings = _by_state(group, state, ones, size)
        reasons = np.bincount(group * len(REASONS) + reason, minlength=size * len(REASONS)).reshape(size, -1)
        for band, persons in bands.items():
            known = None if persons is None else ~np.isnan(persons[member])
            weight = ones if persons is None or known is None else np.where(known, persons[member], 0.0)
            counted = np.zeros(size, bool) if known is None else np.bincount(group[known], minlength=size) > 0
            row = _head(groups, category, band)
            row |= _shares("people", np.where(counted[:, None], _by_state(group, state, weight, size), np.nan))
            row |= _shares("buildings", buildings)
            weights = np.where(counted[group], weight, 1.0) if len(group) else ones
            row |= _walks(walked, weights, size, speed_m_s)
            row["inventory_complete"] = [None] * size if inventory_complete is None else inventory_complete[:, number]
            row |= {f"unknown_{code}": reasons[:, place] for place, code in enumerate(REASONS) if code}
            frames.append(pd.DataFrame(row))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def covered_shares(state: npt.NDArray[np.uint8], weight: Floats | None = None) -> Floats:
    """Return the shares of the states not_covered, covered and unknown of each category, shape (c, 3).

    ``state`` has the shape (c, h), ``weight`` (people of each home) the shape (h,); without it homes count equally.
    """
    counts = np.array([np.bincount(row, weights=weight, minlength=len(STATES)) for row in state], np.float64)
    counts = counts.reshape(-1, len(STATES))
    total = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
    return shares


def _head(groups: Groups, category: str, band: str) -> dict[str, Any]:
    """Return the columns that name a row."""
    size = len(groups.codes)
    return {
        "level": [groups.level] * size,
        "code": list(groups.codes),
        "name": list(groups.names),
        "category": [category] * size,
        "band": [band] * size,
    }


def _by_state(group: npt.NDArray[np.int64], state: npt.NDArray[np.uint8], weight: Floats, size: int) -> Floats:
    """Return the weight in each group and state, shape (g, 3)."""
    flat = np.bincount(group * len(STATES) + state, weights=weight, minlength=size * len(STATES))
    return np.asarray(flat, np.float64).reshape(size, len(STATES))


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
    """The homes of one category: their groups, distances, and which are reached, by group and then distance."""

    group: npt.NDArray[np.int64]
    metres: Floats
    reached: npt.NDArray[np.int64]

    @classmethod
    def of(cls, group: npt.NDArray[np.int64], metres: Floats) -> "_Walked":
        """Return the homes with those reached sorted."""
        reached = np.flatnonzero(np.isfinite(metres))
        return cls(group, metres, reached[np.lexsort((metres[reached], group[reached]))])


def _walks(walked: _Walked, weight: Floats, size: int, speed_m_s: float) -> dict[str, Any]:
    """Return weighted mean and 90th percentile of the homes reached in each of ``size`` groups."""
    everyone = np.bincount(walked.group, weights=weight, minlength=size)
    of, metres, load = (array[walked.reached] for array in (walked.group, walked.metres, weight))
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
