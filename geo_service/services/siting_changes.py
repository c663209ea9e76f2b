"""Opening a gate or adding a crossing as candidates beside building: whom they bring near to what there is (§3.11)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo_service.analysis.pairs import Pairs
from geo_service.domain.capacity import concerned_bands
from geo_service.services.candidates import Candidate, priced
from geo_service.services.facilities import EVERYBODY, Targets
from geo_service.services.gap_states import Surroundings
from geo_service.services.networks import assign
from geo_service.services.siting_look import Found, Look
from geo_service.services.siting_question import SitingQuestion

Flags = npt.NDArray[np.bool_]
CHANGES: Final = ("gate", "crossing", "drawn_crossing")


def find_changes(
    around: Surroundings,
    targets: Targets,
    question: SitingQuestion,
    lacking: Flags,
    only: Sequence[Candidate] | None = None,
) -> tuple[list[Candidate], Pairs]:
    """Return gates that do not let everyone pass and crossings of barriers, with the homes each would bring near.

    Parameters
    ----------
    around, targets
        Where homes are, and what there is of the category: only verified facilities that admit everybody concerned
        are walked to.
    question
        Kinds of candidates, drawn crossings, limit and costs.
    lacking
        Homes not covered now, shape (h,).
    only
        Candidates that were found before, on other networks: nothing else is looked at.

    Returns
    -------
    candidates and pairs
        Those that bring at least one home within the limit, and all that were drawn or are in ``only``; pairs of their
        place (start) and the home (end), with the walk through the gate or crossing. One bounded search from each
        (:mod:`geo_service.analysis.cures`).
    """
    asked = _drawn(question) if only is None else [one for one in only if one.kind in CHANGES]
    concerned = frozenset(concerned_bands(question.category))
    admits = [bands is None or (bool(concerned) and concerned <= bands) for bands in targets.bands]
    usable = targets.verified & (targets.admits_area == EVERYBODY) & np.array(admits, bool)
    doors = np.flatnonzero(usable[targets.place_owner])
    lon, lat = targets.place_lon[doors], targets.place_lat[doors]
    at, starts = assign(around.networks, lon, lat), assign(around.networks, around.lon, around.lat)
    first = np.array([one.places[0] for one in asked], np.float64).reshape(-1, 2)
    asked_at = assign(around.networks, first[:, 0], first[:, 1])
    found: Found = []
    for number, streets in enumerate(around.networks):
        here, there = np.flatnonzero(lacking & (starts == number)), np.flatnonzero(at == number)
        own = [one for one, place in zip(asked, asked_at, strict=True) if place == number]
        if not own and (only is not None or streets.network.enclosed is None):
            continue
        places = np.column_stack(streets.frame.to_metric(lon[there], lat[there]))
        homes = np.column_stack(streets.frame.to_metric(around.lon[here], around.lat[here]))
        look = Look(streets, question, places, homes)
        parts = look.at(own) + (look.found() if only is None else [])
        found += [(one, here[some], metres) for one, some, metres in parts]
    candidates = [priced(one, question) for one, _, _ in found]
    start = np.repeat(np.arange(len(found), dtype=np.int32), [len(homes) for _, homes, _ in found])
    end = np.concatenate([homes for _, homes, _ in found]) if found else np.zeros(0)
    metres = np.concatenate([walks for _, _, walks in found]) if found else np.zeros(0)
    return candidates, Pairs(start, end.astype(np.int32), metres)


def _drawn(question: SitingQuestion) -> list[Candidate]:
    """Return the drawn crossings, shown half way along."""
    if "drawn_crossing" not in question.candidates:
        return []
    made = []
    for one in question.lines:
        middle = shapely.line_interpolate_point(shapely.linestrings(one.line), 0.5, normalized=True)
        place = ((float(middle.x), float(middle.y)),)
        made.append(Candidate(one.code, "drawn_crossing", one.name, place, cost_yuan=one.cost_yuan, line=one.line))
    return made


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
