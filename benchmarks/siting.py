"""Best sites: 2,000 candidates, 20,000 seeded homes, k = 10, within 1,000 m on the streets of Wuhan, and a dense town.

Ours: from the walks within the limit to a choice with its bound. Beside it spopt's MCLP on the same matrix, solved by
HiGHS; on the dense town (Euclidean circles of 750 m, 50 candidates a home) only ours, since spopt needs a full matrix
and the plain model does not end within its time limit there.
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
SPOPT_SECONDS = 120
Floats = npt.NDArray[np.float64]


def people(count: int) -> Floats:
    """Return seeded residents of homes."""
    return np.random.default_rng(7).integers(0, 120, count).astype(np.float64)


def ours(pairs: Pairs, weight: Floats) -> Sites:
    """Return the best sites."""
    return best_sites(coverage_gains(pairs, weight, CANDIDATES), np.ones(CANDIDATES), SITES)


def greedy_alone(pairs: Pairs, weight: Floats) -> None:
    """Choose greedily only."""
    greedy(coverage_gains(pairs, weight, CANDIDATES), np.ones(CANDIDATES), SITES)


def spopt_mclp(pairs: Pairs, weight: Floats) -> tuple[float, float]:
    """Return seconds and value of spopt's model; it is given a matrix of homes by candidates."""
    import pulp
    from spopt.locate import MCLP

    matrix = np.full((HOMES, CANDIDATES), 10 * LIMIT_M)
    matrix[pairs.end, pairs.start] = np.minimum(pairs.metres, LIMIT_M)
    start = time.perf_counter()
    model = MCLP.from_cost_matrix(matrix, weight, LIMIT_M, p_facilities=SITES)
    solver = pulp.HiGHS(msg=False, timeLimit=SPOPT_SECONDS)
    model = model.solve(solver)
    return time.perf_counter() - start, float(model.problem.objective.value())


def measure(name: str, pairs: Pairs, weight: Floats, times: int) -> Sites:
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
    return found


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
    found = measure("Wuhan", pairs, weight, times)
    rng = np.random.default_rng(3)
    places, homes = rng.uniform(0, 8000, (CANDIDATES, 2)), rng.uniform(0, 8000, (HOMES, 2))
    near = cKDTree(homes).query_ball_point(places, 750.0, return_sorted=True)
    start = np.repeat(np.arange(CANDIDATES, dtype=np.int32), [len(one) for one in near])
    end = np.concatenate([np.array(one, np.int32) for one in near])
    measure("dense town", Pairs(start, end, np.zeros(len(start))), weight, times)
    if quick:
        return
    seconds, value = spopt_mclp(pairs, weight)
    same = "the same value" if abs(value - found.value) < 1e-6 * found.value else f"value {value:,.0f}"
    mine = median_s(lambda: ours(pairs, weight), times)
    figure("Wuhan: spopt MCLP with HiGHS", mine, floor=seconds, at_least=1, note=f"spopt once: {same}")


if __name__ == "__main__":
    main()
