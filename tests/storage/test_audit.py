"""The chain of audit lines, on both stores."""

import hashlib
import json

import pytest
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.foundation.errors import NotFound
from geo_service.storage import audit, rows
from geo_service.storage.tables import AUDIT
from tests.storage.samples import LATER, NOW, L

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
