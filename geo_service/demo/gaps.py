"""The deliberate gaps of the demo town, as data: what is wrong where, and what coverage must say about it.

Each street has one of each kind, ``edge`` only the westernmost ones. A small town has them too, except where its one
community has no room (``needs_room``); with rare seeds none of its quarters is fit for ``barrier_wall``. The kinds, in
the words of PRODUCT §3.4 and §3.10:

``none_in_reach``         no market within the 15-minute circle of the north-eastern homes
``barrier_rail``          a clinic just across the railway, between its two crossings
``barrier_wall``          an activity ground behind the wall of a quarter whose one gate is on the other side
``over_capacity``         a kindergarten with far fewer places than children around it
``too_small``             a community service station with far less floor area than asked for
``admits_others``         the only canteen admits the people of one unit
``unverified``            the only pharmacy in reach is marked unverified
``opening_unknown``       the only rest stop in reach: nobody knows whether it is open
``verification_expired``  the only culture station in reach was verified longer ago than the category's term
``facility_not_snapped``  the only shelter in reach stands on the hill, farther than 200 m from any way
``home_not_snapped``      the lodge on the hill top is farther than 200 m from any way
``unreachable``           the homes on the lake's island: no way leads there
``edge``                  in the west the known streets end before the 15-minute circle does
``not_surveyed``          nobody declared the inventory of parcel points complete
"""

from dataclasses import dataclass
from typing import Final, Literal

GapKind = Literal[
    "none_in_reach",
    "barrier_rail",
    "barrier_wall",
    "over_capacity",
    "too_small",
    "admits_others",
    "unverified",
    "opening_unknown",
    "verification_expired",
    "facility_not_snapped",
    "home_not_snapped",
    "unreachable",
    "edge",
    "not_surveyed",
]


@dataclass(frozen=True)
class PlannedGap:
    """One kind of gap.

    Attributes
    ----------
    kind, category
        What is wrong and with which facilities.
    circle
        Minutes of the living circle at which it shows.
    clear_m
        No other facility of the category stands within this distance of the place, metres.
    state, reason
        What coverage of the named home must be by PRODUCT §3.4; ``None`` where the gap does not show in
        the state (capacity, area, who is admitted, inventory).
    needs_room
        Left out in a small town, which is too narrow for it.
    """

    kind: GapKind
    category: str
    circle: int
    clear_m: float
    state: str | None
    reason: str | None = None
    needs_room: bool = False


PLANNED: Final[tuple[PlannedGap, ...]] = (
    PlannedGap("none_in_reach", "market", 15, 1250.0, "not_covered"),
    PlannedGap("barrier_rail", "clinic", 10, 1150.0, "not_covered"),
    PlannedGap("barrier_wall", "activity_ground", 5, 520.0, "not_covered"),
    PlannedGap("over_capacity", "kindergarten", 5, 520.0, None),
    PlannedGap("too_small", "service_station", 15, 0.0, None),
    PlannedGap("admits_others", "canteen", 5, 1250.0, None),
    PlannedGap("unverified", "pharmacy", 15, 1250.0, "unknown", "facility_unverified"),
    PlannedGap("opening_unknown", "rest_stop", 15, 1250.0, "unknown", "facility_unverified"),
    PlannedGap("verification_expired", "culture_station", 15, 1250.0, "unknown", "facility_unverified"),
    PlannedGap("facility_not_snapped", "shelter", 15, 1600.0, "unknown", "facility_not_snapped"),
    PlannedGap("home_not_snapped", "convenience", 15, 0.0, "unknown", "not_snapped"),
    PlannedGap("unreachable", "convenience", 5, 0.0, "not_covered"),
    PlannedGap("edge", "hospital", 15, 1700.0, "unknown", "edge", needs_room=True),
    PlannedGap("not_surveyed", "parcel", 5, 0.0, None),
)


@dataclass(frozen=True)
class Gap:
    """A planned gap where it came to lie; codes of the demo's rows.

    ``building`` is a home that shows it, ``facility`` the one that is wrong, where there is one.
    """

    plan: PlannedGap
    street: str
    area: str | None = None
    building: str | None = None
    facility: str | None = None
