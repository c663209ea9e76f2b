"""Whoever changes the audit or history by hand is found out, on both stores."""

import json

import pytest
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.storage import audit, bulk, rows
from geo_service.storage.audit_verifying import verify
from geo_service.storage.tables import AUDIT, HISTORY
from tests.storage.samples import LATER_WHO, NOW, WHO, L, areas, buildings

OFFICIAL = Actor("li", "official", "u-1", ("990101",), via="browser", address="192.0.2.7", request_id="r1")
TRIGGERS = {"audit": ("audit_no_update", "audit_no_delete"), "history": ("history_no_update", "history_no_delete")}


def filled(store) -> None:
    """Nine lines: three sign-ins, a bulk creation, five changes of areas."""
    with store.writing() as c:
        for n in range(3):
            audit.append(c, OFFICIAL, NOW, "signed_in", facts={"n": n})
    with store.writing() as c:
        bulk.upsert(c, L["areas"], areas(), **WHO)
    for n in range(5):
        with store.writing() as c:
            rows.update(c, L["areas"], "990101", n + 1, {"name": f"区{n}"}, **LATER_WHO)


def found(store, *anchors):
    """Return the breaks: audit line, kind, facts."""
    with store.reading() as c:
        verified = verify(c, anchors, lambda share, key: None)
    assert verified.is_whole is (not verified.breaks)
    return [(one.line, one.kind) for one in verified.breaks]


