"""What a row was, as who asks may see it, and what no way back brings back; on both stores."""

from datetime import UTC, datetime

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS as L
from geo_service.foundation.errors import Forbidden, StaleVersion
from geo_service.services.context import Context
from geo_service.services.erasure import erase_person
from geo_service.services.feature_history import list_versions, restore_row
from geo_service.services.features import change_row, get_row
from geo_service.storage import rows
from tests.community import HERE, THERE, settle

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
OFFICIAL, PLANNER = Actor("o", "official", areas=(HERE,)), Actor("p", "planner", areas=(HERE,))


@pytest.fixture
def as_whom(store, tmp_path):
    settle(store, NOW)
    return lambda actor: Context(store, actor, lambda: NOW, tmp_path, "zh")


def changed(versions):
    return [{one.field: (one.before, one.after) for one in version.changes} for version in versions.versions]


def put(store, ctx, layer, ident, version, **values):
    with store.writing() as conn:
        return change_row(conn, ctx, L[layer], ident, expected_version=version, changes={"properties": values})


def test_history_tells_people_and_names_as_the_row_does(store, as_whom):
    admin = as_whom(LOCAL_ADMIN)
    put(store, admin, "projects", "projects-A", 1, responsible_person="赵六", households_count=33)
    put(store, admin, "projects", "projects-A", 2, households_count=34)
    with store.reading() as conn:

        def told(actor, layer, ident):
            return changed(list_versions(conn, as_whom(actor), L[layer], ident))

        exact = told(OFFICIAL, "projects", "projects-A")
        assert exact[:2] == [
            {"households_count": (33, 34)},
            {"households_count": (None, 33), "responsible_person": ("***", "***")},
        ]
        elsewhere = told(Actor("q", "planner", areas=(THERE,)), "projects", "projects-A")
        assert elsewhere[:2] == [{}, {"households_count": (None, 35)}]
        assert "responsible_person" not in elsewhere[2]
        assert "head_name" in told(OFFICIAL, "households", "households-A")[0]
        with pytest.raises(Forbidden):
            told(PLANNER, "households", "households-A")
        with pytest.raises(Forbidden):
            told(Actor("r", "resident"), "projects", "projects-A")


def test_what_was_erased_stays_erased_and_the_rest_returns(store, as_whom):
    admin = as_whom(LOCAL_ADMIN)
    put(store, admin, "households", "households-A", 1, head_name="赵六", room_no="301", residents_persons=2)
    with store.writing() as conn:
        restored = restore_row(conn, admin, L["households"], "households-A", version=1, expected_version=2)
        assert restored["residents_persons"] == 40
        assert rows.get(conn, L["households"], "households-A")["head_name"] == "李世民"
    put(store, admin, "households", "households-A", 3, room_no="302")
    with store.writing() as conn:
        erase_person(conn, admin, L["households"], "households-A", "本人书面要求")
    with store.writing() as conn:
        restore_row(conn, admin, L["households"], "households-A", version=2, expected_version=5)
    with store.reading() as conn:
        row = rows.get(conn, L["households"], "households-A")
        assert (row["head_name"], row["phone"], row["room_no"], row["residents_persons"]) == (None, None, None, 2)
        told = str(list_versions(conn, admin, L["households"], "households-A"))
    assert not any(secret in told for secret in ("赵六", "世民", "301", "302"))


def test_people_summed_from_households_are_no_change_to_undo(store, as_whom):
    official = as_whom(OFFICIAL)
    put(store, official, "buildings", "buildings-A", 1, floors=6)
    put(store, official, "buildings", "buildings-A", 2, floors=7)
    with store.writing() as conn:
        back = restore_row(conn, official, L["buildings"], "buildings-A", version=2, expected_version=3)
    assert (back["floors"], back["residents_persons"], back["people_basis"]) == (6, 40, "households")
    with store.writing() as conn, pytest.raises(StaleVersion):
        restore_row(conn, official, L["buildings"], "buildings-A", version=2, expected_version=3)
    with store.writing() as conn, pytest.raises(Forbidden):
        restore_row(conn, official, L["buildings"], "buildings-B", version=1, expected_version=1)
    with store.reading() as conn:
        assert get_row(conn, official, L["buildings"], "buildings-A")["version"] == 4
