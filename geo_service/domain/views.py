"""Saved views of the map: what their names, states and sharing may be (PRODUCT §7, §8)."""

import re
from collections import Counter
from typing import Final
from urllib.parse import parse_qsl

from geo_service.domain.values import checked_text, shown
from geo_service.foundation.errors import InvalidInput

LONGEST_NAME: Final = 80
LONGEST_STATE: Final = 4_000
MOST_OF_ONE: Final = 200  # views one person keeps
SHARINGS: Final = ("private", "colleagues")
TOOLS: Final = ("gaps", "checklist", "capacity", "siting", "scenario", "compare", "select", "measure")
# what the page writes after '#' (frontend/src/planner/address.ts), but for what is being edited, which is no view
_KEYS: Final = frozenset(
    "map lang layers base category minutes circle strict profile by basis band closed time home feature reach at "
    "tool".split()
)
_OF_TOOL: Final = "t."  # a tool's own questions
_POSITION: Final = re.compile(r"\d{1,2}(\.\d+)?(/-?\d{1,3}(\.\d+)?){2}")


def checked_name(name: str) -> str:
    """Return a name without the blanks around it; InvalidInput ``view_name`` if empty or of more than one line."""
    kept = name.strip()
    if not kept or len(kept.splitlines()) > 1:
        raise InvalidInput("view_name", longest=LONGEST_NAME)
    return checked_text(kept, LONGEST_NAME)


def checked_sharing(sharing: str) -> str:
    """Return ``private`` or ``colleagues``; InvalidInput ``view_sharing``."""
    if sharing not in SHARINGS:
        raise InvalidInput("view_sharing", sharing=shown(sharing), known=", ".join(SHARINGS))
    return sharing


def checked_state(state: str) -> str:
    """Return what stands after '#' in the address of the map, without it.

    Raises InvalidInput ``view_state_long``, ``view_state`` (not keys with values, or none), ``view_state_key`` (a key
    the page does not know, or one said twice), ``view_state_value`` (no place, no tool of the page).
    """
    if len(state) > LONGEST_STATE:
        raise InvalidInput("view_state_long", length=len(state), longest=LONGEST_STATE)
    kept = checked_text(state.removeprefix("#"), LONGEST_STATE)
    try:
        said = parse_qsl(kept, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise InvalidInput("view_state") from None
    if not said:
        raise InvalidInput("view_state")
    times = Counter(key for key, _ in said)
    values = dict(said)
    for key in times:
        is_known = key in _KEYS or (key.startswith(_OF_TOOL) and "tool" in times)
        if not is_known or times[key] > 1:
            raise InvalidInput("view_state_key", key=shown(key))
    for key, fine in (
        ("map", _POSITION.fullmatch(values.get("map", "0/0/0")) is not None),
        ("tool", values.get("tool", TOOLS[0]) in TOOLS),
    ):
        if not fine:
            raise InvalidInput("view_state_value", key=key, value=shown(values[key]))
    return kept
