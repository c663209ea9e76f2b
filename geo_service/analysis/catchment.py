"""Places per person by the enhanced two-step floating catchment (PRODUCT §3.9).

Luo & Wang 2003 (two steps), Luo & Qi 2009 (weights by zones of distance), Environment and Planning B 30(6): 865-884 and
Health & Place 15(4): 1100-1107.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.snapping import TOLERANCE_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
# shares of the limit at which zones end (the end belongs to the zone), and the weight of a walk within each
GAUSSIAN_ZONES: Final = ((1 / 3, 1.0), (2 / 3, 0.68), (1.0, 0.22))


@dataclass(frozen=True)
class Catchment:
    """What h homes find and f facilities face.

    Attributes
    ----------
    places
        Places for each person concerned at a home: the sum over the facilities within the limit of their places per
        weighted person, times the weight of the walk; 0 where none is within the limit, shape (h,).
    reached
        Whether any facility with places is within the limit of each home, shape (h,).
    demand
        Weighted people each facility is there for, shape (f,).
    places_each
        Places per weighted person at each facility, NaN where nobody can come, shape (f,).
    """

    places: Floats
    reached: npt.NDArray[np.bool_]
    demand: Floats
    places_each: Floats


def zone_weights(metres: Floats, limit_m: float, zones: Sequence[tuple[float, float]] = GAUSSIAN_ZONES) -> Floats:
    """Return the weight of each walk, 0 beyond the limit, shape of ``metres``.

    Parameters
    ----------
    metres
        Walks.
    limit_m
        The limit; a walk of exactly a zone's end belongs to that zone.
    zones
        Share of the limit where each zone ends, ascending, and its weight. A single zone ``(1, 1)`` gives the plain
        two-step floating catchment.
    """
    ends = np.array([end for end, _ in zones]) * limit_m
    weights = np.array([*(weight for _, weight in zones), 0.0])
    found: Floats = weights[np.searchsorted(ends, metres - TOLERANCE_M, side="left")]
    return found


def catchment(
    home: Ints, facility: Ints, weight: Floats, people: Floats, capacity: Floats, *, served: Floats | None = None
) -> Catchment:
    """Return the two steps.

    Parameters
    ----------
    home, facility, weight
        Pairs of a home and a facility within the limit that admits somebody there, and the weight of their walk,
        shape (p,). A pair of weight 0 is none.
    people
        People concerned at each home, shape (h,); NaN (not known) counts as nobody.
    capacity
        Places of each facility, all known, shape (f,).
    served
        Of the people at the home of a pair, how many the facility admits, shape (p,); None: all concerned.

    Notes
    -----
    Step 1: ``places_each[j] = capacity[j] / sum over homes k within the limit of people[k] * weight[k, j]``.
    Step 2: ``places[i] = sum over facilities j within the limit of places_each[j] * weight[i, j]``. Where a facility
    admits some of the people concerned at a home only, its demand is those, and a home's places are the mean over
    its people (over nobody: as if it admitted all).
    """
    within = weight > 0
    if not within.all():
        home, facility, weight = home[within], facility[within], weight[within]
        served = None if served is None else served[within]
    persons = np.nan_to_num(people)
    coming = persons[home] if served is None else np.nan_to_num(served)
    demand = np.bincount(facility, weights=coming * weight, minlength=len(capacity)).astype(np.float64)
    each = np.divide(capacity, demand, out=np.full(len(capacity), np.nan), where=demand > 0)
    gives = np.nan_to_num(each)[facility] * weight
    if served is not None:
        concerned = persons[home]
        gives *= np.divide(coming, concerned, out=np.ones(len(home)), where=concerned > 0)
    places = np.bincount(home, weights=gives, minlength=len(people)).astype(np.float64)
    reached = np.zeros(len(people), bool)
    reached[home[(capacity > 0)[facility]]] = True
    return Catchment(places, reached, demand, each)
