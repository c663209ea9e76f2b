"""The answer of siting as rows: chosen sites with whom they reach, all candidates, before and after, what is proven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.analysis.pairs import Pairs
from geo_service.analysis.siting import GREEDY_SHARE, GREEDY_SHARE_OF_BUDGET, Effort, Sites, best_sites, fewest_to_reach
from geo_service.analysis.siting_gains import Gains, coverage_gains, nearness_gains
from geo_service.analysis.snapping import TOLERANCE_M
from geo_service.domain.suppression import FEWEST_PERSONS
from geo_service.services.candidates import NEEDS_CONSENT, UNVERIFIED, Candidate
from geo_service.services.capacity_rows import plain_number
from geo_service.services.notes import note
from geo_service.services.siting_demand import STATES, Audience, Counted, Demand, demand_of
from geo_service.services.siting_people import People, before_after, per_person
from geo_service.services.siting_question import SitingQuestion

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
BEYOND_LIMITS: Final = 3.0  # for shortest walks: beyond so many limits farther makes no difference
SITE_COLUMNS: Final = (
    "order", "code", "kind", "name", "lon", "lat", "area_m2", "people", "people_covered_from_unknown", "homes",
    "homes_covered_from_unknown", "mean_saved_m", "cost_yuan", "cost_is_usual", "yuan_per_person", "needs_consent",
)  # fmt: skip
CANDIDATE_COLUMNS: Final = (
    "code", "kind", "name", "lon", "lat", "area_m2", "status", "reason", "people", "homes", "cost_yuan",
    "cost_is_usual", "needs_consent",
)  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """The question, all candidates, walks of homes (ends) to the eligible ones (starts), and how it stands now."""

    question: SitingQuestion
    candidates: Sequence[Candidate]
    pairs: Pairs
    audiences: Sequence[Audience]

    def within(self, candidate: int) -> npt.NDArray[np.int32]:
        """Return the homes within the limit of a candidate."""
        low, high = np.searchsorted(self.pairs.start, [candidate, candidate + 1])
        near = self.pairs.metres[low:high] <= self.question.limit.metres + TOLERANCE_M
        return self.pairs.end[low:high][near]


@dataclass(frozen=True)
class _Chosen:
    """The choice, what is to be said of it, and the key of a note on the ``share`` reached, None without one."""

    sites: Sites | None
    notes: list[dict[str, Any]]
    about_share: str | None = None
    share: float = 0.0


def answered(ground: Ground, counted: Counted) -> dict[str, Any]:
    """Return the answer with people as they are ``counted``: the choice itself rests on them, too.

    Whoever is told rounded people is told the best sites for these: a choice made from exact ones would tell which of
    two buildings has more people (decision 22).
    """
    question = ground.question
    demand = demand_of(ground.audiences, counted, question.weights)
    chosen = _choose(ground, demand)
    order = [] if chosen.sites is None else chosen.sites.chosen
    brought = _brought(ground, demand, order, is_told=counted.least is not None)
    others = [_other(ground, demand, counted, one) for one in range(len(ground.candidates)) if one not in set(order)]
    is_shown = brought["total"]["people"] is not None or counted.least is None
    share = _told_share(question, demand, brought, is_told=counted.least is not None)
    return {
        "counted_by": "people" if demand.by_people else "homes",
        **brought,
        "candidates": others,
        "proof": _proof(question, demand, chosen.sites, shown=is_shown),
        "notes": [*_notes(demand), *_with_share(chosen, is_told=share), *_fewer(ground, order)],
    }


def brought_by(ground: Ground, counted: Counted, sites: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what sites that were chosen on another ground bring on this one: their rows, total, before and after.

    ``sites`` are rows of :func:`answered` in their order; each is among the candidates of the ground.
    """
    demand = demand_of(ground.audiences, counted, ground.question.weights)
    place = {(one.code, one.kind): number for number, one in enumerate(ground.candidates)}
    order = [place[site["code"], site["kind"]] for site in sites]
    return _brought(ground, demand, order, is_told=counted.least is not None)


def _brought(ground: Ground, demand: Demand, order: Sequence[int], *, is_told: bool) -> dict[str, Any]:
    """Return rows and total of chosen sites, how it stands before and after, and mean walks where these are asked."""
    new = People(demand, _first_reached(ground, demand, order), is_told=is_told)
    moments = before_after(demand, new)
    walks = _mean_walks(ground, demand, order) if ground.question.objective == "p_median" else None
    if walks is not None and is_told and demand.by_people and moments["before"]["people_not_covered"] is None:
        walks = [np.nan] * len(walks)  # means go with the people they are weighted by
    sites = [_site(ground.candidates[one], place, new, walks) for place, one in enumerate(order)]
    cost = [site["cost_yuan"] for site in sites]
    whole = new.row(len(order))
    total_cost = None if None in cost else sum(cost)
    return {
        "sites": sites,
        "total": {
            **whole,
            "sites": len(sites),
            "cost_yuan": total_cost,
            "yuan_per_person": per_person(total_cost, whole["people"]),
        },
        **moments,
        "walks": None if walks is None else {"mean_before_m": _rounded(walks[0]), "mean_after_m": _rounded(walks[-1])},
    }


