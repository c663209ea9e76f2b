"""Personal values lie sealed in rows and history, come back in plain, and never with a wrong or missing key."""

import threading

import pandas as pd
import pytest
import shapely
import sqlalchemy as sa

from geo_service.foundation import sealing
from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.storage import bulk, person_keys, persons, rows
from geo_service.storage.tables import HISTORY, PERSON_KEYS
from tests.storage.samples import LATER_WHO, WHO, L, areas, buildings, history
from tests.stores import GivenKeys

HOMES, GRIDS = L["households"], L["grids"]
HOME = {"code": "H1", "building_code": "B0", "head_name": "张三丰", "phone": "13812341234"}
GRID = {"code": "G1", "kind": "governance", "geom": shapely.box(0, 0, 1, 1)}
OTHER_KEY = sealing.key_text(bytes(range(32)))


@pytest.fixture
def filled(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(), **WHO)
    return store


def stored(connection, code="H1"):
    row = connection.exec_driver_sql(f"SELECT head_name, phone FROM household WHERE code = '{code}'").one()
    return tuple(row)


def everything(connection):
    """Return all that the database holds about households as one text."""
    parts = [connection.exec_driver_sql(f"SELECT * FROM {t}").fetchall() for t in ("household", "history", "audit")]
    return repr(parts)


def homes(count, **columns):
    codes = [f"H{n}" for n in range(count)]
    made = {"code": codes, "building_code": ["B0"] * count, "head_name": [f"李{n}" for n in range(count)]}
    return pd.DataFrame({**made, "phone": [f"138{n:08d}" for n in range(count)], **columns})


def test_a_row_comes_back_in_plain_and_lies_sealed(filled):
    with filled.writing() as connection:
        made = rows.insert(connection, HOMES, HOME, **WHO)
        assert (made["head_name"], made["phone"]) == ("张三丰", "13812341234")
        changed = rows.update(connection, HOMES, "H1", 1, {"phone": "13900000000"}, **LATER_WHO)
        assert changed["phone"] == "13900000000"
    with filled.reading() as connection:
        assert rows.page(connection, HOMES).rows[0]["head_name"] == "张三丰"
        assert all(sealing.sealed_with(value) for value in stored(connection))
        for secret in ("张三丰", "13812341234", "13900000000"):
            assert secret not in everything(connection)
        lines = history(connection, HOMES, made["id"])
        opened = persons.open_values(connection, "households", made["uid"], lines[1]["before"])
        assert opened == {"phone": "13812341234"}
        opened = persons.open_values(connection, "households", made["uid"], lines[1]["after"])
        assert opened == {"phone": "13900000000"}


def test_each_person_has_a_key_and_one_only(filled):
    with filled.writing() as connection:
        rows.insert(connection, HOMES, HOME, **WHO)
        rows.insert(connection, HOMES, {**HOME, "code": "H2"}, **WHO)
        rows.insert(connection, HOMES, {"code": "H3", "building_code": "B0"}, **WHO)  # nobody to seal
        rows.update(connection, HOMES, "H1", 1, {"head_name": "王五"}, **LATER_WHO)
        keys = connection.execute(sa.select(PERSON_KEYS)).mappings().all()
    assert len(keys) == 2
    assert len({key["key_id"] for key in keys}) == 2
    assert {key["layer"] for key in keys} == {"households"}


def test_bulk_rows_are_sealed_and_the_same_again_changes_nothing(filled):
    with filled.writing() as connection:
        assert bulk.upsert(connection, HOMES, homes(50), **WHO).created == 50
    with filled.writing() as connection:
        before = stored(connection)
        assert bulk.upsert(connection, HOMES, homes(50), **LATER_WHO).unchanged == 50
        assert stored(connection) == before
        names = ["换了"] + [f"李{n}" for n in range(1, 50)]
        assert bulk.upsert(connection, HOMES, homes(50, head_name=names), **LATER_WHO).updated == 1
        lines = connection.execute(sa.select(HISTORY).where(HISTORY.c.action == "updated")).mappings().all()
    assert [sorted(line["after"]) for line in lines] == [["head_name"]]
    with filled.reading() as connection:
        row = rows.get(connection, HOMES, "H1")
        assert rows.get(connection, HOMES, "H0")["head_name"] == "换了"
        assert (row["head_name"], row["phone"]) == ("李1", "13800000001")
        assert "13800000007" not in everything(connection)
        first = rows.get(connection, HOMES, "H0")
        assert persons.open_values(connection, "households", first["uid"], lines[0]["before"]) == {"head_name": "李0"}


def test_bulk_keeps_empty_ones_empty_and_new_rows_beside_old_ones(filled):
    with filled.writing() as connection:
        bulk.upsert(connection, HOMES, homes(3, phone=[None, "", "13800000002"]), **WHO)
        done = bulk.upsert(connection, HOMES, homes(5), **LATER_WHO)
        assert (done.created, done.updated) == (2, 2)
        assert [row["phone"] for row in rows.page(connection, HOMES).rows] == [f"138{n:08d}" for n in range(5)]


