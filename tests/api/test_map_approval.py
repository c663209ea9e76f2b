"""The recorded map approval on the screen; without one the public is shown no map (PRODUCT §7)."""

import pytest

from tests.api.people import Hall

APPROVAL = "GS（2026）1号"


@pytest.fixture(scope="module")
def store_kind():
    return "embedded"


@pytest.mark.parametrize("approval", ["", APPROVAL])
def test_pages_are_told_of_the_approval_and_whether_there_is_a_map(store, tmp_path, cheap_passwords, approval):
    hall = Hall(store, tmp_path / "var", public=True, map_approval=approval)
    hall.account("wang.fang", "planner")
    planner, public = hall.signed_in("wang.fang"), hall.browser()
    for browser in (planner, public):
        told = browser.get("/api/summary").json()
        assert (approval or "内部使用") in told["map_approval"]["zh"]
        assert (approval or "internal use") in told["map_approval"]["en"]
        assert told["shows_map"] is (bool(approval) or browser is planner)
    board = planner.get("/api/board/overview").json()
    assert board["map_approval"] == planner.get("/api/summary").json()["map_approval"]
