"""Every analysis of the demo says the same on either store, to the last digit.

What an analysis works out is tried on the embedded store, in the files named after it; what differs between stores is
how its rows are kept and read. The demo has everything: unknown states, places for others, closed quarters, gates with
hours, barriers, statements of completeness. How few people are told depends on a secret of each store and is no part.
"""

import json

import pytest

from geo_service.demo.town import generate
from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import fixed_clock
from geo_service.services import analyses, demo
from geo_service.services.context import Context
from tests.services.conftest import NOON
from tests.stores import KINDS, opened

SEED = 20260331
SEVERAL = ["supermarket", "clinic", "kindergarten", "elder_station", "middle_school", "park"]
WITHOUT = ("uid", "created_at")  # of the run itself


@pytest.fixture(scope="module")
def contexts(make_kept_store_url, tmp_path_factory):
    """The demo in a store of each kind."""
    town = generate("small", SEED)
    folder = tmp_path_factory.mktemp("both")
    with opened(make_kept_store_url("embedded")) as embedded, opened(make_kept_store_url("postgis")) as postgis:
        made = {
            kind: Context(store, LOCAL_ADMIN, fixed_clock(NOON), folder / kind, "zh")
            for kind, store in zip(KINDS, (embedded, postgis), strict=True)
        }
        for ctx in made.values():
            demo.store_town(ctx, town, town.checksum())
        yield made


def first(ctx, layer, condition):
    with ctx.store.reading() as conn:
        return conn.exec_driver_sql(f"SELECT code FROM {layer} WHERE {condition} ORDER BY code").scalar()


def questions(ctx):
    clinic = first(ctx, "facility", "category = 'clinic'")
    close = {"edit": "facility_close", "facility": clinic}
    return [
        ("coverage", {"categories": SEVERAL, "circle": 15, "by": "community"}),
        ("coverage", {"categories": SEVERAL, "minutes": 10, "by": "grid", "profile": "by_age"}),
        ("coverage", {"categories": ["clinic"], "circle": 15, "by": "quarter", "at": "23:30"}),
        ("checklist", {}),
        ("checklist", {"estate": "new"}),
        ("indicators", {}),
        ("gaps", {"categories": SEVERAL, "circle": 15}),
        ("capacity", {"category": "kindergarten"}),
        ("capacity", {"category": "elder_station"}),
        ("siting", {"category": "elder_station", "k": 2}),
        ("scenario", {"categories": ["clinic"], "edits": [close]}),
    ]


def test_every_analysis_is_the_same(contexts):
    asked = questions(contexts["embedded"])
    assert {kind for kind, _ in asked} == set(analyses.kind_names()) - {"effect"}  # a scenario of a project
    different = []
    for name, given in asked:
        kind = analyses.kind_named(name)
        told = []
        for ctx in contexts.values():
            result = analyses.answer(ctx, kind, kind.asked(**given))
            told.append(json.dumps({key: one for key, one in result.items() if key not in WITHOUT}, sort_keys=True))
        if told[0] != told[1]:
            different.append((name, given))
    assert different == []
