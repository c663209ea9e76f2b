"""A stored scenario answered at once, for one category."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from geo_service.foundation.errors import InvalidInput
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.scenario_asked import coverage_asked
from geo_service.services.scenarios import edits_of
from geo_service.services.what_if import WhatIfQuestion, evaluate


def answer_at_once(conn: Connection, ctx: Context, uid: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return who is within reach of one category before and after; what is not ``asked`` is as the scenario has it.

    Raises NotFound ``scenario_unknown``; InvalidInput ``scenario_one_category`` where neither names just one;
    and as :func:`geo_service.services.what_if.evaluate`.
    """
    may(ctx.actor, "analyse")
    edits, _, _, own = edits_of(conn, ctx, uid)
    said = {key: value for key, value in asked.items() if key != "category"}
    if "category" in asked:
        said["categories"] = [asked["category"]]
    coverage = coverage_asked(conn, said, [(edits, own)])
    if len(coverage.categories) != 1:
        raise InvalidInput("scenario_one_category", count=len(coverage.categories))
    return evaluate(conn, ctx, WhatIfQuestion(coverage, None, (uid,)))
