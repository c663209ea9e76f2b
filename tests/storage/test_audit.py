"""The chain of audit lines, on both stores."""

import hashlib
import json

import pytest
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import NotFound
from geo_service.storage import audit, rows
from geo_service.storage.audit_anchor import Anchor
from geo_service.storage.tables import AUDIT
from tests.storage.samples import LATER, NOW, WHO, L

OFFICIAL = Actor("li", "official", "u-1", ("990101",), via="browser", address="192.0.2.7", request_id="r1")


def lines(connection):
    """Return the whole chain."""
    return [dict(row) for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).mappings()]


def test_a_line_says_who_from_where_and_why(store):
    with store.writing() as c:
        audit.append(
            c,
            OFFICIAL,
            NOW,
            "revealed",
            layer="households",
            subject_uid="s",
            area_code="990101001",
            reason="回访",
            facts={"fields": ["phone"]},
        )
    with store.reading() as c:
        (line,) = lines(c)
    assert line.pop("hash")
    assert line == {
        "id": 1,
        "at": "2026-03-01T08:00:00.000Z",
        "actor": "li",
        "account_uid": "u-1",
        "role": "official",
        "via": "browser",
        "address": "192.0.2.7",
        "request_id": "r1",
        "verb": "revealed",
        "layer": "households",
        "subject_uid": "s",
        "area_code": "990101001",
        "reason": "回访",
        "facts": {"fields": ["phone"]},
        "previous": audit.GENESIS,
    }


def test_the_line_of_a_retirement_says_why(store):
    row = {"code": "F1", "name": "店", "category": "clinic", "geom": shapely.Point(0.02, 0.02)}
    with store.writing() as c:
        rows.insert(c, L["facilities"], row, **WHO)
        rows.retire(c, L["facilities"], "F1", 1, "已拆除", **WHO)
    with store.reading() as c:
        assert [(line["verb"], line["reason"]) for line in lines(c)] == [("created", None), ("retired", "已拆除")]


def test_each_line_holds_the_hash_of_the_line_before(store):
    for moment in (NOW, LATER, NOW):  # also when the clock goes back
        with store.writing() as c:
            audit.append(c, OFFICIAL, moment, "signed_in")
            audit.append(c, OFFICIAL, moment, "exported", facts={"n": 1})
    with store.reading() as c:
        found = lines(c)
        assert audit.tail(c) == audit.Tail(6, found[-1]["hash"])
    assert [line["id"] for line in found] == [1, 2, 3, 4, 5, 6]
    previous = audit.GENESIS
    for line in found:
        assert line["previous"] == previous
        told = {name: value for name, value in line.items() if name != "hash"}
        told["facts"] = None if told["facts"] is None else json.dumps(told["facts"], separators=(",", ":"))
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert line["hash"] == previous


def test_an_undone_transaction_leaves_no_line(store):
    with pytest.raises(NotFound), store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "exported")
        rows.get(c, L["areas"], "nowhere")
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "signed_in")
    with store.reading() as c:
        assert [(line["id"], line["verb"]) for line in lines(c)] == [(1, "signed_in")]


def test_the_end_is_kept_beside_the_store_after_every_commit(store, tmp_path):
    store.anchored_in(tmp_path)
    for _ in range(2):
        with store.writing() as c:
            audit.append(c, OFFICIAL, NOW, "exported")
            audit.append(c, OFFICIAL, NOW, "exported")
        with store.reading() as c:
            assert store.anchor.read() == audit.tail(c)
    assert store.anchor.path.stat().st_mode & 0o777 == 0o600
    before = store.anchor.path.read_bytes()
    with store.writing() as c:
        rows.insert(
            c, L["areas"], {"code": "x", "name": "x", "level": "quarter", "geom": shapely.box(0, 0, 1, 1)}, **WHO
        )
    with pytest.raises(NotFound), store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "exported")
        rows.get(c, L["areas"], "nowhere")
    kept = store.anchor.read()
    with store.reading() as c:
        assert kept == audit.tail(c)
    assert len(before) == len(store.anchor.path.read_bytes())


def test_anchors_of_several_stores_share_a_file_and_a_torn_line_is_written_over(store, tmp_path):
    path = tmp_path / "audit.anchor"
    path.write_bytes(b"000000000000003 " + b"a" * 64 + b" sqlite:////other\n0000000")
    store.anchored_in(tmp_path)
    assert store.anchor.read() is None
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "exported")
    with store.reading() as c:
        assert store.anchor.read() == audit.tail(c)
    assert Anchor(path, "sqlite:////other").read() == audit.Tail(3, "a" * 64)


def test_an_anchor_is_not_lowered_and_not_moved_once_the_chain_left_it(store, tmp_path):
    store.anchored_in(tmp_path)
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "exported")
    lost = audit.Tail(5, "b" * 64)
    store.anchor.raise_to(lost)
    store.anchor.raise_to(audit.Tail(4, "c" * 64))
    assert store.anchor.read() == lost
    for _ in range(6):
        with store.writing() as c:
            audit.append(c, OFFICIAL, NOW, "exported")
    assert store.anchor.read() == lost
    store.anchor.raise_to(audit.Tail(2, "d" * 64), lower=True)
    assert store.anchor.read() == audit.Tail(2, "d" * 64)


def test_an_anchor_that_cannot_be_written_does_not_undo_what_is_done(store, tmp_path):
    (tmp_path / "file").write_text("")
    store.anchored_in(tmp_path / "file")
    with store.writing() as c:
        audit.append(c, OFFICIAL, NOW, "exported")
    with store.reading() as c:
        assert audit.tail(c).id == 1
