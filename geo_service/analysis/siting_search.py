"""Good choices of sites, quickly: greedy, then exchanges one for one; ties go to the earlier candidate."""

import heapq
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.siting_gains import Gains

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

NOTHING: Final = 1e-9  # share of a value below which two values are equal: sums of floats in another order
_MOST_PAIR_VISITS: Final = 1_000_000_000  # exchanges stop after this much work: some seconds


def greedy(gains: Gains, cost: Floats, budget: float, *, per_cost: bool = True, target: float = np.inf) -> list[int]:
    """Return candidates in the order in which each adds most (for its cost), as long as the budget lasts.

    Parameters
    ----------
    gains
        What candidates do.
    cost
        Cost of each candidate, 1 where sites are counted, shape (c,).
    budget
        What they may cost together; candidates that no longer fit are passed over.
    per_cost
        Whether the gain for the cost decides, else the gain alone.
    target
        Stop as soon as this value is reached.

    Notes
    -----
    Lazy (Minoux 1978): what a candidate adds never grows, so only the first of the queue is worked out anew. With
    equal costs the value is at least 1 − 1/e of the best possible (Nemhauser, Wolsey, Fisher 1978); with unequal
    costs the better of both orders is at least half of that (Khuller, Moss, Naor 1999).
    """
    taken = np.zeros(gains.demand_count)
    left, value = budget, 0.0
    chosen: list[int] = []
    queue = [
        (-_rank(float(added), float(price), per_cost=per_cost), place)
        for place, (added, price) in enumerate(zip(gains.more(taken), cost, strict=True))
        if added > 0 and price <= budget
    ]
    heapq.heapify(queue)
    fresh: dict[int, int] = {}
    while queue and value < target * (1 - NOTHING):
        _, place = queue[0]
        if cost[place] > left * (1 + NOTHING):
            heapq.heappop(queue)
            continue
        pairs = gains.of(place)
        who = gains.demand[pairs]
        added = np.maximum(gains.gain[pairs] - taken[who], 0.0)
        if fresh.get(place) != len(chosen):
            fresh[place] = len(chosen)
            total = float(added.sum())
            if total > NOTHING * max(value, 1.0):
                heapq.heapreplace(queue, (-_rank(total, float(cost[place]), per_cost=per_cost), place))
            else:
                heapq.heappop(queue)
            continue
        heapq.heappop(queue)
        chosen.append(place)
        taken[who] += added
        value += float(added.sum())
        left -= float(cost[place])
    return chosen


def exchanged(gains: Gains, chosen: list[int], cost: Floats, budget: float) -> list[int]:
    """Return the choice after exchanging one site for one other as long as that helps (Teitz and Bart 1968)."""
    chosen = sorted(chosen)
    visits = 0
    while chosen and visits < _MOST_PAIR_VISITS:
        visits += 3 * len(gains)
        better = _exchanges(gains, chosen)
        spent = float(cost[chosen].sum())
        fits = spent - cost[chosen][:, None] + cost[None, :] <= budget * (1 + NOTHING)
        fits[:, chosen] = False
        better[~fits] = -np.inf
        best = int(np.argmax(better))
        if better.flat[best] <= NOTHING * max(gains.value(chosen), 1.0):
            break
        chosen[best // gains.candidate_count] = best % gains.candidate_count
        chosen.sort()
    return chosen


def earliest(gains: Gains, chosen: list[int], cost: Floats) -> list[int]:
    """Return a choice of the same value in which no site can be exchanged for an earlier one that costs no more."""
    chosen = sorted(chosen)
    even = NOTHING * max(gains.value(chosen), 1.0)
    while chosen:
        same = _exchanges(gains, chosen) >= -even
        same &= np.arange(gains.candidate_count)[None, :] < np.array(chosen)[:, None]
        same &= cost[None, :] <= cost[chosen][:, None]
        same[:, chosen] = False
        if not same.any():
            break
        which, other = (int(place) for place in np.argwhere(same)[0])
        chosen[which] = other
        chosen.sort()
    return chosen


def without_needless(gains: Gains, chosen: list[int], target: float) -> list[int]:
    """Return the choice without sites that the target does not need, later candidates left out first."""
    kept = sorted(chosen)
    for one in sorted(chosen, reverse=True):
        fewer = [other for other in kept if other != one]
        if gains.value(fewer) >= target * (1 - NOTHING):
            kept = fewer
    return kept


def in_order(gains: Gains, chosen: list[int]) -> tuple[list[int], list[float]]:
    """Return the chosen sites, the one that adds most first, and what each adds to those before it."""
    taken = np.zeros(gains.demand_count)
    left, order, added = sorted(chosen), [], []
    while left:
        more = [float(np.maximum(gains.gain[p] - taken[gains.demand[p]], 0.0).sum()) for p in map(gains.of, left)]
        best = int(np.argmax(np.round(more, 6)))
        order.append(left.pop(best))
        added.append(more[best])
        pairs = gains.of(order[-1])
        who = gains.demand[pairs]
        taken[who] = np.maximum(taken[who], gains.gain[pairs])
    return order, added


def _rank(added: float, price: float, *, per_cost: bool) -> float:
    """Return what the greedy order goes by, free of the last digits of sums; what is free comes first."""
    if not per_cost:
        return round(added, 6)
    return round(added / price, 9) if price > 0 else np.inf


def _exchanges(gains: Gains, chosen: list[int]) -> Floats:
    """Return by how much the value changes when a chosen site is exchanged for another, shape (chosen, c).

    All at once from the best and second best of each group (Whitaker 1983; Resende and Werneck 2007).
    """
    first, second = np.zeros(gains.demand_count), np.zeros(gains.demand_count)
    owner = np.full(gains.demand_count, -1, np.int64)
    for place, one in enumerate(chosen):
        pairs = gains.of(one)
        who, gain = gains.demand[pairs], gains.gain[pairs]
        ahead = gain > first[who]
        second[who] = np.where(ahead, first[who], np.maximum(second[who], gain))
        first[who[ahead]], owner[who[ahead]] = gain[ahead], place
    added = np.maximum(gains.gain - first[gains.demand], 0.0)
    lost = np.bincount(owner[owner >= 0], (first - second)[owner >= 0], len(chosen))
    change = np.tile(gains.more(first), (len(chosen), 1)) - lost[:, None]
    owned = np.flatnonzero(owner[gains.demand] >= 0)
    who = gains.demand[owned]
    back = np.maximum(gains.gain[owned] - second[who], 0.0) - added[owned]
    key = owner[who] * gains.candidate_count + gains.candidate[owned]
    change += np.bincount(key, back, len(chosen) * gains.candidate_count).reshape(change.shape)
    return change
