"""Whatever else is computed, sheets and boards keep to the answers to their own question."""

from dataclasses import replace
from datetime import timedelta

import pytest

from geo_service.foundation.errors import InvalidInput
from geo_service.services import analyses
from geo_service.services.board import read_board
from geo_service.services.board_tables import BoardQuestion
from geo_service.storage import runs
from tests.services.test_prints import HERE, answer, make, with_results, words

ODD = (
    ("coverage", {"by": "community", "minutes": 120, "profile": "wheelchair"}),
    ("coverage", {"by": "community", "categories": ["clinic"], "circle": 10}),
    ("coverage", {"by": "community", "strict": True}),
    ("coverage", {"by": "community", "at": "23:00"}),
    ("checklist", {"estate": "new"}),
    ("gaps", {"strict": True}),
    ("gaps", {"link_m": 500.0}),
)


def keep_others(town):
    """Keep runs of other questions, hundreds of them; their results are empty, whoever reads one fails."""
    asked = [(kind, analyses.kind_named(kind).asked(**question).parameters()) for kind, question in ODD]
    asked += [("coverage", {"categories": ["clinic"], "circle": 10, "number": number}) for number in range(250)]
    about = {"inputs": {}, "result": {}, "code_version": "0", "actor": town.ctx.actor, "now": town.ctx.clock()}
    with town.store.writing() as conn:
        for number, (kind, parameters) in enumerate(asked):
            runs.insert_run(conn, kind=kind, parameters=parameters, fingerprint=f"other-{number}", **about)


def test_what_others_look_at_changes_neither_sheet_nor_poster_nor_board(town):
    with_results(town)
    town.moment += timedelta(days=1)
    keep_others(town)
    for said in (words(make(town, "community", HERE)), words(make(town, "poster", HERE))):
        assert "所用设置：15分钟生活圈（步行距离1000米）、标准" in said
        assert "步行1,000米内" in said or "步行1000米内" in said
    with town.store.reading() as conn:
        found = read_board(conn, town.ctx, BoardQuestion(category="supermarket"))
    trends = {row["key"]: row["trend"] for table in found.tables if table.key == "figures" for row in table.rows}
    assert len(trends["supermarket"]) == 1


def test_of_one_community_the_newest_sheet_counts(town):
    with_results(town)
    town.moment += timedelta(days=1)
    uid = answer(town, "checklist", {"community": HERE})["uid"]
    assert uid[:13] in words(make(town, "community", HERE))


def test_without_the_answer_the_poster_says_which_is_missing(town):
    town.main_street(closed=True)
    town.community(HERE, 0, 1000)
    town.homes(100)
    answer(town, "coverage", {"by": "community", "circle": 10})
    for lang, said in (("zh", "15 分钟生活圈"), ("en", "15-minute")):
        with pytest.raises(InvalidInput) as refused:
            make(town, "poster", HERE, ctx=replace(town.ctx, lang=lang))
        assert refused.value.code == "print_no_coverage"
        assert said in refused.value.sentence(lang)