@pytest.fixture
def by_hand(store):
    """Run a statement as somebody who has the file or the database, past the service and its triggers."""

    def run(*statements):
        with store.engine.connect() as connection:
            if store.kind == "embedded":
                kept = connection.exec_driver_sql(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'history')"
                ).fetchall()
                for name, _ in kept:
                    connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            else:
                connection.exec_driver_sql("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement if not isinstance(statement, str) else sa.text(statement))
            if store.kind == "embedded":
                for _, sql in kept:
                    connection.exec_driver_sql(sql)
            else:
                connection.exec_driver_sql("SET session_replication_role = DEFAULT")
            connection.commit()

    filled(store)
    assert found(store) == []
    return run


def line_of(store, number):
    with store.reading() as c:
        return dict(c.execute(sa.select(AUDIT).where(AUDIT.c.id == number)).mappings().one())


def rehashed(line):
    """Return the line with the hash that fits it, as a forger who knows the rule makes it."""
    line["hash"] = audit.line_hash(
        {**line, "facts": line["facts"] and json.dumps(line["facts"], separators=(",", ":"))}
    )
    return line


def test_a_whole_chain_and_its_figures(store):
    filled(store)
    shares = []
    with store.reading() as c:
        verified = verify(c, [audit.tail(c)], lambda share, key: shares.append((share, key)))
    assert verified.is_whole
    assert (verified.lines, verified.history_lines, verified.last.id) == (9, 6, 9)
    assert shares == sorted(shares)
    assert shares[-1] == (1.0, "progress.verifying")


def test_an_empty_audit_is_whole(store):
    assert found(store) == []


@pytest.mark.parametrize(
    "name", [column.name for column in AUDIT.columns if column.name not in ("id", "hash", "facts")]
)
def test_a_changed_value_of_any_column(store, by_hand, name):
    by_hand(sa.update(AUDIT).where(AUDIT.c.id == 6).values({name: "x"}))
    assert found(store)[0] == (6, "line_changed")


def test_changed_facts_and_a_changed_hash(store, by_hand):
    by_hand(sa.update(AUDIT).where(AUDIT.c.id == 2).values(facts={"n": 7}))
    assert found(store) == [(2, "line_changed")]
    by_hand(sa.update(AUDIT).where(AUDIT.c.id == 2).values(facts={"n": 1}))
    assert found(store) == []
    by_hand(sa.update(AUDIT).where(AUDIT.c.id == 2).values(hash="f" * 64))
    assert found(store) == [(2, "line_changed"), (3, "line_unlinked")]


def test_facts_that_are_no_json(store, by_hand):
    by_hand("UPDATE audit SET facts = '{' WHERE id = 5")
    assert found(store)[:2] == [(5, "line_changed"), (5, "line_unreadable")]
    by_hand("UPDATE audit SET facts = '[1]' WHERE id = 5")
    assert (5, "line_unreadable") in found(store)
    by_hand("""UPDATE audit SET facts = '{"digest":"x","history":["1"]}' WHERE id = 5""")
    assert (5, "line_unreadable") in found(store)


def test_a_line_changed_with_its_hash(store, by_hand):
    line = rehashed({**line_of(store, 4), "actor": "somebody-else"})
    by_hand(sa.update(AUDIT).where(AUDIT.c.id == 4).values(actor=line["actor"], hash=line["hash"]))
    assert found(store) == [(5, "line_unlinked")]


@pytest.mark.parametrize(("gone", "first"), [((1,), 1), ((5,), 5), ((3, 4, 5), 3)])
def test_lines_taken_out(store, by_hand, gone, first):
    by_hand(sa.delete(AUDIT).where(AUDIT.c.id.in_(gone)))
    assert found(store)[0] == (first, "lines_missing")


def test_a_line_taken_out_and_the_others_moved_up(store, by_hand):
    by_hand(
        sa.delete(AUDIT).where(AUDIT.c.id == 5),
        *(sa.update(AUDIT).where(AUDIT.c.id == n).values(id=n - 1) for n in range(6, 10)),
    )
    assert found(store)[0] == (5, "line_changed")


def test_a_line_put_in(store, by_hand):
    before = line_of(store, 4)
    line = rehashed({**line_of(store, 5), "actor": "nobody", "previous": before["hash"]})
    by_hand(
        *(sa.update(AUDIT).where(AUDIT.c.id == n).values(id=n + 1) for n in range(9, 4, -1)),
        sa.insert(AUDIT).values(line),
    )
    assert found(store)[0] == (6, "line_changed")


@pytest.mark.parametrize("number", [0, -4])
def test_a_line_put_before_the_first(store, by_hand, number):
    by_hand(sa.insert(AUDIT).values({**line_of(store, 5), "id": number, "hash": "e" * 64}))
    assert found(store)[0] == (number, "line_extra")


def test_two_lines_in_each_others_place(store, by_hand):
    by_hand(
        sa.update(AUDIT).where(AUDIT.c.id == 2).values(id=20),
        sa.update(AUDIT).where(AUDIT.c.id == 3).values(id=2),
        sa.update(AUDIT).where(AUDIT.c.id == 20).values(id=3),
    )
    assert found(store)[0] == (2, "line_changed")


def test_the_end_cut_off_shows_by_the_anchor_only(store, by_hand):
    with store.reading() as c:
        anchor = audit.tail(c)
    by_hand(sa.delete(AUDIT).where(AUDIT.c.id > 7), sa.delete(HISTORY).where(HISTORY.c.id > 4))
    assert found(store) == []
    assert found(store, anchor) == [(8, "tail_cut")]
    with store.writing() as c:  # also once it has grown over
        for _ in range(5):
            audit.append(c, OFFICIAL, NOW, "signed_in")
    assert found(store, anchor) == [(9, "tail_differs")]


def test_everything_gone(store, by_hand):
    with store.reading() as c:
        anchor = audit.tail(c)
    by_hand(sa.delete(AUDIT))
    assert found(store)[0] == (None, "history_unknown")
    assert found(store, anchor)[0] == (1, "tail_cut")


def test_a_chain_made_anew_with_fitting_hashes(store, by_hand):
    with store.reading() as c:
        anchor = audit.tail(c)
        lines = [dict(row) for row in c.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).mappings()]
    previous = audit.GENESIS
    for line in lines:
        line |= {"actor": "somebody-else", "previous": previous}
        previous = rehashed(line)["hash"]
    by_hand(sa.delete(AUDIT), sa.insert(AUDIT).values(lines))
    assert found(store) == []
    assert found(store, anchor) == [(9, "tail_differs")]


