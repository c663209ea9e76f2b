"""Where new sites help most (PRODUCT §3.11): maximal covering, the fewest that reach a share, p-median.

All three are one question on a table of gains (:mod:`siting_gains`). A choice is found by greedy and exchanges, a
bound by prices (:mod:`siting_bound`), which also tells which candidates no better choice can contain; what is left
is decided by HiGHS (:mod:`siting_exact`) where it is small enough. Same input, same answer; candidates are given in
the order of their codes, and of equal ones the earlier is taken.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.siting_bound import Bound, bound
from geo_service.analysis.siting_exact import Solved, fewest_sites, most_value
from geo_service.analysis.siting_gains import Gains
from geo_service.analysis.siting_search import NOTHING, earliest, exchanged, greedy, in_order, without_needless

Floats = npt.NDArray[np.float64]

EXACT_UP_TO_PAIRS: Final = 250_000  # pairs left after the bound that are still given to the solver
GREEDY_SHARE: Final = 1 - float(np.exp(-1))  # of the best possible, with equal costs: Nemhauser, Wolsey, Fisher 1978
GREEDY_SHARE_OF_BUDGET: Final = GREEDY_SHARE / 2  # Khuller, Moss, Naor 1999
_WHOLE: Final = 1e-6  # a bound this near above a whole number of sites is that number


@dataclass(frozen=True)
class Effort:
    """How long the solver may take, and by what share of the bound its answer may be worse (0: the best)."""

    seconds: float = 60.0
    gap_share: float = 0.0


@dataclass(frozen=True)
class Sites:
    """A choice of sites and what is proven about it.

    Attributes
    ----------
    chosen
        Places of the chosen candidates, the one that adds most first.
    adds
        What each adds to those before it, same length.
    value
        What they gain together (people covered, or person-metres saved).
    bound
        Proven: no choice gains more; for the fewest sites: no choice that reaches the target has fewer sites.
    gap_share
        How much better than this a choice could be at most, as a share of the bound (of the number of sites).
    solver
        ``bound`` (the bound alone proved it), ``highs``, or ``search`` where something stayed open.
    is_proven
        Whether the gap is within what was asked.
    timed_out
        The solver stopped at its time limit: another machine may find something else.
    """

    chosen: list[int]
    adds: list[float]
    value: float
    bound: float
    gap_share: float
    solver: str
    is_proven: bool
    timed_out: bool


def best_sites(gains: Gains, cost: Floats, budget: float, effort: Effort = Effort()) -> Sites:
    """Return the choice of the largest gain within a budget, or of so many sites.

    Parameters
    ----------
    gains
        From :func:`~geo_service.analysis.siting_gains.coverage_gains` (maximal covering) or
        :func:`~geo_service.analysis.siting_gains.nearness_gains` (p-median).
    cost
        Cost of each candidate, not negative; ones where sites are counted, shape (c,).
    budget
        What they may cost together, or how many there may be.
    effort
        Limits of the solver; the search and the bound before it take seconds at most.
    """
    first = greedy(gains, cost, budget)
    if not (cost == 1).all():
        first = max(first, greedy(gains, cost, budget, per_cost=False), key=gains.value)
    chosen = exchanged(gains, first, cost, budget)
    proven = bound(gains, cost, budget, chosen, aim=gains.value(chosen), gap_share=effort.gap_share)
    if proven.chosen_value > gains.value(chosen) * (1 + NOTHING):
        chosen = exchanged(gains, proven.chosen, cost, budget)
    value, limit, solver, timed_out = gains.value(chosen), proven.value, "bound", False
    if not _within(value, limit, effort.gap_share):
        solved = _left_to_solver(gains, cost, budget, proven, effort)
        solver = "highs" if solved is not None else "search"
        if solved is not None:
            timed_out = not solved.finished
            if solved.chosen is not None and gains.value(solved.chosen) > value * (1 + NOTHING):
                chosen = exchanged(gains, solved.chosen, cost, budget) if timed_out else solved.chosen
                value = gains.value(chosen)
            limit = min(limit, max(solved.bound, value))
    return _sites(gains, earliest(gains, chosen, cost), limit, solver, effort.gap_share, timed_out=timed_out)


def fewest_to_reach(gains: Gains, target: float, effort: Effort = Effort()) -> Sites:
    """Return the fewest sites that together gain ``target``, which all together must reach.

    Parameters as of :func:`best_sites`. ``bound`` and ``gap_share`` of the answer are about the number of sites.
    """
    ones = np.ones(gains.candidate_count)
    everything = gains.value(np.arange(gains.candidate_count))
    if target > everything * (1 + NOTHING):
        raise ValueError(f"all candidates together gain {everything}, less than {target}")
    target = min(target, everything)
    chosen = _fewer(gains, greedy(gains, ones, np.inf, target=target), target)
    fewest, solver, timed_out = 0.0, "bound", False
    if chosen:
        proven = bound(gains, ones, len(chosen) - 1, chosen, aim=target * (1 - 2 * NOTHING), target=target)
        few = proven.value < target * (1 - NOTHING)  # fewer sites do not reach it
        fewest = float(len(chosen)) if few else float(np.ceil(proven.fewest - _WHOLE))
        if fewest < len(chosen) and (len(chosen) - fewest) > effort.gap_share * len(chosen):
            solved = _fewest_by_solver(gains, target, len(chosen) - 1, proven, effort)
            solver = "highs" if solved is not None else "search"
            if solved is not None:
                timed_out = not solved.finished
                if solved.infeasible:
                    fewest = float(len(chosen))
                elif solved.chosen is not None and gains.value(solved.chosen) >= target * (1 - 10 * NOTHING):
                    chosen = solved.chosen
                fewest = max(fewest, min(float(np.ceil(solved.bound - _WHOLE)), float(len(chosen))))
    made = _sites(gains, earliest(gains, chosen, ones), fewest, solver, effort.gap_share, timed_out=timed_out)
    gap = 0.0 if not chosen else (len(chosen) - fewest) / len(chosen)
    return replace(made, gap_share=gap, is_proven=gap <= effort.gap_share, bound=fewest)


def _fewer(gains: Gains, chosen: list[int], target: float) -> list[int]:
    """Return a smaller choice that reaches the target: without what is not needed, and by exchanges among fewer."""
    ones = np.ones(gains.candidate_count)
    while True:
        chosen = without_needless(gains, chosen, target)
        if not chosen:
            return chosen
        order, _ = in_order(gains, chosen)
        fewer = exchanged(gains, order[:-1], ones, len(order) - 1)
        if gains.value(fewer) < target * (1 - NOTHING):
            return chosen
        chosen = fewer


def _within(value: float, limit: float, gap_share: float) -> bool:
    """Whether a value is as near to the bound as asked (or as sums of floats are)."""
    return limit - value <= max(gap_share * limit, 2 * NOTHING * max(value, 1.0))


def _sites(gains: Gains, chosen: list[int], limit: float, solver: str, gap_share: float, *, timed_out: bool) -> Sites:
    order, adds = in_order(gains, chosen)
    value = gains.value(chosen)
    done = _within(value, limit, gap_share)
    limit = value if _within(value, limit, 0.0) else limit
    gap = (limit - value) / limit if limit > 0 else 0.0
    return Sites(order, adds, value, limit, gap, solver, done, timed_out)


def _left_to_solver(gains: Gains, cost: Floats, budget: float, proven: Bound, effort: Effort) -> Solved | None:
    """Return what the solver makes of the candidates that are still open, in the numbers of all; None if too many."""
    fixed, free = np.flatnonzero(proven.needed & ~proven.useless), np.flatnonzero(~proven.needed & ~proven.useless)
    open_gains = gains.left(fixed, free)
    if open_gains.step_count() > EXACT_UP_TO_PAIRS:
        return None
    left = budget - float(cost[fixed].sum())
    sure = gains.value(fixed)
    if left < 0 or not len(free):  # nothing better than what is known, unless it is the fixed ones by themselves
        chosen = [int(one) for one in fixed] if left >= 0 else None
        return Solved(chosen, max(proven.chosen_value, sure), infeasible=False, finished=True)
    solved = most_value(open_gains.merged(), cost[free], left, seconds=effort.seconds, gap_share=effort.gap_share)
    return _in_all(solved, fixed, free, sure)


def _fewest_by_solver(gains: Gains, target: float, at_most: int, proven: Bound, effort: Effort) -> Solved | None:
    fixed, free = np.flatnonzero(proven.needed & ~proven.useless), np.flatnonzero(~proven.needed & ~proven.useless)
    open_gains = gains.left(fixed, free)
    if open_gains.step_count() > EXACT_UP_TO_PAIRS:
        return None
    need, left = target - gains.value(fixed), at_most - len(fixed)
    if left >= 0 and need <= NOTHING * target:
        return Solved([int(one) for one in fixed], float(len(fixed)), infeasible=False, finished=True)
    if left <= 0 or not len(free):
        return Solved(None, 0.0, infeasible=True, finished=True)
    solved = fewest_sites(open_gains.merged(), need, left, seconds=effort.seconds, gap_share=effort.gap_share)
    return _in_all(solved, fixed, free, float(len(fixed)))


def _in_all(solved: Solved, fixed: npt.NDArray[np.int64], free: npt.NDArray[np.int64], more: float) -> Solved:
    """Return a solution for the open candidates as one for all of them."""
    chosen = None if solved.chosen is None else sorted([*fixed.tolist(), *free[solved.chosen].tolist()])
    return replace(solved, chosen=chosen, bound=solved.bound + more)
