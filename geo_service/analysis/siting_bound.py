"""How much better any choice of sites could be: a proven bound, and candidates no better choice can need.

For every price u ≥ 0 that groups of demand pay, and every choice S of candidates,

    value(S) ≤ Σᵢ uᵢ + Σ_{j in S} vⱼ   with   vⱼ = Σᵢ max(gᵢⱼ − uᵢ, 0),

since a group gains at most what it pays and what its site gains beyond that. The best S on the right is a knapsack,
whose linear relaxation is filled by sorting. Prices are improved by a subgradient (Cornuéjols, Fisher and Nemhauser
1977); the best bound found is the one of the linear relaxation up to rounding, without solving one.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.siting_gains import Gains
from geo_service.analysis.siting_search import NOTHING

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_MOST_STEPS: Final = 1000
_MOST_PAIR_VISITS: Final = 1_500_000_000  # some ten seconds
_MEMORY: Final = 0.7  # share of the last direction that is kept
_PATIENCE: Final = 15  # steps without progress before they are made shorter
_SHORTEST: Final = 1e-3


@dataclass(frozen=True)
class Bound:
    """What was proven.

    Attributes
    ----------
    value
        No choice within the budget has a larger value.
    needed, useless
        Candidates that every choice better than the aim contains, or that none contains, shape (c,).
    fewest
        No choice that reaches the target has fewer sites (0 where no target was given).
    chosen
        The best choice met on the way, and its value.
    """

    value: float
    needed: Flags
    useless: Flags
    fewest: float
    chosen: list[int]
    chosen_value: float


def bound(
    gains: Gains,
    cost: Floats,
    budget: float,
    chosen: list[int],
    *,
    aim: float,
    target: float | None = None,
    gap_share: float = 0.0,
) -> Bound:
    """Return a bound of the value of any choice of candidates that cost at most ``budget`` together.

    Parameters
    ----------
    gains, cost, budget
        The question, see :func:`geo_service.analysis.siting_search.greedy`.
    chosen
        A good choice to start from.
    aim
        Only choices of a larger value are looked for: the value of the best one known.
    target
        Where a value is to be reached by few sites: bounds their number, too; then a choice met on the way does
        not raise the aim.
    gap_share
        Stop where the bound is this near to the aim.
    """
    found = _Found(gains, cost, budget, aim, target, chosen)
    most = gains.most
    prices = 0.5 * gains.taken(chosen)
    direction = np.zeros(gains.demand_count)
    length, idle = 1.0, 0
    steps = max(50, min(_MOST_STEPS, _MOST_PAIR_VISITS // max(len(gains), 1) // 4))
    for step in range(steps):
        share, value, better = found.take(float(prices.sum()), gains.more(prices), try_it=step % 10 == 0)
        if found.value <= found.aim + max(gap_share * found.value, NOTHING * max(found.aim, 1.0)):
            break
        idle = 0 if better else idle + 1
        if idle >= _PATIENCE:
            length, idle = 0.6 * length, 0
        if length < _SHORTEST:
            break
        slope = 1.0 - gains.served(share, prices)
        slope[(prices <= 0) & (slope > 0)] = 0.0
        direction = slope + _MEMORY * direction
        square = float(direction @ direction)
        if square <= 0:
            break
        away = value - found.aim * (1 - 1e-3)
        prices = np.clip(prices - length * away / square * direction, 0.0, most)
    return Bound(found.value, found.needed, found.useless, found.fewest, found.chosen, found.chosen_value)


@dataclass
class _Found:
    """What is known so far."""

    gains: Gains
    cost: Floats
    budget: float
    aim: float
    target: float | None
    chosen: list[int]
    value: float = np.inf
    fewest: float = 0.0
    chosen_value: float = field(init=False)
    needed: Flags = field(init=False)
    useless: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.chosen_value = self.gains.value(self.chosen)
        self.needed = np.zeros(len(self.cost), bool)
        self.useless = self.cost > self.budget * (1 + NOTHING)

    def take(self, paid: float, worth: Floats, *, try_it: bool) -> tuple[Floats, float, bool]:
        """Learn from one set of prices; return the shares of the relaxed choice, its bound, whether it is nearer."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(self.cost > 0, worth / self.cost, np.where(worth > 0, np.inf, 0.0))
        rate[self.cost > self.budget * (1 + NOTHING)] = 0.0
        order = np.argsort(-rate, kind="stable")
        order = order[rate[order] > 0]
        spent = np.cumsum(self.cost[order])
        whole = int(np.searchsorted(spent, self.budget * (1 + NOTHING), side="right"))
        share = np.zeros(len(self.cost))
        share[order[:whole]] = 1.0
        value = paid + float(worth[order[:whole]].sum())
        least = most = 0.0  # what a unit of the budget is worth: to leave a site out, to take one in
        if whole < len(order):
            left = max(self.budget - (float(spent[whole - 1]) if whole else 0.0), 0.0)
            part = left / float(self.cost[order[whole]])
            partly = part > NOTHING
            if partly:
                share[order[whole]] = part
                value += part * float(worth[order[whole]])
            least = float(rate[order[whole]])
            most = least if partly or not whole else float(rate[order[whole - 1]])
        slack = NOTHING * max(self.aim, 1.0)
        bar = self.aim - 2 * slack if self.target is not None else self.aim + slack
        if np.isfinite(most):
            inside = share >= 1
            self.useless |= ~inside & (value + worth - most * self.cost <= bar)
            self.needed |= inside & (value - worth + least * self.cost <= bar)
        if self.target is not None:
            self.fewest = max(self.fewest, _fewest(self.target - paid, np.sort(worth)[::-1]))
        if try_it and self.target is None:
            self._try([int(one) for one in order[:whole]])
        better = value < self.value - 1e-5 * max(abs(self.value), 1.0) if np.isfinite(self.value) else True
        self.value = min(self.value, value)
        return share, value, better

    def _try(self, chosen: list[int]) -> None:
        value = self.gains.value(chosen)
        if value > self.chosen_value * (1 + NOTHING):
            self.chosen, self.chosen_value = chosen, value
            self.aim = max(self.aim, value)


def _fewest(need: float, worth: Floats) -> float:
    """Return how many sites at least are worth ``need`` together, the last one by its share; ``worth`` falling."""
    if need <= 0:
        return 0.0
    together = np.cumsum(worth)
    place = int(np.searchsorted(together, need))
    if place >= len(worth):
        return float(len(worth))
    before = float(together[place - 1]) if place else 0.0
    return place + (need - before) / float(worth[place])