@pytest.mark.parametrize("name", [column.name for column in HISTORY.columns if column.name != "id"])
def test_a_changed_line_of_history(store, by_hand, name):
    value = {"before": {"name": "x"}, "after": None, "row_id": 77, "version": 77, "action": "retired"}.get(name, "x")
    by_hand(sa.update(HISTORY).where(HISTORY.c.id == 3).values({name: value}))
    assert found(store) == [(6, "history_changed")]


def test_a_line_of_history_taken_out_or_put_in(store, by_hand):
    with store.reading() as c:
        line = dict(c.execute(sa.select(HISTORY).where(HISTORY.c.id == 3)).mappings().one())
    by_hand(sa.delete(HISTORY).where(HISTORY.c.id == 3))
    assert found(store) == [(6, "history_missing")]
    by_hand(sa.insert(HISTORY).values(line))
    assert found(store) == []
    by_hand(sa.insert(HISTORY).values({**line, "id": 70}))
    assert found(store) == [(None, "history_unknown")]


def test_two_lines_of_audit_for_one_of_history(store, by_hand):
    facts = line_of(store, 9)["facts"]
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "updated", facts=facts)
    assert found(store) == [(None, "history_twice")]


def test_history_from_before_the_audit_is_held_by_the_first_line(store, by_hand):
    with store.reading() as c:
        old = [dict(row) for row in c.execute(sa.select(HISTORY).order_by(HISTORY.c.id)).mappings()]
    by_hand(sa.delete(AUDIT))  # as after the migration from a version without an audit
    assert found(store)[0] == (None, "history_unknown")
    with store.writing() as c:
        rows.update(c, L["areas"], "990101", 6, {"name": "新"}, **LATER_WHO)
    assert line_of(store, 1)["verb"] == audit.OLD_HISTORY
    assert line_of(store, 1)["facts"]["lines"] == len(old) == line_of(store, 1)["facts"]["history_up_to"]
    assert line_of(store, 2)["verb"] == "updated"
    assert found(store) == []
    by_hand(sa.update(HISTORY).where(HISTORY.c.id == 2).values(actor="x"))
    assert found(store) == [(1, "old_history_changed")]


def test_history_from_before_the_audit_when_the_first_line_is_no_change(store, by_hand):
    by_hand(sa.delete(AUDIT))
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "signed_in")
    assert [line_of(store, n)["verb"] for n in (1, 2)] == [audit.OLD_HISTORY, "signed_in"]
    assert found(store) == []


def test_the_store_itself_refuses_changes(store):
    filled(store)
    for statement in (sa.update(AUDIT).values(actor="x"), sa.delete(AUDIT), sa.delete(HISTORY)):
        with pytest.raises(sa.exc.DBAPIError, match="append_only"), store.engine.begin() as c:
            c.execute(statement)


def test_a_change_tells_the_row_its_area_and_its_line_of_history(store):
    with store.writing() as c:
        bulk.upsert(c, L["areas"], areas(), **WHO)
        bulk.upsert(c, L["buildings"], buildings(), **WHO)
    with store.writing() as c:
        house = rows.update(c, L["buildings"], "B0", 1, {"name": "x"}, actor=OFFICIAL, now=NOW)
        area = rows.insert(
            c,
            L["areas"],
            {"code": "Q1", "name": "x", "level": "quarter", "geom": shapely.box(0.01, 0.01, 0.02, 0.02)},
            **WHO,
        )
    assert line_of(store, 1)["verb"] == "imported"
    assert (line_of(store, 1)["subject_uid"], line_of(store, 1)["area_code"]) == (None, None)
    changed, made = line_of(store, 3), line_of(store, 4)
    assert (changed["verb"], changed["layer"], changed["subject_uid"]) == ("updated", "buildings", house["uid"])
    assert (changed["area_code"], changed["actor"], changed["address"]) == ("990101001001", "li", "192.0.2.7")
    assert (changed["facts"]["history"], len(changed["facts"]["digest"])) == ([3], 64)
    assert (made["verb"], made["subject_uid"], made["area_code"]) == ("created", area["uid"], "Q1")
