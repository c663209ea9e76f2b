"""Opening a gate or adding a crossing as candidates beside building: whom they bring near to what there is (§3.11)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from geo_service.analysis.cures import Changes, best_change, crossings_to_add, gates_to_open, reach_of
from geo_service.analysis.pairs import Pairs
from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.capacity import concerned_bands
from geo_service.services.candidates import Candidate, priced
from geo_service.services.facilities import EVERYBODY, Targets
from geo_service.services.gap_states import Surroundings
from geo_service.services.networks import Streets, assign
from geo_service.services.siting_question import SitingQuestion

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Found = list[tuple[Candidate, Longs, Floats]]
MOST: Final = 300  # gates and crossings of one network that are looked at, by code


def find_changes(
    around: Surroundings, targets: Targets, question: SitingQuestion, lacking: Flags
) -> tuple[list[Candidate], Pairs]:
    """Return gates that do not let everyone pass and crossings of barriers, with the homes each would bring near.

    Parameters
    ----------
    around, targets
        Where homes are, and what there is of the category: only verified facilities that admit everybody concerned
        are walked to.
    question
        Kinds of candidates, limit and costs.
    lacking
        Homes not covered now, shape (h,).

    Returns
    -------
    candidates and pairs
        Those that bring at least one home within the limit; pairs of their place (start) and the home (end), with the
        walk through the gate or crossing. One bounded search from each (:mod:`geo_service.analysis.cures`).
    """
    concerned = frozenset(concerned_bands(question.category))
    admits = [bands is None or (bool(concerned) and concerned <= bands) for bands in targets.bands]
    usable = targets.verified & (targets.admits_area == EVERYBODY) & np.array(admits, bool)
    doors = np.flatnonzero(usable[targets.place_owner])
    lon, lat = targets.place_lon[doors], targets.place_lat[doors]
    at, starts = assign(around.networks, lon, lat), assign(around.networks, around.lon, around.lat)
    found: Found = []
    for number, streets in enumerate(around.networks):
        here, there = np.flatnonzero(lacking & (starts == number)), np.flatnonzero(at == number)
        if streets.network.enclosed is not None and len(here) and len(there):
            places = np.column_stack(streets.frame.to_metric(lon[there], lat[there]))
            homes = np.column_stack(streets.frame.to_metric(around.lon[here], around.lat[here]))
            found += _on_network(streets, question, places, homes, here)
    candidates = [priced(one, question) for one, _, _ in found]
    start = np.repeat(np.arange(len(found), dtype=np.int32), [len(homes) for _, homes, _ in found])
    end = np.concatenate([homes for _, homes, _ in found]) if found else np.zeros(0)
    metres = np.concatenate([walks for _, _, walks in found]) if found else np.zeros(0)
    return candidates, Pairs(start, end.astype(np.int32), metres)


def _on_network(streets: Streets, question: SitingQuestion, places: Floats, homes: Floats, here: Longs) -> Found:
    """Return the changes of one network; places and homes in its metric frame, shapes (k, 2) and (m, 2)."""
    network, step_free, limit_m = streets.network, question.profile.step_free, question.limit.metres
    ends = snap_places(network, places[:, 0], places[:, 1])
    snaps = snap_homes(network, homes[:, 0], homes[:, 1])
    kinds: list[tuple[str, Changes]] = []
    if "gate" in question.candidates:
        kinds.append(("gate", gates_to_open(network, reach_of(network, ends, step_free=step_free))))
    if "crossing" in question.candidates:
        away, nearest = cKDTree(places).query(homes, distance_upper_bound=limit_m + TOLERANCE_M)
        near = np.isfinite(away)
        if near.any():
            lines = shapely.linestrings(np.stack([homes[near], places[nearest[near]]], axis=1))
            kinds.append(("crossing", crossings_to_add(network, ends, lines, step_free=step_free)))
    tree = cKDTree(homes)
    found: Found = []
    for kind, changes in kinds:
        lon, lat = streets.frame.to_lonlat(changes.x, changes.y)
        for place in range(min(len(changes), MOST)):
            if not tree.query_ball_point(
                (changes.x[place], changes.y[place]), limit_m + TOLERANCE_M, return_length=True
            ):
                continue
            made = best_change(network, _only(changes, place), snaps, homes, limit_m=limit_m, step_free=step_free)
            cured = np.flatnonzero(made.change >= 0)
            if len(cured):
                where = (float(lon[place]), float(lat[place]))
                code = changes.code[place] if kind == "gate" else f"{changes.code[place]}@{where[0]:.5f},{where[1]:.5f}"
                found.append((Candidate(code, kind, None, (where,)), here[cured], made.metres[cured]))
    return found


def _only(changes: Changes, place: int) -> Changes:
    """Return one of the changes alone."""
    seeds, feet = changes.seed_of == place, changes.foot_of == place
    return Changes(
        [changes.code[place]],
        changes.x[[place]],
        changes.y[[place]],
        np.zeros(int(seeds.sum()), np.int64),
        changes.seed_node[seeds],
        changes.seed_m[seeds],
        np.zeros(int(feet.sum()), np.int64),
        changes.foot_edge[feet],
        changes.foot_offset_m[feet],
        changes.foot_m[feet],
    )


def merged(parts: Sequence[tuple[Sequence[Candidate], Pairs]]) -> tuple[list[Candidate], Pairs]:
    """Return several lists of candidates as one, by code, then kind, with the pairs of all."""
    every = [one for candidates, _ in parts for one in candidates]
    order = sorted(range(len(every)), key=lambda place: (every[place].code, every[place].kind))
    number = np.empty(len(every), np.int32)
    number[order] = np.arange(len(every), dtype=np.int32)
    first = np.cumsum([0, *(len(candidates) for candidates, _ in parts)])
    start = np.concatenate([number[pairs.start + begin] for (_, pairs), begin in zip(parts, first[:-1], strict=True)])
    end = np.concatenate([pairs.end for _, pairs in parts])
    metres = np.concatenate([pairs.metres for _, pairs in parts])
    candidates = [every[place] for place in order]
    kept = np.array([one.reason is None for one in candidates], bool)[start]
    start, end, metres = start[kept], end[kept], metres[kept]
    by_start = np.lexsort((end, start))
    return candidates, Pairs(start[by_start], end[by_start], metres[by_start])
