"""The checklist of a complete residential community (完整居住社区): six goals, twenty items, what each needs at least,
and what somebody found on the spot of an item that nothing stored tells of.

Source: 完整居住社区建设标准（试行）, 建科规〔2020〕7号. Sizes and ratios are rules (:mod:`geo_service.domain.rules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from geo_service.domain.fields import Field, Layer
from geo_service.foundation.errors import InvalidInput

Verdict = Literal["pass", "short", "unknown", "not_surveyed", "not_applicable"]
PASS: Final[Verdict] = "pass"
SHORT: Final[Verdict] = "short"
UNKNOWN: Final[Verdict] = "unknown"
NOT_SURVEYED: Final[Verdict] = "not_surveyed"
NOT_APPLICABLE: Final[Verdict] = "not_applicable"
REMARK: Final = "remark"
# the worst first: an item is what the worst of its checks is
VERDICTS: Final[tuple[Verdict, ...]] = (SHORT, NOT_SURVEYED, UNKNOWN, PASS, NOT_APPLICABLE)
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
# items nothing stored tells of: what was found on the spot is recorded
RECORDED_ITEMS: Final = tuple(item.code for item in ITEMS if not item.needs and item.code != PROPERTY_ITEM)
# parking behind a gate serves those it is for; anything else there serves no community
OWN_ESTATE_ONLY: Final = ("parking", "charging")


CHECKLIST_FINDINGS: Final = Layer(
    "checklist_findings",
    "checklist_finding",
    None,
    (
        Field("community", "reference", required=True, refers_to="areas", filterable=True),
        Field("item", "choice", required=True, choices=tuple(item.code for item in ITEMS), filterable=True),
        Field(
            "finding",
            "choice",
            required=True,
            choices=(PASS, SHORT, NOT_APPLICABLE, REMARK),
            filterable=True,
        ),
        Field("amount", "real", minimum=0),
        Field("amount_unit", max_length=20),
        Field("found_on", "date", required=True),
        Field("found_by", required=True, max_length=50),
        Field("basis", required=True, max_length=2000),
        Field("photo", "reference", refers_to="photos"),
    ),
    geometry_required=False,
    title_field="code",
)


def check_finding(row: Mapping[str, Any], level: str | None, today: date) -> None:
    """Return if a finding can stand: ``row`` by field name, ``level`` of the area it is about.

    Raises InvalidInput ``finding_not_community``; ``finding_item_computed`` for anything but a remark on an item that
    is worked out; ``finding_amount`` unless an amount goes with its unit and with ``short``; ``finding_day`` for a day
    that has not come.
    """
    if level != "community":
        raise InvalidInput("finding_not_community", area=str(row.get("community_code"))[:64])
    if row["finding"] != REMARK and row["item"] not in RECORDED_ITEMS:
        raise InvalidInput("finding_item_computed", item=row["item"], known=", ".join(RECORDED_ITEMS))
    amount, unit = row.get("amount"), row.get("amount_unit")
    if (amount is None) != (not unit) or (amount is not None and row["finding"] != SHORT):
        raise InvalidInput("finding_amount", finding=row["finding"])
    if str(row["found_on"]) > today.isoformat():
        raise InvalidInput("finding_day", day=str(row["found_on"])[:20])


def is_to_review(found_on: date, today: date, term_days: int) -> bool:
    """Whether a finding is older than its term (:func:`reference.finding_term_days`): somebody should look again."""
    return (today - found_on).days > term_days


def checked_estate(estate: str) -> str:
    """Return which estates the sheet is for: ``existing`` or ``new``; InvalidInput ``estate_unknown``."""
    if estate not in ESTATES:
        raise InvalidInput("estate_unknown", estate=estate[:40], known=", ".join(ESTATES))
    return estate
