"""What was found on the spot: which finding decides an item of a community, which remark stands beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from geo_service.domain.checklist import CHECKLIST_FINDINGS, RECORDED_ITEMS, REMARK, VERDICTS, is_to_review
from geo_service.domain.reference import finding_term_days
from geo_service.foundation.clock import local_date
from geo_service.services import features
from geo_service.services.context import Context
from geo_service.services.rights import may_write
from geo_service.storage.frames import read_frame

_COLUMNS: Final = (
    "code", "community_code", "item", "finding", "amount", "amount_unit", "found_on", "found_by", "basis", "photo_code",
)  # fmt: skip


@dataclass(frozen=True)
class Findings:
    """The finding that decides and the remark that stands, by code of the community and item."""

    deciding: Mapping[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    remarks: Mapping[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def to_review(self) -> list[str]:
        """Return the codes of the deciding findings that are older than their term, ascending."""
        return sorted(str(one["code"]) for one in self.deciding.values() if one["to_review"])


def read_findings(conn: Connection, ctx: Context) -> Findings:
    """Return the findings in use: the newest decides; of several on one day the worst, then the first by code.

    One older than its term still decides, marked ``to_review``: time alone neither mends nor breaks what was found.
    What was found of an item before it could be worked out decides nothing any more.
    """
    frame = pd.DataFrame(read_frame(conn, CHECKLIST_FINDINGS, _COLUMNS, geometry=False))
    rows = [
        {str(key): None if pd.isna(value) else value for key, value in row.items()} for row in frame.to_dict("records")
    ]
    today = local_date(ctx.clock(), ctx.timezone)
    term_days = finding_term_days()
    for row in rows:
        row["to_review"] = is_to_review(date.fromisoformat(str(row["found_on"])), today, term_days)
    rows.sort(key=lambda row: str(row["found_on"]), reverse=True)
    deciding: dict[tuple[str, str], dict[str, Any]] = {}
    remarks: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (str(row["community_code"]), str(row["item"]))
        if row["finding"] == REMARK:
            remarks.setdefault(key, row)
        elif row["item"] in RECORDED_ITEMS:
            first = deciding.setdefault(key, row)
            if row["found_on"] == first["found_on"] and _rank(row) < _rank(first):
                deciding[key] = row
    return Findings(deciding, remarks)


def withdraw_finding(conn: Connection, ctx: Context, code: str, reason: str) -> None:
    """Take a finding out of use as it is now; raises as :func:`features.retire_row`."""
    may_write(ctx.actor, CHECKLIST_FINDINGS)
    version = features.get_row(conn, ctx, CHECKLIST_FINDINGS, code)["version"]
    features.retire_row(conn, ctx, CHECKLIST_FINDINGS, code, expected_version=version, reason=reason)


def _rank(row: Mapping[str, Any]) -> int:
    return VERDICTS.index(row["finding"])
