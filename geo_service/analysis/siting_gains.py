"""What candidate sites would do for groups of people: the sparse table every siting question is solved on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from geo_service.analysis.pairs import Pairs

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Gains:
    """Gains of d groups of demand from c candidates; each group takes the best of the chosen ones, or nothing.

    Attributes
    ----------
    demand, candidate, gain
        One entry a pair with a gain above 0, ordered by demand, then candidate; shape (p,).
    demand_count, candidate_count
        Numbers d and c.
    """

    demand: Ints
    candidate: Ints
    gain: Floats
    demand_count: int
    candidate_count: int

    def __len__(self) -> int:
        return len(self.gain)

    @cached_property
    def _by_candidate(self) -> tuple[Longs, Longs]:
        order = np.argsort(self.candidate, kind="stable")
        return order, np.searchsorted(self.candidate[order], np.arange(self.candidate_count + 1))

    def of(self, candidate: int) -> Longs:
        """Return the places of one candidate's pairs."""
        order, begin = self._by_candidate
        return order[begin[candidate] : begin[candidate + 1]]

    @cached_property
    def most(self) -> Floats:
        """The largest gain each group can have, shape (d,)."""
        most = np.zeros(self.demand_count)
        np.maximum.at(most, self.demand, self.gain)
        return most

    @cached_property
    def is_even(self) -> bool:
        """Whether each group gains one amount from all of its candidates."""
        return bool((self.gain == self.most[self.demand]).all())

    @cached_property
    def _served_by(self) -> csr_matrix:
        """1 for each pair, shape (d, c)."""
        begin = np.searchsorted(self.demand, np.arange(self.demand_count + 1))
        ones = np.ones(len(self))
        return csr_matrix((ones, self.candidate, begin), shape=(self.demand_count, self.candidate_count))

    @cached_property
    def _serves(self) -> csr_matrix:
        """1 for each pair, shape (c, d)."""
        return self._served_by.T.tocsr()

    def taken(self, chosen: npt.ArrayLike) -> Floats:
        """Return what each group gains from the chosen candidates together, shape (d,)."""
        best = np.zeros(self.demand_count)
        for one in np.asarray(chosen, np.int64):
            places = self.of(int(one))
            who = self.demand[places]
            best[who] = np.maximum(best[who], self.gain[places])
        return best

    def value(self, chosen: npt.ArrayLike) -> float:
        """Return what all groups gain from the chosen candidates together."""
        return float(self.taken(chosen).sum())

    def more(self, taken: Floats) -> Floats:
        """Return what each candidate adds to what the groups have ``taken`` (or pay) already, shape (c,)."""
        if self.is_even:
            return np.asarray(self._serves @ np.maximum(self.most - taken, 0.0), np.float64)
        added = np.maximum(self.gain - taken[self.demand], 0.0)
        return np.asarray(np.bincount(self.candidate, added, self.candidate_count), np.float64)

    def served(self, share: Floats, taken: Floats) -> Floats:
        """Return how many of the candidates, chosen by a ``share`` each, add to what a group has ``taken``; (d,)."""
        if self.is_even:
            return np.asarray(self._served_by @ share, np.float64) * (self.most > taken)
        adds = self.gain > taken[self.demand]
        served = np.bincount(self.demand, np.where(adds, share[self.candidate], 0.0), self.demand_count)
        return np.asarray(served, np.float64)

    def left(self, fixed: Longs, free: Longs) -> "Gains":
        """Return what the ``free`` candidates (numbered anew in this order) add once the ``fixed`` ones are chosen."""
        number = np.full(self.candidate_count, -1, np.int32)
        number[free] = np.arange(len(free), dtype=np.int32)
        gain = self.gain - self.taken(fixed)[self.demand]
        kept = np.flatnonzero((gain > 0) & (number[self.candidate] >= 0))
        return _ordered(self.demand[kept], number[self.candidate[kept]], gain[kept], self.demand_count, len(free))

    def merged(self) -> "Gains":
        """Return the same gains as a smaller table of groups that either gain one amount or nothing.

        A group that gains g₁ > g₂ > … from its candidates becomes one group for every step gₜ − gₜ₊₁, which each of
        the candidates up to t satisfies (the radius formulation of García, Labbé and Marín 2011). Groups with the
        same candidates are made one. The value of every choice stays what it was.
        """
        demand, candidate, gain = self._steps()
        begin = np.flatnonzero(np.r_[True, demand[1:] != demand[:-1]]) if len(demand) else np.zeros(0, np.int64)
        ends = np.r_[begin[1:], len(demand)][: len(begin)]
        sets: dict[bytes, int] = {}
        key = candidate.astype(">i4")
        group = [sets.setdefault(key[low:high].tobytes(), len(sets)) for low, high in zip(begin, ends, strict=True)]
        ordered = sorted(sets)
        place = np.empty(len(sets), np.int64)
        place[[sets[one] for one in ordered]] = np.arange(len(sets))
        of_group = place[group] if group else np.zeros(0, np.int64)
        order = np.lexsort((gain[begin], of_group))  # summed in an order of its own: that of the input leaves no trace
        weight = np.zeros(len(sets))
        np.add.at(weight, of_group[order], gain[begin][order])
        members = [np.frombuffer(one, ">i4").astype(np.int32) for one in ordered]
        sizes = [len(one) for one in members]
        return Gains(
            np.repeat(np.arange(len(sets), dtype=np.int32), sizes),
            np.concatenate(members) if members else np.zeros(0, np.int32),
            np.repeat(weight, sizes),
            len(sets),
            self.candidate_count,
        )

    def step_count(self) -> int:
        """Return how many pairs :meth:`merged` would have before groups are made one."""
        if self.is_even:
            return len(self)
        _, begin, end = self._stairs()
        return int((end - begin).sum())

    def _stairs(self) -> tuple[Longs, Longs, Longs]:
        """Return the pairs by group from the largest gain down, and where in them each step's candidates lie."""
        order = np.lexsort((self.candidate, -self.gain, self.demand))
        demand, gain = self.demand[order], self.gain[order]
        heads = np.r_[True, demand[1:] != demand[:-1]]
        head = np.maximum.accumulate(np.where(heads, np.arange(len(order)), 0))
        last = np.flatnonzero(np.r_[heads[1:] | (gain[1:] != gain[:-1]), True])
        return order, head[last], last + 1

    def _steps(self) -> tuple[Longs, Ints, Floats]:
        """Return groups of one step each: number, candidates in order, and the step itself."""
        if self.is_even:
            return self.demand.astype(np.int64), self.candidate, self.gain
        order, begin, end = self._stairs()
        gain = self.gain[order]
        below = np.zeros(len(end))
        inside = np.flatnonzero(begin[1:] == begin[:-1])
        below[inside] = gain[end[inside + 1] - 1]
        step = gain[end - 1] - below
        count = end - begin
        number = np.repeat(np.arange(len(end)), count)
        place = np.arange(len(number)) - np.repeat(np.cumsum(count) - count, count) + begin[number]
        candidate = self.candidate[order][place]
        again = np.lexsort((candidate, number))
        return number[again], candidate[again], step[number[again]]


