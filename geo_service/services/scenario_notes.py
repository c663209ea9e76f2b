"""What a reader of a what-if must know beside its figures: what is not known, and which edits change nothing."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from geo_service.analysis.snapping import REACH_M
from geo_service.analysis.stepping import snap_homes, snap_places
from geo_service.domain.capacity import concerned_bands
from geo_service.domain.scenarios import Edit
from geo_service.foundation.texts import LANGS, text
from geo_service.services.facilities import Targets
from geo_service.services.gap_search import surveyed_homes
from geo_service.services.networks import assign
from geo_service.services.notes import note, shared_limit
from geo_service.services.questions import CoverageQuestion
from geo_service.services.scenario_edits import admitted
from geo_service.services.scenario_ground import Ground
from geo_service.services.supply import UNCOUNTED, Supply, names_of, supply_note

_NAMED: Final = 10  # edits a note names; the others are counted
_SAID_OF_NEW: Final = ("capacity_missing", "no_street")
_ON_STREETS: Final = ("facility_add", "facility_move", "homes_add")


def notes_of_data(
    ground: Ground, question: CoverageQuestion, targets: Targets, without: Sequence[str]
) -> list[dict[str, Any]]:
    """Return what is not known of homes and facilities; ``without`` are categories not declared complete."""
    shared = shared_limit(question)
    found = [note("note.limit_shared", **shared)] if shared else []
    if ground.by != question.by:
        found.append(note("note.by_nearest_level", asked=question.by, used=ground.by))
    if ground.homes.people is None:
        found.append(note("note.people_no_data"))
    elif ground.homes.people_basis == "estimate":
        found.append(note("note.people_estimate"))
    certain = [code for code in question.categories if concerned_bands(code)]
    if certain and ground.homes.people is not None:
        ages = all(band in ground.homes.people for code in certain for band in concerned_bands(code))
        found.append(note("note.scenario_headline" if ages else "note.scenario_ages_unknown", categories=certain))
    if without:
        found.append(note("note.scenario_not_surveyed", categories=list(without)))
    unverified = [
        code
        for place, code in enumerate(question.categories)
        if (targets.category == place).any() and not targets.verified[targets.category == place].any()
    ]
    if unverified:
        found.append(note("note.scenario_unverified", categories=unverified))
    return found


def notes_of_several(categories: Sequence[str]) -> list[dict[str, Any]]:
    """Return that figures of several categories are not to be added."""
    return [note("note.scenario_apart", categories=list(categories))] if len(categories) > 1 else []


def notes_of_edits(
    ground: Ground, categories: Sequence[str], edits: Sequence[Edit], joined: AbstractSet[str]
) -> list[dict[str, Any]]:
    """Return what the edits leave as it is, each edit by its name, and how they are read.

    ``joined`` are the codes of gates that join streets (:func:`joined_gates`), before or after the edits.
    """
    kinds = {edit.edit for edit in edits}
    asked = set(categories)
    found = []
    if kinds & {"path_add", "path_cut"} and _goes_round(ground):
        found.append(note("note.scenario_detours"))
    other = sorted({str(edit.category) for edit in edits if edit.category} - asked)
    if other:
        found.append(note("note.scenario_other_categories", categories=other))
    added = [edit for edit in edits if edit.edit == "facility_add" and edit.category in asked and not edit.bands]
    banded = sorted({str(edit.category) for edit in added if admitted(edit) is not None})
    if banded:
        found.append(note("note.scenario_for_bands", categories=banded))
    ageless = [edit for edit in edits if edit.edit == "homes_add" and edit.residents and not edit.people]
    if ageless:
        persons = f"{sum(edit.residents for edit in ageless):.0f}"
        found.append(note("note.scenario_homes_ageless", count=len(ageless), persons=persons))
    return [*found, *_off_streets(ground, edits), *_idle_gates(edits, joined)]


def notes_of_supplies(pairs: Sequence[tuple[Supply, Supply]]) -> list[dict[str, Any]]:
    """Return whose capacities do not count and why, for every scenario its facilities before edits and after.

    What is so before and after every one is said as capacity says it; the rest says of which side it is. Left out are
    new facilities without a capacity or a street, which have notes of their own.
    """
    found = []
    names = {code: name for sides in pairs for one in sides for code, name in names_of(one.targets).items()}
    after_key = "note.scenario_supply_after" if len(pairs) == 1 else "note.scenario_supply_after_some"
    for status in UNCOUNTED:
        before = set().union(*(_uncounted(one, status) for one, _ in pairs))
        afters = [_uncounted(one, status) for _, one in pairs]
        always = before.intersection(*afters)
        if always:
            found.append(supply_note(status, sorted(always), names))
        for key, codes in (("note.scenario_supply_before", before), (after_key, set().union(*afters))):
            if codes - always:
                said = supply_note(status, sorted(codes - always), names)
                found.append({**said, "key": key, **{lang: text(key, lang, said=said[lang]) for lang in LANGS}})
    return found


def _uncounted(supply: Supply, status: str) -> set[str]:
    """Return how the facilities of a status are called: by code, a new one by name or place."""
    targets, found = supply.targets, set()
    for place in (place for place, one in enumerate(supply.status) if one == status):
        if targets.code[place] is not None:
            found.add(str(targets.code[place]))
        elif status not in _SAID_OF_NEW:
            at = int(np.flatnonzero(targets.place_owner == place)[0])
            found.add(targets.name[place] or f"{targets.place_lon[at]:.5f}, {targets.place_lat[at]:.5f}")
    return found


def not_surveyed(conn: Connection, ground: Ground, categories: tuple[str, ...]) -> list[str]:
    """Return the categories whose inventory is not declared complete wherever somebody lives."""
    surveyed = surveyed_homes(conn, ground.homes, ground.areas, categories)
    return [code for place, code in enumerate(categories) if not surveyed[:, place].all()]


def joined_gates(ground: Ground) -> set[str]:
    """Return the codes of the gates that join streets across the boundary of a closed quarter."""
    closed = [one.network.enclosed for one in ground.networks if one.network.enclosed is not None]
    return {str(one.gate_code[gate]) for one in closed for gate in np.unique(one.joint_gate)}


def _goes_round(ground: Ground) -> bool:
    """Whether residents walk out of one gate and in at another, which edited paths could change."""
    closed = (one.network.enclosed for one in ground.networks)
    return any(one is not None and len(one.link_from) for one in closed)


def _off_streets(ground: Ground, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Return notes that name what is put where no street can be stepped onto."""
    placed = [edit for edit in edits if edit.edit in _ON_STREETS and edit.position is not None]
    if not placed:
        return []
    lon, lat = np.array([edit.position for edit in placed], float).T
    at = assign(ground.networks, lon, lat)
    off: dict[str, list[Edit]] = {}
    for edit, east, north, number in zip(placed, lon, lat, at, strict=True):
        streets = ground.networks[int(number)]
        snapped = (snap_homes if edit.edit == "homes_add" else snap_places)(
            streets.network, *streets.frame.to_metric(np.array([east]), np.array([north]))
        )
        if not snapped.snapped[0]:
            off.setdefault(edit.edit, []).append(edit)
    made = []
    for kind in _ON_STREETS:
        for code in sorted({edit.category or "" for edit in off.get(kind, ())}):
            own = [edit for edit in off[kind] if (edit.category or "") == code]
            facts: dict[str, object] = {"places": _listed(map(_named, own)), "metres": f"{REACH_M:g}"}
            made.append(note(f"note.{kind}_off", **facts, **({"categories": [code]} if code else {})))
    return made


def _idle_gates(edits: Sequence[Edit], joined: AbstractSet[str]) -> list[dict[str, Any]]:
    """Return a note that names opened gates which join no streets across the boundary of a closed quarter."""
    idle = sorted({str(edit.gate) for edit in edits if edit.edit == "gate_open"} - joined)
    return [note("note.gate_open_idle", codes=_listed(idle))] if idle else []


def _named(edit: Edit) -> str:
    """Return what an edit is known by: code or name of what it is about, and where it is put."""
    assert edit.position is not None
    what = edit.facility or edit.name or ""
    return f"{what} {edit.position[0]:.5f}, {edit.position[1]:.5f}".strip()


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return "; ".join([*every[:_NAMED], *(["…"] if len(every) > _NAMED else [])])
