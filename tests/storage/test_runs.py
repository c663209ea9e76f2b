import pytest
import sqlalchemy as sa

from geo_service.foundation.errors import Conflict, NotFound
from geo_service.storage import runs
from geo_service.storage.tables import RUNS
from tests.storage.samples import LATER_WHO, WHO

RUN = {
    "kind": "coverage",
    "fingerprint": "abc",
    "parameters": {"circle": 15, "categories": ["clinic"]},
    "inputs": {"layers": {"buildings": 3}},
    "result": {"rows": [{"name": "社区", "share": 0.1}]},
    "code_version": "0.1.0",
    "seconds": 1.5,
}


def test_a_run_is_found_by_what_it_was_made_from(store):
    with store.writing() as connection:
        assert runs.find_done(connection, "abc") is None
        runs.insert_run(connection, **RUN, **WHO, status="failed")
        assert runs.find_done(connection, "abc") is None
        made = runs.insert_run(connection, **RUN, **WHO)
        newer = runs.insert_run(connection, **{**RUN, "kind": "times"}, **LATER_WHO)
    with store.reading() as connection:
        assert runs.get_run(connection, made["uid"]) == made
        assert made["result"] == RUN["result"]
        assert runs.find_done(connection, "abc")["uid"] == newer["uid"]
        assert [run["kind"] for run in runs.list_runs(connection)] == ["times", "coverage", "coverage"]
        assert [run["uid"] for run in runs.list_runs(connection, kind="times")] == [newer["uid"]]
        assert "result" not in runs.list_runs(connection, limit=1)[0]


def test_answers_are_found_by_what_was_asked_however_many_others_there_are(store):
    long = {"edits": ["甲" * 100] * 100}  # longer than an index of PostgreSQL holds, were it a tree
    asked = RUN["parameters"]
    with store.writing() as connection:
        first, second = (runs.insert_run(connection, **RUN, **WHO)["uid"] for _ in range(2))
        runs.insert_run(connection, **RUN, **WHO, status="failed")
        for number in range(300):
            runs.insert_run(connection, **{**RUN, "parameters": {"circle": number + 16}}, **WHO)
        runs.insert_run(connection, **{**RUN, "kind": "times"}, **WHO)
        other = runs.insert_run(connection, **{**RUN, "parameters": long}, **LATER_WHO)["uid"]
        found = runs.answers_to(connection, "coverage", [asked])
        assert [run["uid"] for run in found] == [second, first]
        assert "result" not in found[0]
        assert [run["uid"] for run in runs.answers_to(connection, "coverage", [asked, long])] == [other, second, first]
        assert runs.answers_to(connection, "coverage", [{**asked, "at": "08:00"}]) == []


def test_a_result_is_kept_compressed_and_one_kept_in_its_column_is_still_read(store):
    long = {"rows": [{"name": "社区", "share": 0.1}] * 1000}
    with store.writing() as connection:
        made = runs.insert_run(connection, **{**RUN, "result": long}, **WHO)
        kept = connection.execute(sa.text("SELECT content FROM run_part WHERE name = 'result'")).scalar()
        assert len(kept) < 1000
        assert runs.part_names(connection, made["uid"]) == []
        assert runs.get_run(connection, made["uid"])["result"] == long
        before = {**made, "uid": "0" * 26, "result": RUN["result"]}
        connection.execute(sa.insert(RUNS), before)
        assert runs.get_run(connection, before["uid"]) == before


def test_parts(store):
    with store.writing() as connection:
        uid = runs.insert_run(connection, **RUN, **WHO)["uid"]
        runs.write_part(connection, uid, "homes", b"\x00\xff")
        assert runs.read_part(connection, uid, "homes") == b"\x00\xff"
        runs.write_part(connection, uid, "told", b'{"rows":[]}' * 1000)
        assert runs.read_part(connection, uid, "told") == b'{"rows":[]}' * 1000
        kept = connection.execute(sa.text("SELECT content FROM run_part WHERE name = 'told'")).scalar()
        assert len(kept) < 1000
        assert runs.part_names(connection, uid) == ["homes", "told"]
        with pytest.raises(NotFound, match="run_part_unknown"):
            runs.read_part(connection, uid, "streets")
        for call in (runs.get_run, lambda c, u: runs.write_part(c, u, "x", b"")):
            with pytest.raises(NotFound, match="run_unknown"):
                call(connection, "nobody")


def test_runs_are_frozen(store):
    with store.writing() as connection:
        runs.insert_run(connection, **RUN, **WHO)
    with pytest.raises(Conflict, match="append_only"), store.writing() as connection:
        connection.exec_driver_sql("UPDATE run SET kind = 'other'")