def coverage_gains(pairs: Pairs, weight: Floats, candidate_count: int) -> Gains:
    """Return the gains of covering: a demand's whole ``weight`` from any candidate it is paired with.

    Parameters
    ----------
    pairs
        Candidate (start) and demand (end) within the limit.
    weight
        People (weighted by age, say) of each demand, shape (d,); demands of weight 0 are left out.
    candidate_count
        Number of candidates, also of those without a pair.

    Returns
    -------
    Gains
        Demands with the same candidates are one group: exact, since no choice tells them apart.
    """
    gain = weight[pairs.end]
    kept = np.flatnonzero(gain > 0)
    return _ordered(pairs.end[kept], pairs.start[kept], gain[kept], len(weight), candidate_count).merged()


def nearness_gains(pairs: Pairs, weight: Floats, now_m: Floats, candidate_count: int) -> Gains:
    """Return the gains of coming nearer: ``weight`` × metres by which a candidate is nearer than what there is now.

    ``now_m`` is each demand's walk to the nearest existing facility, or the distance beyond which farther makes no
    difference, shape (d,).
    """
    gain = weight[pairs.end] * (now_m[pairs.end] - pairs.metres)
    kept = np.flatnonzero(gain > 0)
    return _ordered(pairs.end[kept], pairs.start[kept], gain[kept], len(weight), candidate_count)


def _ordered(demand: Ints, candidate: Ints, gain: Floats, demands: int, candidates: int) -> Gains:
    order = np.lexsort((candidate, demand))
    return Gains(demand[order].astype(np.int32), candidate[order].astype(np.int32), gain[order], demands, candidates)