def _first_reached(ground: Ground, demand: Demand, order: Sequence[int]) -> list[npt.NDArray[np.int64]]:
    """Return the homes where somebody is not covered, or not known to be, that each site reaches and none before it."""
    reached = []
    open_homes = demand.homes["not_covered"] | demand.unsure
    for one in order:
        homes = ground.within(one)
        new = homes[open_homes[homes]].astype(np.int64)
        open_homes[new] = False
        reached.append(new)
    return reached


def _choose(ground: Ground, demand: Demand) -> _Chosen:
    question, pairs, count = ground.question, ground.pairs, len(ground.candidates)
    if not (demand.weight > 0).any():
        return _Chosen(None, [note("note.siting_all_covered")])
    if question.objective == "p_median":
        gains = nearness_gains(pairs, demand.weight, _now(question, demand), count)
    else:
        gains = coverage_gains(pairs, demand.weight, count)
    if not len(gains):
        said = [note("note.siting_reach_nobody")] if any(one.reason is None for one in ground.candidates) else []
        return _Chosen(None, said)
    return _solved(ground, demand, gains)


def _solved(ground: Ground, demand: Demand, gains: Gains) -> _Chosen:
    question = ground.question
    effort = Effort(question.seconds, question.gap_share)
    if question.objective == "set_cover":
        covered, total = _weighted_share(demand, question)
        need = (question.share or 0.0) * total - covered
        most = gains.value(np.arange(gains.candidate_count))
        if need <= 0:
            return _Chosen(None, [], "note.siting_share_reached", covered / total)
        sites = fewest_to_reach(gains, min(need, most), effort)
        if need > most:
            return _Chosen(sites, [], "note.siting_share_unreachable", (covered + most) / total)
        return _Chosen(sites, [])
    if question.budget_yuan is not None:
        cost = np.array([np.inf if one.cost_yuan is None else one.cost_yuan for one in ground.candidates])
        # a candidate that is not eligible has no pair: what it costs does not matter
        cost = np.where([one.reason is None for one in ground.candidates], cost, question.budget_yuan)
        return _Chosen(best_sites(gains, cost, question.budget_yuan, effort), [])
    return _Chosen(best_sites(gains, np.ones(gains.candidate_count), float(question.k or 0), effort), [])


def _told_share(question: SitingQuestion, demand: Demand, brought: Mapping[str, Any], *, is_told: bool) -> bool:
    """Whether the share reached may be said: as told only where before and after are, and no age band is weighted.

    A weighted share would be one of people by band, which are withheld by themselves.
    """
    if not is_told or not demand.by_people:
        return True
    known = all(brought[moment]["people_covered_share"] is not None for moment in ("before", "after"))
    return known and not question.weights


def _with_share(chosen: _Chosen, *, is_told: bool) -> list[dict[str, Any]]:
    """Return the notes of a choice, with the share that is reached or without it."""
    if chosen.about_share is None:
        return chosen.notes
    said = note(chosen.about_share, share=_per_cent(chosen.share)) if is_told else note(f"{chosen.about_share}_untold")
    return [*chosen.notes, said]


def _weighted_share(demand: Demand, question: SitingQuestion) -> tuple[float, float]:
    """Return the weighted people covered and of all states (homes where people are not counted)."""
    found = {}
    for state in STATES:
        weight = demand.weights_in(state, question.weights)
        found[state] = float(weight.sum())
    return found["covered"], sum(found.values())


def _now(question: SitingQuestion, demand: Demand) -> Floats:
    return np.minimum(demand.now_m, BEYOND_LIMITS * question.limit.metres)


def _site(one: Candidate, place: int, new: People, walks: Sequence[float] | None) -> dict[str, Any]:
    people = new.row(place)
    saved = None if walks is None else walks[place] - walks[place + 1]
    return {
        "order": place + 1,
        **_shown(one),
        **people,
        "mean_saved_m": None if saved is None else _rounded(saved),
        "yuan_per_person": per_person(one.cost_yuan, people["people"]),
    }


