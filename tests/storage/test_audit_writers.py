"""Many writers at once, and writers that die: the chain stays whole, on both stores."""

import subprocess
import sys
import textwrap
import threading

import pytest
import sqlalchemy as sa

from geo_service.foundation.errors import Conflict, StaleVersion
from geo_service.storage import audit, bulk, rows
from geo_service.storage.audit_anchor import is_in_chain
from geo_service.storage.audit_verifying import verify
from geo_service.storage.store import open_store
from geo_service.storage.tables import AUDIT
from tests.storage.samples import LATER_WHO, NOW, WHO, L, areas

WRITERS, ROUNDS = 8, 12


def whole(store):
    """Verify the chain, also against the anchor, and return what was walked."""
    with store.reading() as c:
        kept = store.anchor.read() if store.anchor is not None else None
        verified = verify(c, [kept] if kept else [], lambda share, key: None)
        assert verified.breaks == ()
        assert kept is None or is_in_chain(c, kept)
    return verified


@pytest.fixture
def filled(store, tmp_path):
    store.anchored_in(tmp_path)
    with store.writing() as c:
        bulk.upsert(c, L["areas"], areas(), **WHO)
    return store


@pytest.mark.parametrize("own_store", [True, False], ids=["stores", "threads"])
def test_eight_writers_make_one_chain(filled, store_url, tmp_path, own_store):
    """Half their work is on the same two rows in opposite order: only a lock taken last cannot close a circle."""
    start = threading.Barrier(WRITERS)
    done, failed = [0] * WRITERS, []

    def write(place: int) -> None:
        store = open_store(store_url).anchored_in(tmp_path) if own_store else filled
        codes = ("990101001001", "990101001002") if place % 2 else ("990101001002", "990101001001")
        try:
            start.wait()
            for n in range(ROUNDS):
                with store.writing() as c:
                    audit.append(c, WHO["actor"], NOW, "exported", facts={"writer": place, "n": n})
                try:
                    with store.writing() as c:
                        code = codes[n % 2]
                        version = rows.get(c, L["areas"], code)["version"]
                        audit.append(c, WHO["actor"], NOW, "looked")
                        rows.update(c, L["areas"], code, version, {"name": f"{place}-{n}"}, **LATER_WHO)
                    done[place] += 1
                except (StaleVersion, Conflict):
                    pass
        except BaseException as error:
            failed.append(error)
        finally:
            if own_store:
                store.close()

    threads = [threading.Thread(target=write, args=(place,)) for place in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    verified = whole(filled)
    assert verified.lines == 1 + WRITERS * ROUNDS + 2 * sum(done)
    assert filled.anchor.read() == verified.last
    with filled.reading() as c:
        kept = c.execute(sa.select(AUDIT.c.facts).where(AUDIT.c.verb == "exported").order_by(AUDIT.c.id)).scalars()
        seen = [(fact["writer"], fact["n"]) for fact in kept]
    assert sorted(seen) == [(place, n) for place in range(WRITERS) for n in range(ROUNDS)]
    for place in range(WRITERS):  # each writer's own lines stand in the order it wrote them
        assert [n for writer, n in seen if writer == place] == list(range(ROUNDS))


SCRIPT = """
    import sys
    from pathlib import Path
    from geo_service.storage import audit, rows
    from geo_service.storage.store import open_store
    from tests.storage.samples import WHO, L
    store = open_store(sys.argv[1]).anchored_in(Path(sys.argv[2]))
    code = {"a": "990101001001", "b": "990101001002"}[sys.argv[3]]
    for n in range(100000):
        with store.writing() as c:
            area = rows.get(c, L["areas"], code)
            rows.update(c, L["areas"], code, area["version"], {"name": f"{sys.argv[3]}-{n}"}, **WHO)
            for k in range(30):
                audit.append(c, WHO["actor"], WHO["now"], "exported", facts={"writer": sys.argv[3], "n": n, "k": k})
        print(n, flush=True)
"""


def test_killed_writers_leave_a_whole_chain_with_all_they_were_told_is_written(filled, store_url, tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), store_url, str(tmp_path)]
    writers = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for name in ("a", "b")
    ]
    told: dict[str, int] = {}
    try:
        for name, writer, count in zip("ab", writers, (3, 5), strict=True):
            for _ in range(count):
                told[name] = int(writer.stdout.readline())
    finally:
        for writer in writers:
            writer.kill()
    for name, writer in zip("ab", writers, strict=True):
        rest = writer.stdout.read().split()
        writer.wait()
        writer.stdout.close()
        told[name] = max([told[name], *map(int, rest)])
    with filled.writing() as c:  # waits for the dead one's place
        audit.append(c, WHO["actor"], NOW, "looked")
    verified = whole(filled)
    assert filled.anchor.read() == verified.last
    with filled.reading() as c:
        lines = [dict(row) for row in c.execute(sa.select(AUDIT.c.facts).where(AUDIT.c.verb == "exported")).mappings()]
    for name in "ab":
        found = sorted((fact["n"], fact["k"]) for line in lines if (fact := line["facts"])["writer"] == name)
        assert len(found) % 30 == 0  # a transaction is there as a whole or not at all
        assert found[: (told[name] + 1) * 30] == [(n, k) for n in range(told[name] + 1) for k in range(30)]
        assert len(found) // 30 - 1 - told[name] in (0, 1)  # at most the one it died before telling of
