"""A stored scenario answered at once, for one category."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from geo_service.foundation.errors import InvalidInput
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.services.scenarios import get_scenario
from geo_service.services.what_if import WhatIfQuestion, evaluate


def answer_at_once(conn: Connection, ctx: Context, uid: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return who is within reach of one category before and after; what is not ``asked`` is as the scenario has it.

    Raises NotFound ``scenario_unknown``; InvalidInput ``scenario_one_category`` where neither names just one;
    and as :func:`geo_service.services.what_if.evaluate`.
    """
    may(ctx.actor, "analyse")
    scenario = get_scenario(conn, ctx, uid)
    said = {key: value for key, value in asked.items() if key != "category"}
    base = dict(scenario["question"])
    if "circle" in said or "minutes" in said:
        base = {key: value for key, value in base.items() if key not in ("circle", "minutes", "strict")}
    question = {**base, **said}
    named = [edit["category"] for edit in scenario["edits"] if "category" in edit]
    categories = [asked["category"]] if "category" in asked else question.get("categories") or sorted(set(named))
    if len(categories) != 1:
        raise InvalidInput("scenario_one_category", count=len(categories))
    question["categories"] = categories
    return evaluate(conn, ctx, WhatIfQuestion.asked(**question, scenarios=[uid]))
