"""The checklist of a complete residential community (完整居住社区): six goals, twenty items, what each needs at least.

Source: 完整居住社区建设标准（试行）, 建科规〔2020〕7号. Sizes and ratios are rules (:mod:`geo_service.domain.rules`).
"""

from dataclasses import dataclass
from typing import Final, Literal

from geo_service.foundation.errors import InvalidInput

Verdict = Literal["pass", "short", "unknown", "not_surveyed"]
# the worst first: an item is what the worst of its checks is
VERDICTS: Final[tuple[Verdict, ...]] = ("short", "not_surveyed", "unknown", "pass")
PASS, SHORT, UNKNOWN, NOT_SURVEYED = VERDICTS[3], VERDICTS[0], VERDICTS[2], VERDICTS[1]
# what a check that is not met does not count against
HARMLESS: Final = ("advice", "figure")
# a place outside a community without one of its own serves it if it is within reach of this share of its households
SHARED_REACH_SHARE: Final = 0.5
ESTATES: Final = ("existing", "new")


@dataclass(frozen=True)
class Item:
    """An item of the checklist.

    Attributes
    ----------
    code, goal
        ``CRC-01`` … ``CRC-20``, and the goal it belongs to, 1–6.
    needs
        Groups of categories: of each group there has to be something. Empty: nothing is recorded that would tell.
    walked
        Judged by the walk of all residents, not by what lies in the community.
    """

    code: str
    goal: int
    needs: tuple[tuple[str, ...], ...] = ()
    walked: bool = False


ITEMS: Final = (
    Item("CRC-01", 1, (("service_station",),)),
    Item("CRC-02", 1, (("kindergarten",),)),
    Item("CRC-03", 1, (("nursery",),)),
    Item("CRC-04", 1, (("elder_station",),)),
    Item("CRC-05", 1, (("clinic",),)),
    Item("CRC-06", 2, (("supermarket",),)),
    Item("CRC-07", 2, (("parcel",),)),
    Item("CRC-08", 2, (("pharmacy", "retail"),)),
    Item("CRC-09", 3),
    Item("CRC-10", 3, (("parking",), ("charging",))),
    Item("CRC-11", 3, (("bus_stop",),), walked=True),
    Item("CRC-12", 3),
    Item("CRC-13", 3, (("toilet",),)),
    Item("CRC-14", 4, (("activity_ground",),)),
    Item("CRC-15", 4, (("park",),)),
    Item("CRC-16", 5),
    Item("CRC-17", 5),
    Item("CRC-18", 6),
    Item("CRC-19", 6),
    Item("CRC-20", 6, (("culture_station",),)),
)
PROPERTY_ITEM: Final = "CRC-16"
# parking behind a gate serves those it is for; anything else there serves no community
OWN_ESTATE_ONLY: Final = ("parking", "charging")


def checked_estate(estate: str) -> str:
    """Return which estates the sheet is for: ``existing`` or ``new``; InvalidInput ``estate_unknown``."""
    if estate not in ESTATES:
        raise InvalidInput("estate_unknown", estate=estate[:40], known=", ".join(ESTATES))
    return estate
