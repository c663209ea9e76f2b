"""Best sites: 2,000 candidates, 20,000 seeded homes, k = 10, within 1,000 m on the streets of Wuhan, and a dense town.

Ours: from the walks within the limit to a choice with its bound, there and on a dense town (Euclidean circles of 750 m,
50 candidates a home). Beside it spopt's MCLP with the solver that comes with it on the same matrix of 500 × 5,000: it
goes over every cell of a full matrix, which takes minutes for the whole one.
"""

import argparse
import time

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from benchmarks.measure import figure, median_s
from benchmarks.street_files import WUHAN, read_town
from geo_service.analysis.pairs import Pairs, pairs_within
from geo_service.analysis.siting import Sites, best_sites
from geo_service.analysis.siting_gains import coverage_gains
from geo_service.analysis.siting_search import greedy
from geo_service.analysis.snapping import snap

CANDIDATES, HOMES, SITES, LIMIT_M = 2_000, 20_000, 10, 1000.0
FEWER_CANDIDATES, FEWER_HOMES = 500, 5_000
Floats = npt.NDArray[np.float64]


def people(count: int) -> Floats:
    """Return seeded residents of homes."""
    return np.random.default_rng(7).integers(0, 120, count).astype(np.float64)


def ours(pairs: Pairs, weight: Floats, candidates: int = CANDIDATES) -> Sites:
    """Return the best sites."""
    return best_sites(coverage_gains(pairs, weight, candidates), np.ones(candidates), SITES)


def greedy_alone(pairs: Pairs, weight: Floats) -> None:
    """Choose greedily only."""
    greedy(coverage_gains(pairs, weight, CANDIDATES), np.ones(CANDIDATES), SITES)


def spopt_mclp(pairs: Pairs, weight: Floats) -> tuple[float, float]:
    """Return seconds and value of spopt's model; it is given a matrix of homes by candidates."""
    import pulp
    from spopt.locate import MCLP

    matrix = np.full((FEWER_HOMES, FEWER_CANDIDATES), 10 * LIMIT_M)
    matrix[pairs.end, pairs.start] = np.minimum(pairs.metres, LIMIT_M)
    start = time.perf_counter()
    model = MCLP.from_cost_matrix(matrix, weight, LIMIT_M, p_facilities=SITES)
    model = model.solve(pulp.PULP_CBC_CMD(msg=False))
    return time.perf_counter() - start, float(model.problem.objective.value())


def beside_spopt(pairs: Pairs, weight: Floats, times: int) -> None:
    """Measure both on the first candidates and homes."""
    fewer = (pairs.start < FEWER_CANDIDATES) & (pairs.end < FEWER_HOMES)
    some, weight = Pairs(pairs.start[fewer], pairs.end[fewer], pairs.metres[fewer]), weight[:FEWER_HOMES]
    seconds, value = spopt_mclp(some, weight)
    mine = ours(some, weight, FEWER_CANDIDATES).value
    name = f"Wuhan: {FEWER_CANDIDATES:,} × {FEWER_HOMES:,}, k = {SITES}, against spopt"
    taken = median_s(lambda: ours(some, weight, FEWER_CANDIDATES), times)
    figure(name, taken, floor=seconds, at_least=1, note=f"value {mine:,.0f}, spopt's (once) {value:,.0f}")


def measure(name: str, pairs: Pairs, weight: Floats, times: int) -> None:
    """Measure one town."""
    found = ours(pairs, weight)
    note = f"{len(pairs):,} pairs; value {found.value:,.0f}, gap {found.gap_share:.2%}, {found.solver}"
    figure(
        f"{name}: {CANDIDATES:,} × {HOMES:,}, k = {SITES}",
        median_s(lambda: ours(pairs, weight), times),
        at_most=60,
        note=note,
    )
    figure(f"{name}: gap proven", 100 * found.gap_share, "%", at_most=1)
    figure(f"{name}: greedy alone", median_s(lambda: greedy_alone(pairs, weight), times), at_most=2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    times = 1 if quick else 5
    town = read_town(WUHAN, HOMES + CANDIDATES)
    snaps = snap(town.network.snap_index, *town.homes)
    starts, ends = snaps.take(np.arange(HOMES, HOMES + CANDIDATES)), snaps.take(np.arange(HOMES))
    weight = people(HOMES)

    def walks() -> Pairs:
        return pairs_within(town.network, starts, ends, limit_m=LIMIT_M)

    pairs = walks()
    figure("Wuhan: walks of all pairs within 1,000 m", median_s(walks, times), note=f"{len(pairs):,} pairs")
    measure("Wuhan", pairs, weight, times)
    rng = np.random.default_rng(3)
    places, homes = rng.uniform(0, 8000, (CANDIDATES, 2)), rng.uniform(0, 8000, (HOMES, 2))
    near = cKDTree(homes).query_ball_point(places, 750.0, return_sorted=True)
    start = np.repeat(np.arange(CANDIDATES, dtype=np.int32), [len(one) for one in near])
    end = np.concatenate([np.array(one, np.int32) for one in near])
    measure("dense town", Pairs(start, end, np.zeros(len(start))), weight, times)
    if not quick:
        beside_spopt(pairs, weight, times)


if __name__ == "__main__":
    main()
