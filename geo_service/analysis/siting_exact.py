"""The best choice of sites by a mixed-integer solver (HiGHS through SciPy), with what it could prove."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix, eye_array, hstack

from geo_service.analysis.siting_gains import Gains

Floats = npt.NDArray[np.float64]

_INFEASIBLE: Final = 2


@dataclass(frozen=True)
class Solved:
    """What the solver found.

    Attributes
    ----------
    chosen
        Candidates, None where it found no choice.
    bound
        No choice has a larger value (or, for the fewest sites, no fewer of them); inf (or 0) where it proved nothing.
    infeasible
        It proved that there is no choice at all.
    finished
        It ended by itself, not at the time limit.
    """

    chosen: list[int] | None
    bound: float
    infeasible: bool
    finished: bool


def most_value(gains: Gains, cost: Floats, budget: float, *, seconds: float, gap_share: float) -> Solved:
    """Return the choice of the largest value that costs at most ``budget``; ``gains`` must be merged.

    Church and ReVelle's maximal covering model (1974): a group is covered as far as its candidates are chosen.
    """
    groups, candidates = gains.demand_count, gains.candidate_count
    worth = gains.most
    objective = np.concatenate([np.zeros(candidates), -worth])
    spending = csr_matrix(np.concatenate([cost, np.zeros(groups)])[None, :])
    within = LinearConstraint(spending, -np.inf, budget)
    return _solved(objective, [_covered_by_chosen(gains), within], candidates, seconds, gap_share, sign=-1.0)


def fewest_sites(gains: Gains, target: float, at_most: float, *, seconds: float, gap_share: float) -> Solved:
    """Return the smallest choice of at most ``at_most`` sites that reaches the value ``target``; ``gains`` merged."""
    groups, candidates = gains.demand_count, gains.candidate_count
    objective = np.concatenate([np.ones(candidates), np.zeros(groups)])
    reached = LinearConstraint(csr_matrix(np.concatenate([np.zeros(candidates), gains.most])[None, :]), target, np.inf)
    few = LinearConstraint(csr_matrix(objective[None, :]), 0.0, at_most)
    return _solved(objective, [_covered_by_chosen(gains), reached, few], candidates, seconds, gap_share, sign=1.0)


def _covered_by_chosen(gains: Gains) -> LinearConstraint:
    """Return: the covered share of a group is at most the number of its candidates that are chosen."""
    shape = (gains.demand_count, gains.candidate_count)
    chosen = coo_matrix((-np.ones(len(gains)), (gains.demand, gains.candidate)), shape=shape)
    return LinearConstraint(hstack([chosen, eye_array(gains.demand_count)]).tocsr(), -np.inf, 0.0)


def _solved(
    objective: Floats,
    constraints: list[LinearConstraint],
    candidates: int,
    seconds: float,
    gap_share: float,
    *,
    sign: float,
) -> Solved:
    answer = milp(
        objective,
        integrality=np.r_[np.ones(candidates), np.zeros(len(objective) - candidates)],
        bounds=Bounds(0.0, 1.0),
        constraints=constraints,
        options={"time_limit": seconds, "mip_rel_gap": gap_share},
    )
    nothing = np.inf if sign < 0 else 0.0
    if answer.status == _INFEASIBLE:
        return Solved(None, nothing, infeasible=True, finished=True)
    proven = answer.mip_dual_bound
    bound = sign * float(proven) if proven is not None and np.isfinite(proven) else nothing
    chosen = None
    if answer.x is not None:
        chosen = [int(one) for one in np.flatnonzero(answer.x[:candidates] > 0.5)]
    return Solved(chosen, bound, infeasible=False, finished=answer.status == 0)
