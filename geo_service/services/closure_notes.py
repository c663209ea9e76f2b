"""What a reader must know of closed quarters and gates beside the figures, in both languages."""

from collections.abc import Sequence
from typing import Any, Final

from geo_service.analysis.compounds import GATE_REACH_M
from geo_service.services.networks import Streets
from geo_service.services.notes import note

_NAMED: Final = 3  # things a sentence names; the others are counted
_CODES: Final = 10  # codes beside it, for programs


def closure_notes(networks: Sequence[Streets], *, unknown: str = "unknown") -> list[dict[str, Any]]:
    """Return what is not known or not right about closures, the first things by name; as :func:`coverage_notes`.

    ``unknown`` names the note about what is not known: ``unknown`` where both readings are given, ``open_only`` where
    what is not known is taken as open.
    """
    notes = []
    for key, said in (("unknown", unknown), ("without_gate", "without_gate"), ("overlapping", "overlapping")):
        codes = _codes(networks, key)
        if codes:
            notes.append(note(f"note.closures_{said}", **_named(networks, codes)))
    far, idle = _codes(networks, "far_gates"), _codes(networks, "idle_gates")
    if far:
        notes.append(note("note.gates_far", **_named(networks, far), metres=f"{GATE_REACH_M:g}"))
    if idle:
        notes.append(note("note.gates_idle", **_named(networks, idle)))
    loose = _codes(networks, "loose_gates")
    if loose:
        notes.append(note("note.gates_loose", **_named(networks, loose), metres=f"{GATE_REACH_M:g}"))
    return [*notes, *hours_notes(networks)]


def hours_notes(networks: Sequence[Streets]) -> list[dict[str, Any]]:
    """Return what is said of gates with hours: which are shut at the time asked about, which count as open."""
    at = next((streets.closures.at for streets in networks if streets.closures.at is not None), None)
    timed, shut, locked = (_codes(networks, name) for name in ("hours", "shut", "locked"))
    notes = []
    if at is not None and shut:
        notes.append(note("note.gates_shut", at=at, **_named(networks, shut)))
    elif at is not None:
        notes.append(note("note.gates_none_shut", at=at))
    if locked:
        notes.append(note("note.closures_locked", at=at, **_named(networks, locked)))
    if timed and at is None:
        notes.append(note("note.gates_hours", **_named(networks, timed)))
    elif timed:
        notes.append(note("note.gates_hours_unread", **_named(networks, timed)))
    return notes


def readings_differ(networks: Sequence[Streets]) -> bool:
    """Whether something is not known that would give other walks if it was closed."""
    return any(streets.closures.unknown for streets in networks)


def has_closed_quarters(networks: Sequence[Streets]) -> bool:
    """Whether anything is closed to outsiders."""
    return any(one.network.enclosed is not None and len(one.network.enclosed.compound_code) for one in networks)


def _codes(networks: Sequence[Streets], name: str) -> list[str]:
    return sorted({code for streets in networks for code in getattr(streets.closures, name)})


def _named(networks: Sequence[Streets], codes: Sequence[str]) -> dict[str, object]:
    """Return how many there are, the first codes, and what the first few are called: a code where there is no name."""
    names = {code: name for streets in networks for code, name in streets.closures.names.items()}
    called = list(dict.fromkeys(names.get(code, code) for code in codes))  # gates of several quarters may be alike
    more = ["…"] if len(codes) > _CODES else []
    return {"count": len(codes), "codes": ", ".join([*codes[:_CODES], *more]), "named": called[:_NAMED]}