def _shown(one: Candidate) -> dict[str, Any]:
    lon, lat = one.places[0]
    return {
        "code": one.code,
        "kind": one.kind,
        "name": one.name,
        "lon": round(lon, 7),
        "lat": round(lat, 7),
        "line": None if one.line is None else [[round(x, 7), round(y, 7)] for x, y in one.line],
        "area_m2": one.area_m2,
        "cost_yuan": one.cost_yuan,
        "cost_is_usual": one.cost_is_usual,
        "needs_consent": one.kind in NEEDS_CONSENT,
        "doubt": None if one.doubt is None else note(f"siting_doubt.{one.doubt}", **one.doubt_facts),
    }


def _other(ground: Ground, demand: Demand, counted: Counted, place: int) -> dict[str, Any]:
    """Return a candidate that is not chosen: why, and whom it would reach alone."""
    one = ground.candidates[place]
    homes = ground.within(place)
    homes = homes[demand.homes["not_covered"][homes]]
    people = None
    persons, least = demand.persons["not_covered"].get(ALL), demand.least["not_covered"].get(ALL)
    if one.reason is None and persons is not None and least is not None:
        few = counted.least is not None and len(homes) > 0 and np.nansum(least[homes]) < FEWEST_PERSONS
        people = None if few else plain_number(float(np.nansum(persons[homes])))
    facts = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in one.facts.items()}
    return {
        **_shown(one),
        "status": "not_chosen" if one.reason is None else "not_eligible",
        "reason": one.reason,
        "why": None if one.reason is None else note(_why(one), **facts),
        "people": people,
        "homes": len(homes) if one.reason is None else None,
    }


def _why(one: Candidate) -> str:
    """Return the key of the sentence on why a candidate is not eligible; it says where a figure is to be verified."""
    return f"siting_reason.{one.reason}" + ("_to_verify" if UNVERIFIED in one.facts else "")


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f}"


def _proof(question: SitingQuestion, demand: Demand, sites: Sites | None, *, shown: bool) -> dict[str, Any] | None:
    """Return what is proven of the choice, None where there was nothing to choose.

    ``value`` and ``bound`` count weighted people (homes), metres they walk less, or sites, as ``unit`` says.
    """
    if sites is None:
        return None
    by = "people" if demand.by_people else "homes"
    unit = {"max_cover": by, "p_median": f"{by}_metres", "set_cover": "sites"}[question.objective]
    value = float(len(sites.chosen)) if unit == "sites" else sites.value
    guaranteed = None
    if unit != "sites":
        guaranteed = round(GREEDY_SHARE if question.budget_yuan is None else GREEDY_SHARE_OF_BUDGET, 4)
    shown = shown or unit == "sites"
    return {
        "unit": unit,
        "value": round(value, 3) if shown else None,
        "bound": round(sites.bound, 3) if shown else None,
        "gap_share": round(sites.gap_share, 6) if shown else None,
        "gap_share_asked": question.gap_share,
        "is_proven": sites.is_proven,
        "solver": sites.solver,
        "timed_out": sites.timed_out,
        "greedy_guarantees_share": guaranteed,
    }


def _mean_walks(ground: Ground, demand: Demand, order: Sequence[int]) -> list[float]:
    """Return the weighted mean walk of those not covered now, metres: as it is, then with one site more at a time."""
    walk = _now(ground.question, demand)
    whole = float(demand.weight.sum())
    means = [float(demand.weight @ walk) / whole if whole > 0 else np.nan]
    for one in order:
        low, high = np.searchsorted(ground.pairs.start, [one, one + 1])
        homes = ground.pairs.end[low:high]
        walk[homes] = np.minimum(walk[homes], ground.pairs.metres[low:high])
        means.append(float(demand.weight @ walk) / whole if whole > 0 else np.nan)
    return means


def _rounded(metres: float) -> float | None:
    return round(metres, 2) if np.isfinite(metres) else None


def _fewer(ground: Ground, order: Sequence[int]) -> list[dict[str, Any]]:
    """Return a note where fewer sites are chosen than were asked for and could be, since no other helps anybody."""
    k, eligible = ground.question.k, sum(one.reason is None for one in ground.candidates)
    if k is None or not order or len(order) >= min(k, eligible):
        return []
    return [note("note.siting_fewer", k=k, count=len(order))]


def _notes(demand: Demand) -> list[dict[str, Any]]:
    notes = []
    if not demand.by_people and (demand.weight > 0).any():
        notes.append(note("note.siting_by_homes"))
    elif demand.without_people:
        notes.append(note("note.siting_without_people", count=demand.without_people))
    unknown = int(demand.homes["unknown"].sum())
    if unknown:
        notes.append(note("note.siting_unknown", count=unknown))
    return notes


def flat_rows(rows: Sequence[Mapping[str, Any]], bands: Sequence[str]) -> list[dict[str, Any]]:
    """Return rows with one column a band."""
    return [{**row, **{f"people_{band}": row.get("people_by_band", {}).get(band) for band in bands}} for row in rows]
