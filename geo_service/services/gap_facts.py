"""What is said of a gap zone besides its people: the nearest alternative, what is near by, what would cure it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.gap_zones import Gaps
from geo_service.analysis.states import REASONS as UNKNOWN_REASONS
from geo_service.services.cures import KINDS as CURES
from geo_service.services.facilities import Targets
from geo_service.services.gap_states import Audience

Longs = npt.NDArray[np.int64]
_MOST_CURES: Final = 5


@dataclass(frozen=True)
class Lacking:
    """What is known of a category: facilities, its audiences, and why each of them lacks it in each home."""

    category: str
    targets: Targets
    audiences: Sequence[Audience]
    gaps: Sequence[Gaps]
    speed_m_s: float


def alternative_of(lacking: Lacking, members: Longs) -> dict[str, Any] | None:
    """Return the facility that is the nearest on foot for most of the homes, and how far they walk to their nearest."""
    metres = np.concatenate(
        [a.walks.metres[0, members[members[:, 1] == n, 0]] for n, a in enumerate(lacking.audiences)]
    )
    facility = np.concatenate(
        [a.walks.facility[0, members[members[:, 1] == n, 0]] for n, a in enumerate(lacking.audiences)]
    )
    reached = np.isfinite(metres)
    if not reached.any():
        return None
    median = _median(metres[reached])
    return _named(lacking, most_frequent(facility[reached].astype(np.int64))) | {
        "metres": round(median, 2),
        "seconds": round(median / lacking.speed_m_s, 1),
        "nearest_m": round(float(metres[reached].min()), 2),
        "farthest_m": round(float(metres[reached].max()), 2),
    }


def nearby_of(lacking: Lacking, members: Longs, which: str, far: str) -> dict[str, Any] | None:
    """Return the facility most homes have near by, how many they are, and the least distance."""
    parts = [(members[members[:, 1] == n, 0], audience) for n, audience in enumerate(lacking.audiences)]
    facility = np.concatenate([getattr(audience, which)[home] for home, audience in parts])
    metres = np.concatenate([getattr(audience, far)[home] for home, audience in parts])
    homes = np.concatenate([home for home, _ in parts])
    found = facility >= 0
    if not found.any():
        return None
    most = most_frequent(facility[found].astype(np.int64))
    of_it = found & (facility == most)
    return _named(lacking, most) | {
        "metres": round(float(metres[of_it].min()), 2),
        "buildings": len(np.unique(homes[of_it])),
    }


def by_air_of(lacking: Lacking, members: Longs) -> dict[str, Any] | None:
    """Return the facility most homes have near by air, and how many times farther they walk to any (median)."""
    found = nearby_of(lacking, members, "air_facility", "air_m")
    parts = [(members[members[:, 1] == n, 0], audience) for n, audience in enumerate(lacking.audiences)]
    air = np.concatenate([audience.air_m[home] for home, audience in parts])
    walk = np.concatenate([audience.walks.metres[0, home] for home, audience in parts])
    known = np.isfinite(walk) & np.isfinite(air) & (air > 0)
    ratio = round(_median(walk[known] / air[known]), 2) if known.any() else None
    return None if found is None else found | {"detour_ratio": ratio}


def cures_of(lacking: Lacking, members: Longs) -> list[dict[str, Any]]:
    """Return what would cure homes of the zone, most homes first: a gate or a crossing, and by how much."""
    found: dict[tuple[int, str], list[tuple[int, float, float, float, float]]] = {}
    for number, audience in enumerate(lacking.audiences):
        cures = audience.cures
        for home in () if cures is None else members[members[:, 1] == number, 0].tolist():
            if cures is not None and cures.kind[home]:
                key = (int(cures.kind[home]), str(cures.code[home]))
                where = (float(cures.lon[home]), float(cures.lat[home]))
                found.setdefault(key, []).append((home, float(cures.metres[home]), float(cures.gained_m[home]), *where))
    rows: list[dict[str, Any]] = []
    for (kind, code), each in found.items():
        gained = [one[2] for one in each if np.isfinite(one[2])]
        best = min(each, key=lambda one: (one[1], one[0]))
        rows.append(
            {
                "kind": CURES[kind],
                "code": code,
                "lon": round(best[3], 7),
                "lat": round(best[4], 7),
                "buildings": len({one[0] for one in each}),
                "metres": round(float(np.median([one[1] for one in each])), 2),
                "gained_m": round(float(np.median(gained)), 2) if gained else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["buildings"], row["kind"] != "gate", row["code"]))[:_MOST_CURES]


def unknown_of(lacking: Lacking, members: Longs) -> dict[str, int]:
    """Return the buildings by what is not known about them."""
    counts: Counter[str] = Counter()
    for home, number in {int(home): int(number) for home, number in members[::-1, :2]}.items():
        counts[UNKNOWN_REASONS[lacking.audiences[number].states.reason[0, home]] or "age_unknown"] += 1
    return dict(sorted(counts.items()))


def _named(lacking: Lacking, place: int) -> dict[str, Any]:
    return {"code": lacking.targets.code[place], "name": lacking.targets.name[place]}


def _median(values: npt.NDArray[np.float64]) -> float:
    """Return the median of some values; ``np.median`` takes longer for a zone's few than all else said of it."""
    ordered = np.sort(values)
    return float((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)


def most_frequent(places: Longs) -> int:
    """Return the most frequent place, of several the first, -1 only where there is no other."""
    known = places[places >= 0]
    return int(np.bincount(known).argmax()) if len(known) else -1
