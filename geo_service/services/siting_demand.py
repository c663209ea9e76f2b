"""Whom new sites could reach: the people not covered now, by home and age band, exact or as they are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo_service.analysis.coverage import ALL
from geo_service.analysis.states import COVERED, NOT_COVERED, UNKNOWN, States
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.reference import Limit
from geo_service.domain.suppression import least_together
from geo_service.services.ages import NO_AGE, states_of_no_age
from geo_service.services.facilities import Targets
from geo_service.services.gap_states import Surroundings, audiences_of, persons_in
from geo_service.services.walks import Walks, walk

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
STATES: Final = {"covered": COVERED, "not_covered": NOT_COVERED, "unknown": UNKNOWN}


@dataclass(frozen=True)
class Audience:
    """Age bands that the same facilities admit, with state and walk to what there is of each home, shapes (h,)."""

    bands: tuple[str, ...]
    state: npt.NDArray[np.uint8]
    metres: Floats


@dataclass(frozen=True)
class Counted:
    """People of each home by band as they are counted, how many at least (exact: the same), which homes count."""

    people: Mapping[str, Floats]
    least: Mapping[str, Floats] | None
    keep: Flags


@dataclass(frozen=True)
class Demand:
    """What there is to cover, h homes.

    Attributes
    ----------
    weight
        Weighted people of each home that are not covered; homes where nobody's people are known; shape (h,).
    now_m
        Walk to the nearest existing facility, the mean of those not covered; inf for none, shape (h,).
    by_people
        Whether people are counted, else homes.
    persons, least
        People by state, band (``all`` first) and home as they are counted, and at least; shapes (h,).
    homes
        Homes by state, True where somebody there is in that state; a home with people in several counts as not
        covered, then as unknown; shapes (h,).
    unsure
        Homes where of somebody it is not known whether they are covered, whoever else lives there, shape (h,).
    without_people
        Homes not covered whose people are not known.
    """

    weight: Floats
    now_m: Floats
    by_people: bool
    persons: Mapping[str, Mapping[str, Floats]]
    least: Mapping[str, Mapping[str, Floats]]
    homes: Mapping[str, Flags]
    unsure: Flags
    without_people: int

    def weights_in(self, state: str, weights: Mapping[str, float]) -> Floats:
        """Return the weighted people (the homes) in a state, shape (h,)."""
        if self.by_people:
            return _weighted(self.persons[state], weights)
        return self.homes[state].astype(np.float64)


def find_audiences(around: Surroundings, targets: Targets, category: str, limit: Limit) -> list[Audience]:
    """Return how it stands with everybody concerned, by the bands that the same facilities admit."""
    found = []
    for bands in audiences_of(concerned_bands(category), targets):
        band = None if bands == (ALL,) else bands[0]
        walks = _walked(around, targets, limit, band)
        states = walks.states(limit)
        if band == NO_AGE:
            states = _of_no_age(around, targets, limit, states)
        found.append(Audience(bands, states.state[0], walks.metres[0]))
    return found


def demand_of(audiences: Sequence[Audience], counted: Counted, weights: Mapping[str, float]) -> Demand:
    """Return what there is to cover, from the people as they are ``counted`` and what each band weighs."""
    size = len(counted.keep)
    persons, least = (
        {name: _by_band(audiences, people, state, counted.keep) for name, state in STATES.items()}
        for people in (counted.people, counted.people if counted.least is None else counted.least)
    )
    if counted.least is not None:
        for name, state in STATES.items():
            if ALL in least[name]:
                least[name][ALL] = _least_of_all(audiences, counted, state)
    lacking = np.zeros(size, bool)
    unknown = np.zeros(size, bool)
    for one in audiences:
        lacking |= one.state == NOT_COVERED
        unknown |= one.state == UNKNOWN
    homes = {
        "not_covered": lacking & counted.keep,
        "unknown": unknown & ~lacking & counted.keep,
        "covered": ~unknown & ~lacking & counted.keep,
    }
    weight = _weighted(persons["not_covered"], weights)
    by_people = bool((weight > 0).any())
    somebody = persons["not_covered"].get(ALL)
    known = np.zeros(size, bool) if somebody is None else ~np.isnan(somebody)
    if not by_people and (counted.least is not None or not known[lacking & counted.keep].any()):
        weight = homes["not_covered"].astype(np.float64)
    return Demand(
        weight,
        _now_m(audiences, lacking),
        by_people,
        persons,
        least,
        homes,
        unknown & counted.keep,
        int((homes["not_covered"] & ~known).sum()),
    )


def _walked(around: Surroundings, targets: Targets, limit: Limit, band: str | None) -> Walks:
    return walk(around.networks, targets, around.people(band), category_count=1, limit=limit, profile=around.profile)


def _of_no_age(around: Surroundings, targets: Targets, limit: Limit, states: States) -> States:
    """Return the states of people of unknown age: where only a facility for certain ages covers them, not known."""
    return states_of_no_age(states.state, _walked(around, targets, limit, None).states(limit))


def _by_band(audiences: Sequence[Audience], people: Mapping[str, Floats], state: int, keep: Flags) -> dict[str, Floats]:
    """Return the people in a state by band, everybody first; NaN where not known; nothing where nobody's are."""
    found: dict[str, Floats] = {}
    for one in audiences:
        here = keep & (one.state == state)
        if one.bands == (ALL,):
            shown = [ALL, *(band for band in people if band and band != ALL)]
        else:
            shown = list(one.bands)
        for band in shown:
            persons = persons_in(people, band)
            if persons is not None:
                found[band] = np.where(here, persons, 0.0)
    if found and ALL not in found:
        found = {ALL: np.sum(list(found.values()), axis=0), **found}
    return {band: found[band] for band in (ALL, *(b for b in found if b != ALL)) if band in found}


def _least_of_all(audiences: Sequence[Audience], counted: Counted, state: int) -> Floats:
    """Return how many people are in a state at least in each home, all bands of an audience taken together."""
    parts = [
        np.where(counted.keep & (one.state == state), least_together(counted.people, one.bands, everybody=ALL), 0.0)
        for one in audiences
    ]
    return np.asarray(np.sum(parts, axis=0), float)


def _weighted(persons: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    if not persons:
        return np.zeros(0)
    weight = np.nan_to_num(persons[ALL]).copy()
    for band, one in weights.items():
        if band in persons:
            weight += (one - 1.0) * np.nan_to_num(persons[band])
    return np.maximum(weight, 0.0)


def _now_m(audiences: Sequence[Audience], lacking: Flags) -> Floats:
    """Return the shortest walk among those of a home who are not covered."""
    now = np.full(len(lacking), np.inf)
    for one in audiences:
        here = one.state == NOT_COVERED
        now[here] = np.minimum(now[here], one.metres[here])
    return now
