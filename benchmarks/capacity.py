"""Enhanced two-step floating catchments on the streets of Wuhan and Porto, beside PySAL ``access``.

Ours: weights by zones and the two steps of ``analysis.catchment`` for every home, from pairs of homes and facilities
within 1,000 m. Floor: ``access.fca.two_stage_fca`` with ``weights.step_fn`` on the same pairs as a data frame. Reading
streets, snapping and walking (also shown) is in neither. Both must agree to 1e-6 of the places per person.
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from access.fca import two_stage_fca
from access.weights import step_fn

from benchmarks.measure import figure, median_s, paired_median_s
from benchmarks.street_files import PORTO, WUHAN, beside_streets, read_town
from geo_service.analysis.catchment import GAUSSIAN_ZONES, catchment, zone_weights
from geo_service.analysis.pairs import Pairs, pairs_within
from geo_service.analysis.snapping import snap

LIMIT_M = 1000.0
HOMES, QUICK_HOMES, FACILITIES = 60_000, 5_000, 500
TOWNS = {"Wuhan": WUHAN, "Porto": PORTO}
PLAIN = ((1.0, 1.0),)
AGREES = 1e-6
Floats = npt.NDArray[np.float64]


def ours(pairs: Pairs, people: Floats, capacity: Floats, zones: tuple[tuple[float, float], ...]) -> Floats:
    """Return the places per person of every home."""
    weight = zone_weights(pairs.metres, LIMIT_M, zones)
    return catchment(pairs.start, pairs.end, weight, people, capacity).places


def theirs(costs: pd.DataFrame, people: Floats, capacity: Floats, zones: tuple[tuple[float, float], ...]) -> Floats:
    """Return the same by PySAL; homes and facilities by their numbers, homes without any facility find nothing."""
    demand = pd.DataFrame({"geoid": np.arange(len(people)), "demand": people})
    supply = pd.DataFrame({"supply": capacity}, index=pd.Index(np.arange(len(capacity)), name="geoid"))
    found = two_stage_fca(
        demand,
        supply,
        costs,
        max_cost=LIMIT_M,
        demand_name="demand",
        supply_name="supply",
        weight_fn=step_fn({end * LIMIT_M: weight for end, weight in zones}),
    )
    return found.reindex(np.arange(len(people))).fillna(0.0).to_numpy()


def measure(name: str, path: Path, homes: int, *, quick: bool) -> bool:
    """Measure one town; whether both agree."""
    town = read_town(path, homes, categories=1)
    rng = np.random.default_rng(7)
    start = snap(town.network.snap_index, *town.homes)
    end = snap(town.network.snap_index, *beside_streets(town.network, FACILITIES, rng))
    people, capacity = rng.integers(1, 40, homes).astype(float), rng.integers(60, 400, FACILITIES).astype(float)
    times = 1 if quick else 5
    walking = median_s(lambda: pairs_within(town.network, start, end, limit_m=LIMIT_M), 1)
    pairs = pairs_within(town.network, start, end, limit_m=LIMIT_M)
    note = f"{homes:,} homes, {FACILITIES} facilities, {len(pairs):,} pairs within {LIMIT_M:,.0f} m"
    figure(f"{name}: all pairs on foot", walking, note=note)
    costs = pd.DataFrame({"origin": pairs.start, "dest": pairs.end, "cost": pairs.metres})
    agree = True
    for what, zones in (("three Gaussian zones", GAUSSIAN_ZONES), ("plain 2SFCA", PLAIN)):
        value, floor = paired_median_s(
            lambda zones=zones: ours(pairs, people, capacity, zones),
            lambda zones=zones: theirs(costs, people, capacity, zones),
            times,
        )
        own, other = ours(pairs, people, capacity, zones), theirs(costs, people, capacity, zones)
        apart = float(np.abs(own - other).max())
        agree &= apart <= AGREES
        figure(f"{name}: {what}", value, floor=floor, at_least=1, note="floor: access.fca.two_stage_fca")
        figure(f"{name}: {what}, largest difference", apart, "places per person", at_most=AGREES)
    return agree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer homes, one run")
    options = parser.parse_args()
    warnings.simplefilter("ignore", FutureWarning)
    homes = QUICK_HOMES if options.quick else HOMES
    agreed = [measure(name, path, homes, quick=options.quick) for name, path in TOWNS.items()]
    sys.exit(0 if all(agreed) else 1)


if __name__ == "__main__":
    main()
