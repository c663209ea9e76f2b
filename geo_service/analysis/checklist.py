"""What a community has of what it should have: shared places divided by households, sizes and ratios judged."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo_service.domain.checklist import NOT_SURVEYED, PASS, SHARED_REACH_SHARE, SHORT, UNKNOWN, VERDICTS, Verdict

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Uses:
    """Which community uses which place, and its part of it; one row a use, ordered by community, then place.

    Attributes
    ----------
    community, place
        Shape (u,).
    is_inside
        Whether the place lies in the community, shape (u,).
    reach_share
        Share of the community's households within reach of the place; 1 inside, shape (u,).
    share
        The community's part of the place by households; the parts of a place add up to 1, shape (u,).
    """

    community: Ints
    place: Ints
    is_inside: Flags
    reach_share: Floats
    share: Floats

    def of(self, community: int) -> Ints:
        """Return the rows of one community."""
        return np.flatnonzero(self.community == community)


def uses(inside: Ints, settled: Ints, households: Floats, near: tuple[Ints, Ints], lacking: Flags) -> Uses:
    """Return who uses which place.

    A place is used by the community it lies in, and by every community without one of its own at least half of whose
    households are within reach of it. It is divided by the households that use it: all of the community it lies in,
    those within reach of another.

    Parameters
    ----------
    inside
        Community each place lies in, -1 for none, shape (p,).
    settled, households
        Community of each home, -1 for none, and its households (or what else is divided by), shape (h,).
    near
        Homes and places within reach of each other, each pair once, shapes (n,).
    lacking
        Which communities have no such place of their own, shape (c,).
    """
    count, places = len(lacking), len(inside)
    near_home, near_place = near
    weight = np.nan_to_num(households)
    everybody = _sums(settled[settled >= 0], weight[settled >= 0], count)
    home_count = np.bincount(settled[settled >= 0], minlength=count)
    # where no household is known, homes count
    unknown = everybody == 0
    weight = np.where((settled >= 0) & unknown[settled], 1.0, weight)
    everybody = np.where(unknown, home_count, everybody)
    of = settled[near_home]
    outside = (of >= 0) & (inside[near_place] != of) & lacking[of]
    cells, at = np.unique(of[outside] * places + near_place[outside], return_inverse=True)
    within = _sums(at, weight[near_home[outside]], len(cells))
    own = np.flatnonzero(inside >= 0)
    community = np.concatenate([cells // max(places, 1), inside[own]])
    place = np.concatenate([cells % max(places, 1), own])
    reach = np.concatenate([_divided(within, everybody[cells // max(places, 1)]), np.ones(len(own))])
    is_inside = np.arange(len(place)) >= len(cells)
    used = np.flatnonzero(is_inside | (reach >= SHARED_REACH_SHARE))
    used = used[np.lexsort((place[used], community[used]))]
    community, place, reach, is_inside = community[used], place[used], reach[used], is_inside[used]
    part = reach * everybody[community]
    total, users = _sums(place, part, places), np.bincount(place, minlength=places)
    share = np.where(total[place] > 0, _divided(part, total[place]), 1.0 / users[place])
    return Uses(community.astype(np.int64), place.astype(np.int64), is_inside, reach, share)


def _divided(one: Floats, other: Floats) -> Floats:
    return np.divide(one, other, out=np.zeros_like(one), where=other > 0)


def _sums(cell: Ints, weight: Floats, size: int) -> Floats:
    """Return the weight in each cell; of nothing at all, too, as floats."""
    return np.asarray(np.bincount(cell, weights=weight, minlength=size), np.float64)


@dataclass(frozen=True)
class Judgement:
    """What came out: the verdict, what there is, what is missing of what is needed, and how many sizes are not known.

    ``largest`` is the size of the largest single place; figures are None where they are not known.
    """

    verdict: Verdict
    have: float | None = None
    short_by: float | None = None
    largest: float | None = None
    missing: int = 0


def judged_presence(verified: Flags, *, is_complete: bool) -> Judgement:
    """Judge whether there is anything; ``verified`` tells of each place that is there whether it surely is, (n,)."""
    sure = int(verified.sum())
    if sure:
        return Judgement(PASS, float(sure))
    if len(verified):
        return Judgement(UNKNOWN, 0.0, missing=len(verified))
    return Judgement(SHORT if is_complete else NOT_SURVEYED, 0.0, 1.0)


def judged_size(size: Floats, share: Floats, needed: float, *, is_complete: bool) -> Judgement:
    """Judge sizes of places that are there: one must be as large as needed, and so must the community's parts be.

    Parameters
    ----------
    size, share
        Of each place, NaN where not known, and the community's part of it, shape (n,).
    needed
        Size one place must have, m².
    is_complete
        Whether the inventory was declared complete: what else there might be is not known otherwise.
    """
    known = ~np.isnan(size)
    missing = int((~known).sum())
    have = float((size[known] * share[known]).sum())
    largest = float(size[known].max(initial=0.0))
    if not known.any() and missing:
        return Judgement(UNKNOWN, missing=missing)
    lacks = max(needed - largest, needed - have)
    if lacks <= needed * 1e-9:
        return Judgement(PASS, have, largest=largest, missing=missing)
    if missing:
        return Judgement(UNKNOWN, have, largest=largest, missing=missing)
    return Judgement(SHORT if is_complete else NOT_SURVEYED, have, lacks, largest)


def judged_ratio(amount: float, missing: int, per: float | None, needed: float, *, is_complete: bool) -> Judgement:
    """Judge a ratio: ``amount`` (of which ``missing`` places are not known) by ``per`` against what is needed."""
    if per is None or per <= 0:
        return Judgement(UNKNOWN, missing=missing)
    have = amount / per
    if have >= needed * (1 - 1e-9):
        return Judgement(PASS, have, missing=missing)
    if missing:
        return Judgement(UNKNOWN, have, missing=missing)
    return Judgement(SHORT if is_complete else NOT_SURVEYED, have, needed - have)


def counted_once(x: Floats, y: Floats, size: Floats, within_m: float = 1.0) -> Ints:
    """Return for each place the first place that is the same room: at the same spot and of the same known size.

    ``x``, ``y`` in metres, ``size`` in m², NaN where not known, shape (n,); a place without such another is its own.
    """
    first = np.arange(len(x), dtype=np.int64)
    known = np.flatnonzero(~np.isnan(size) & (size > 0))
    order = known[np.lexsort((known, size[known]))]
    for at, place in enumerate(order):
        back = at - 1
        while back >= 0 and size[order[back]] == size[place]:
            other = order[back]
            if np.hypot(x[other] - x[place], y[other] - y[place]) <= within_m:
                first[place] = min(first[place], first[other])
            back -= 1
    return first


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict, ``unknown`` of none."""
    return min(verdicts, key=VERDICTS.index, default=UNKNOWN)