@pytest.mark.parametrize("name", ["名" * 51, "坏\ud800"])
def test_bulk_refuses_a_name_that_is_too_long_or_broken_and_does_not_repeat_it(filled, name):
    with pytest.raises(InvalidInput, match="stored_value_refused") as refused, filled.writing() as connection:
        bulk.upsert(connection, HOMES, homes(2, head_name=pd.Series(["李四", name], dtype=object)), **WHO)
    assert refused.value.facts == {"field": "head_name", "value": "***", "row": "H1"}


def test_a_text_that_looks_sealed_is_sealed_like_any_other(filled):
    forged = sealing.seal(bytes(32), "x", "y")
    with filled.writing() as connection:
        made = rows.insert(connection, GRIDS, {**GRID, "worker_names": forged}, **WHO)
        assert made["worker_names"] == forged


def test_a_value_moved_to_another_row_does_not_open(filled):
    with filled.writing() as connection:
        bulk.upsert(connection, HOMES, homes(2), **WHO)
        connection.exec_driver_sql("UPDATE household SET phone = head_name WHERE code = 'H0'")
    with pytest.raises(StoreFault, match="sealed_value_broken"), filled.reading() as connection:
        rows.get(connection, HOMES, "H0")


@pytest.mark.parametrize(
    ("keys", "code"), [(None, "secret_key_missing"), ("", "secret_key_missing"), (OTHER_KEY, "secret_key_wrong")]
)
def test_without_the_right_key_nothing_is_read_or_written(filled, keys, code):
    with filled.writing() as connection:
        rows.insert(connection, HOMES, HOME, **WHO)
        was = stored(connection)
    source = None if keys is None else GivenKeys(keys)
    person_keys.use_keys(filled.engine, source)
    with pytest.raises(StoreFault, match=code), filled.reading() as connection:
        rows.get(connection, HOMES, "H1")
    for values in (HOME, {**HOME, "code": "H2"}):
        with pytest.raises(StoreFault, match=code), filled.writing() as connection:
            rows.insert(connection, HOMES, values, **WHO)
    with pytest.raises(StoreFault, match=code), filled.writing() as connection:
        bulk.upsert(connection, HOMES, homes(3), **WHO)
    assert source is None or source.text == keys  # no key was made
    with filled.reading() as connection:
        assert stored(connection) == was
        assert rows.get(connection, L["buildings"], "B0")["code"] == "B0"  # what is not personal is read as ever
    person_keys.use_keys(filled.engine, GivenKeys())
    with filled.reading() as connection:
        assert rows.get(connection, HOMES, "H1")["head_name"] == "张三丰"


def test_the_first_key_is_made_when_the_first_value_is_sealed(filled):
    source = GivenKeys("")
    person_keys.use_keys(filled.engine, source)
    with filled.writing() as connection:
        rows.insert(connection, HOMES, {"code": "H0", "building_code": "B0"}, **WHO)
        assert source.text == ""
        rows.insert(connection, HOMES, HOME, **WHO)
        assert source.text
        assert rows.get(connection, HOMES, "H1")["head_name"] == "张三丰"


def test_lists_are_not_sorted_or_filtered_by_personal_values(filled):
    with filled.reading() as connection:
        with pytest.raises(InvalidInput, match="sort_unknown"):
            rows.page(connection, HOMES, sort="head_name")
        with pytest.raises(InvalidInput, match="filter_unknown"):
            rows.page(connection, HOMES, filters={"phone": "1"})


def test_two_who_seal_the_first_value_of_a_person_agree_on_its_key(filled):
    found, began = [], threading.Event()

    def seal():
        began.set()
        with filled.writing() as connection:
            found.append(person_keys.keys_for(connection, "households", ["a", "c"], WHO["now"]))

    with filled.writing() as connection:
        found.append(person_keys.keys_for(connection, "households", ["a", "b"], WHO["now"]))
        other = threading.Thread(target=seal)
        other.start()
        began.wait()
    other.join()
    assert found[0]["a"] == found[1]["a"]
    with filled.reading() as connection:
        assert person_keys.person_keys(connection, ["a", "b", "c"]) == found[0] | found[1]


def test_a_person_whose_key_is_gone_is_withheld(filled):
    with filled.writing() as connection:
        made = rows.insert(connection, HOMES, HOME, **WHO)
        connection.execute(sa.delete(PERSON_KEYS).where(PERSON_KEYS.c.subject_uid == made["uid"]))
        assert rows.get(connection, HOMES, "H1")["head_name"] == "***"
        again = rows.update(connection, HOMES, "H1", 1, {"phone": "13900000000"}, **LATER_WHO)  # a new person
        assert (again["head_name"], again["phone"]) == ("***", "13900000000")
