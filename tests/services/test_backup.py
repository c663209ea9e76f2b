"""A backup holds what was committed at one moment, proves it, and comes back whole or not at all."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import textwrap
import threading
from dataclasses import replace

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.exchange import archive
from geo_service.foundation.errors import Conflict, FileFault, Forbidden, GeoServiceError, StoreFault
from geo_service.services import backup as stories
from geo_service.services import erasure
from geo_service.services.context import Context
from geo_service.services.told import rounding_salt
from geo_service.storage import bulk, own_values, person_keys, photo_files, rows, schema
from geo_service.storage.audit_verifying import verify
from geo_service.storage.checking import check_store
from geo_service.storage.copying import checksums
from geo_service.storage.store import migrate, open_store
from geo_service.storage.tables import AUDIT
from tests.storage.samples import NOW, WHO, L, areas, buildings
from tests.stores import GivenKeys

pytestmark = pytest.mark.usefixtures("quick_stores")
OTHER = {"embedded": "postgis", "postgis": "embedded"}
PICTURE = b"not really a picture"
FORGOTTEN = {"session", "one_time_link"}


@pytest.fixture
def filled(store):
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
        bulk.upsert(connection, L["buildings"], buildings(np.linspace(0.001, 0.19, 50)), **WHO)
        place = {"code": "F1", "category": "clinic", "geom": shapely.Point(0.1, 1 / 3)}
        rows.insert(connection, L["facilities"], place, **WHO)
        moment = "'2026-03-01T08:00:00.000Z'"
        connection.exec_driver_sql(
            "INSERT INTO account (id, uid, name, role, is_disabled, created_at, created_by, updated_at, updated_by, "
            f"version) VALUES (1, 'u', 'wang', 'planner', {'false' if store.kind == 'postgis' else 0}, {moment}, 'a', "
            f"{moment}, 'a', 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO session (id, uid, account_id, token_hash, means, has_second_factor, created_at, seen_at, "
            f"expires_at) VALUES (1, 's', 1, 'h', 'password', {'false' if store.kind == 'postgis' else 0}, {moment}, "
            f"{moment}, {moment})"
        )
    return store


@pytest.fixture
def ctx(filled, tmp_path):
    photo_files.keep(tmp_path / "var", PICTURE)
    return Context(filled, LOCAL_ADMIN, lambda: NOW, tmp_path / "var", "en")


def restored(path, url, var_dir, actor=LOCAL_ADMIN, *, without_erased_list=True):
    def context(store):
        return Context(store, actor, lambda: NOW, var_dir, "en")

    return stories.restore(path, url, actor, context, without_erased_list=without_erased_list)


def sums(store):
    with store.reading() as connection:
        return {one.table: one for one in checksums(connection)}


@pytest.mark.parametrize("same_kind", [True, False])
def test_there_and_back(ctx, tmp_path, make_store_url, same_kind):
    before = sums(ctx.store)
    told = []
    made = stories.backup(ctx.telling(lambda share, key: told.append(share)), tmp_path / "out" / "b.tar")
    assert told == sorted(told)
    assert told[-1] == 1
    assert made.photos == 1
    assert [path.name for path in made.path.parent.iterdir()] == ["b.tar"]
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert made.path.stat().st_size == made.bytes

    url = make_store_url(ctx.store.kind if same_kind else OTHER[ctx.store.kind])
    result = restored(made.path, url, tmp_path / "elsewhere")
    assert result.wrong == 0
    assert result.rows == made.rows
    assert photo_files.read(tmp_path / "elsewhere", hashlib.sha256(PICTURE).hexdigest()) == PICTURE
    store = open_store(url)
    after = sums(store)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"session", "audit", "own_value"}
    assert all(after[name].rows == 0 for name in FORGOTTEN)
    assert after["account"].rows == 1
    with store.writing() as connection:  # it goes on counting
        made_row = rows.insert(connection, L["buildings"], {"code": "n", "geom": shapely.box(1, 1, 2, 2)}, **WHO)
        verbs = connection.exec_driver_sql("SELECT verb FROM audit ORDER BY id DESC LIMIT 1").scalar_one()
    assert made_row["id"] > 50
    assert verbs == "restored_backup"
    assert all(finding.is_sound for finding in check_store(store))
    store.close()
    with ctx.store.reading() as connection:
        assert connection.exec_driver_sql("SELECT verb FROM audit ORDER BY id DESC LIMIT 1").scalar() == "backed_up"


def test_while_others_write(ctx, tmp_path):
    """Every transaction is in it wholly or not at all, and nobody who writes is refused."""
    stop, failed, count = threading.Event(), [], 0

    def write():
        nonlocal count
        while not stop.is_set():
            try:
                with ctx.store.writing() as connection:
                    for half in "ab":
                        values = {"code": f"T{count}{half}", "geom": shapely.box(1, 1, 1.1, 1.1)}
                        rows.insert(connection, L["buildings"], values, **WHO)
                count += 1
            except GeoServiceError as error:
                failed.append(error)

    def told(*_):
        while count == at_begin and writer.is_alive():  # it goes on once another transaction came in between
            threading.Event().wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    while count < 3 and writer.is_alive():
        threading.Event().wait(0.01)
    at_begin = count
    stories.backup(replace(ctx, progress=told), tmp_path / "b.tar")
    at_end = count
    stop.set()
    writer.join()
    assert failed == []
    assert at_end > at_begin
    url = f"sqlite:///{tmp_path / 'new.gpkg'}"
    restored(tmp_path / "b.tar", url, tmp_path / "elsewhere")
    store = open_store(url)
    with store.reading() as connection:
        found = connection.exec_driver_sql("SELECT code FROM building WHERE code LIKE 'T%' ORDER BY code").scalars()
        codes = set(found)
    store.close()
    assert len(codes) >= 2 * at_begin
    assert {code[:-1] + "a" for code in codes} == {code for code in codes if code.endswith("a")}
    assert {code[:-1] + "b" for code in codes} == {code for code in codes if code.endswith("b")}


def test_never_over_another_file(ctx, tmp_path):
    (tmp_path / "b.tar").write_text("precious")
    with pytest.raises(Conflict, match="backup_exists"):
        stories.backup(ctx, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "precious"


def test_only_who_may(ctx, tmp_path):
    planner = Actor("wang", "planner")
    with pytest.raises(Forbidden):
        stories.backup(replace(ctx, actor=planner), tmp_path / "b.tar")
    with pytest.raises(Forbidden):
        restored(tmp_path / "b.tar", f"sqlite:///{tmp_path / 'new.gpkg'}", tmp_path, planner)


def test_one_that_breaks_off_leaves_nothing(ctx, tmp_path):
    class Stop(Exception):
        pass

    for at in (0.2, 0.5, 0.9):

        def told(share, key, at=at):
            if (share or 0) > at:
                raise Stop

        with pytest.raises(Stop):
            stories.backup(ctx.telling(told), tmp_path / "out" / "b.tar")
        assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_one_left_behind_goes(ctx, tmp_path):
    old, young = tmp_path / ".backup-old", tmp_path / ".backup-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "taken.gpkg").touch()
    os.utime(old, (0, 0))
    stories.backup(ctx, tmp_path / "b.tar")
    assert not old.exists()
    assert young.exists()


def test_a_photo_that_changed_on_the_disk_does_not_stop_it(ctx, tmp_path):
    bad = photo_files.keep(ctx.var_dir, b"second")
    file = next(path for path in (ctx.var_dir / "photos").rglob(bad))
    file.write_bytes(b"scratch")
    made = stories.backup(ctx, tmp_path / "b.tar")
    assert made.photos == 1
    assert made.left_out == (bad,)


def test_a_photo_that_is_not_on_the_disk_is_named(ctx, tmp_path):
    gone = "0" * 64
    values = {"subject_layer": "facilities", "subject_uid": "0" * 36, "sha256": gone, "media_type": "image/jpeg"}
    with ctx.store.writing() as conn:
        rows.insert(conn, L["photos"], values, actor=ctx.actor, now=ctx.clock())
    assert stories.backup(ctx, tmp_path / "b.tar").missing == (gone,)


def test_only_into_an_empty_store_and_all_or_nothing(ctx, tmp_path, make_store_url, monkeypatch):
    made = stories.backup(ctx, tmp_path / "b.tar")
    with pytest.raises(StoreFault, match="store_not_empty"):
        restored(made.path, ctx.store.url, ctx.var_dir)

    def broken(_connection, _now):
        raise StoreFault("disk_full")

    monkeypatch.setattr(stories, "end_sign_ins", broken)
    fresh = tmp_path / "fresh" / "geo.gpkg"
    with pytest.raises(StoreFault, match="disk_full"):
        restored(made.path, f"sqlite:///{fresh}", tmp_path / "elsewhere")
    assert list(fresh.parent.iterdir()) == []
    url = make_store_url(ctx.store.kind)
    with pytest.raises(StoreFault, match="disk_full"):
        restored(made.path, url, tmp_path / "elsewhere")
    store = open_store(url)
    assert sum(one.rows for one in sums(store).values()) == 0
    store.close()


def test_in_place_of_a_store_that_was_lost(packed, tmp_path):
    """The audit's chain is whole afterwards; how far the lost one went stands in it."""
    url, var_dir = f"sqlite:///{tmp_path / 'lost.gpkg'}", tmp_path / "var"
    restored(packed, url, var_dir)
    store = open_store(url).anchored_in(var_dir)
    with store.writing() as connection:  # work that is not in the backup
        rows.insert(connection, L["grids"], {"code": "G", "kind": "unit", "geom": shapely.box(0, 0, 1, 1)}, **WHO)
    left = store.anchor.read()
    store.close()
    (tmp_path / "lost.gpkg").unlink()
    restored(packed, url, var_dir)
    store = open_store(url).anchored_in(var_dir)
    with store.reading() as connection:
        line = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id.desc()).limit(1)).one()
        assert line.facts["left"] == {"line": left.id, "hash": left.hash}
        assert store.anchor.read().hash == line.hash
        assert verify(connection, [store.anchor.read()], lambda share, key: None).is_whole
    store.close()


def test_who_was_erased_stays_erased(ctx, tmp_path, make_store_url):
    household = {"code": "H", "building_code": "B0", "head_name": "王小明", "phone": "13812345678"}
    with ctx.store.writing() as conn:
        rows.insert(conn, L["households"], household, **WHO)
        rows.insert(conn, L["households"], household | {"code": "I", "head_name": "李小红"}, **WHO)
        nameless = {"code": "N", "building_code": "B0", "room_no": "502"}
        rows.insert(conn, L["households"], nameless, **WHO)
        rows.insert(conn, L["households"], nameless | {"code": "M"}, **WHO)
    made = stories.backup(ctx, tmp_path / "b.tar")
    assert "王小明".encode() not in made.path.read_bytes()
    with ctx.store.writing() as conn:
        rows.update(conn, L["households"], "M", 1, {"head_name": "只在备份之后有名字"}, **WHO)
        for code in "HNM":
            erasure.erase_person(conn, ctx, L["households"], code, "本人提出删除个人信息")
    url = make_store_url(ctx.store.kind)
    result = restored(made.path, url, ctx.var_dir, without_erased_list=False)
    assert result.erased == 3
    assert result.key_fault is not None  # nobody told the new store of the key
    store = open_store(url)
    person_keys.use_keys(store.engine, GivenKeys())
    with store.reading() as conn:
        assert rows.get(conn, L["households"], "H")["head_name"] != "王小明"
        assert rows.get(conn, L["households"], "I")["head_name"] == "李小红"
        assert [rows.get(conn, L["households"], code)["room_no"] for code in "NM"] == [None, None]
        assert verify(conn, [], lambda share, key: None).is_whole
    store.close()


def test_who_moved_in_after_the_erasure_stays(ctx, tmp_path, make_store_url):
    layer = L["households"]
    with ctx.store.writing() as conn:
        rows.insert(conn, layer, {"code": "H", "building_code": "B0", "head_name": "王小明"}, **WHO)
    before = stories.backup(ctx, tmp_path / "before.tar")
    with ctx.store.writing() as conn:
        erasure.erase_person(conn, ctx, layer, "H", "本人提出删除个人信息")
        rows.update(conn, layer, "H", 2, {"head_name": "李小红"}, **WHO)
    after = stories.backup(ctx, tmp_path / "after.tar")
    for made, erased, name in ((after, 0, "李小红"), (before, 1, None)):
        url = make_store_url(ctx.store.kind)
        assert restored(made.path, url, ctx.var_dir, without_erased_list=False).erased == erased
        store = open_store(url)
        person_keys.use_keys(store.engine, GivenKeys())
        with store.writing() as conn:
            row = rows.get(conn, layer, "H")
            assert row["head_name"] == name
            rows.update(conn, layer, "H", row["version"], {"head_name": "陈小兰"}, **WHO)
        # what is written from here on has nothing to do with that erasure either
        there = replace(ctx, store=store)
        again = stories.backup(there, tmp_path / f"again{erased}.tar")
        store.close()
        url = make_store_url(ctx.store.kind)
        assert restored(again.path, url, ctx.var_dir, without_erased_list=False).erased == 0


def test_without_its_list_of_the_erased_it_is_refused(ctx, tmp_path, make_store_url):
    made = stories.backup(ctx, tmp_path / "b.tar")
    elsewhere, fresh = tmp_path / "elsewhere", tmp_path / "fresh" / "geo.gpkg"

    def refuses():
        with pytest.raises(StoreFault, match="erased_list_missing") as caught:
            restored(made.path, f"sqlite:///{fresh}", elsewhere, without_erased_list=False)
        assert "erased.jsonl" in caught.value.sentence("en")
        assert not fresh.exists()

    refuses()
    assert not (elsewhere / "photos").exists()
    (elsewhere / "erased.jsonl").write_text('{"list": "of another store"}\n')
    refuses()
    url = make_store_url(ctx.store.kind)
    restored(made.path, url, elsewhere)
    listed = [json.loads(line) for line in (elsewhere / "erased.jsonl").read_text().splitlines()]
    store = open_store(url)
    with store.reading() as conn:
        line = conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == "restored_backup")).one()
        assert line.facts["without_erased_list"] is True
        own = own_values.erased_list_id(conn)
    assert listed == [{"list": "of another store"}, {"list": own}]
    # from here on it has a list of its own; what was backed up before does not fit it
    again = stories.backup(Context(store, LOCAL_ADMIN, lambda: NOW, elsewhere, "en"), tmp_path / "again.tar")
    store.close()
    assert restored(again.path, make_store_url(ctx.store.kind), elsewhere, without_erased_list=False).wrong == 0
    refuses()
    (elsewhere / "erased.jsonl").write_text((ctx.var_dir / "erased.jsonl").read_text())
    restored(made.path, f"sqlite:///{fresh}", elsewhere, without_erased_list=False)
    store = open_store(f"sqlite:///{fresh}")
    with store.reading() as conn:
        line = conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == "restored_backup")).one()
    assert "without_erased_list" not in line.facts
    store.close()


def test_people_are_rounded_as_before_on_another_machine(ctx, tmp_path, make_store_url):
    with ctx.store.reading() as conn:
        salt = rounding_salt(conn, ctx)
    with ctx.store.reading() as conn:
        assert rounding_salt(conn, replace(ctx, var_dir=tmp_path / "beside")) == salt
    made = stories.backup(ctx, tmp_path / "b.tar")
    for kind in ("embedded", "postgis"):
        store = open_store(make_store_url(kind))
        with store.writing() as conn:  # an empty store that was made ready has one of its own
            assert own_values.made_rounding_key(conn) != salt
        restored(made.path, store.url, tmp_path / f"new {kind}")
        there = Context(store, LOCAL_ADMIN, lambda: NOW, tmp_path / f"new {kind}", "en")
        with store.reading() as conn:
            assert rounding_salt(conn, there) == salt
        store.close()


RESTORE = """
    import os, signal, sys
    from pathlib import Path
    from geo_service.domain.actors import LOCAL_ADMIN
    from geo_service.foundation.clock import system_clock
    from geo_service.services import backup
    from geo_service.services.context import Context

    def told(share, key):
        if share is not None and share > float(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)

    def context(store):
        return Context(store, LOCAL_ADMIN, system_clock, Path(sys.argv[3]), "en", told)

    backup.restore(Path(sys.argv[1]), sys.argv[2], LOCAL_ADMIN, context, without_erased_list=True)
"""


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_killed_in_the_middle_of_a_restore(packed, store_url, tmp_path, share):
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(RESTORE),
        str(packed),
        store_url,
        str(tmp_path / "new"),
        str(share),
    ]
    assert subprocess.run(command, check=False).returncode == -9
    store = open_store(store_url)
    assert sum(one.rows for one in sums(store).values()) == 0
    store.close()
    assert restored(packed, store_url, tmp_path / "new").wrong == 0  # the same again


@pytest.fixture
def packed(make_store_url, tmp_path):
    """A backup of a small embedded store."""
    store = open_store(make_store_url("embedded"))
    with store.writing() as connection:
        bulk.upsert(connection, L["areas"], areas(), **WHO)
    photo_files.keep(tmp_path / "var", PICTURE)
    stories.backup(Context(store, LOCAL_ADMIN, lambda: NOW, tmp_path / "var", "en"), tmp_path / "good.tar")
    store.close()
    return tmp_path / "good.tar"


def refused(path, tmp_path):
    """Restore, which must be refused with a sentence and leave nothing; returns the code."""
    target = tmp_path / "target" / "geo.gpkg"
    with pytest.raises(FileFault) as caught:
        restored(path, f"sqlite:///{target}", tmp_path / "elsewhere")
    for lang in ("zh", "en"):
        assert "{" not in caught.value.sentence(lang)
        assert caught.value.sentence(lang) != f"error.{caught.value.code}"
    assert not target.exists()
    assert not list((tmp_path / "elsewhere").rglob("*gpkg"))
    return caught.value.code


def repacked(path, target, change=None, extra=()):
    """Write an archive again with its members changed."""
    with tarfile.open(path) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member).read()
            changed = change(member.name, content) if change else content
            if changed is not None:
                member.size = len(changed)
                new.addfile(member, io.BytesIO(changed))
        for info, content in extra:
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
    return target


def test_cut_off_anywhere(packed, tmp_path):
    whole = packed.read_bytes()
    cut = tmp_path / "cut.tar"
    # at the end of the manifest nothing is missing but the tar's own padding
    for size in (1, 300, 512, 5000, len(whole) // 2, len(whole) - 12_000):
        cut.write_bytes(whole[:size])
        assert refused(cut, tmp_path) in ("backup_damaged", "backup_foreign")


def test_a_flipped_bit_anywhere(packed, tmp_path):
    with tarfile.open(packed) as tar:
        places = [member.offset_data + member.size // 2 for member in tar.getmembers()]
    for place in places:
        changed = bytearray(packed.read_bytes())
        changed[place] ^= 1
        (tmp_path / "bent.tar").write_bytes(changed)
        assert refused(tmp_path / "bent.tar", tmp_path) == "backup_damaged"


def test_strangers(packed, tmp_path):
    assert refused(tmp_path / "none.tar", tmp_path) == "file_missing"
    (tmp_path / "text.tar").write_text("hello " * 500)
    assert refused(tmp_path / "text.tar", tmp_path) == "backup_foreign"
    (tmp_path / "empty.tar").touch()
    assert refused(tmp_path / "empty.tar", tmp_path) == "backup_foreign"
    for name in ("../evil", "/etc/evil", "photos/../../evil", "photos/short"):
        strange = repacked(packed, tmp_path / "strange.tar", extra=[(tarfile.TarInfo(name), b"x")])
        assert refused(strange, tmp_path) == "backup_foreign"
    link = tarfile.TarInfo("photos/" + "0" * 64)
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert refused(repacked(packed, tmp_path / "l.tar", extra=[(link, b"")]), tmp_path) == "backup_foreign"
    twice = repacked(packed, tmp_path / "twice.tar", extra=[(tarfile.TarInfo("manifest.json"), b"{}")])
    assert refused(twice, tmp_path) == "backup_foreign"


def with_manifest(packed, target, **changes):
    def change(name, content):
        return json.dumps(json.loads(content) | changes).encode() if name == "manifest.json" else content

    return repacked(packed, target, change)


def test_what_the_manifest_does_not_vouch_for(packed, tmp_path):
    bent = tmp_path / "bent.tar"
    manifest = {}
    with archive.opened(packed) as opened:
        manifest["tables"] = [{"table": t.table, "rows": t.rows + 1, "checksum": t.checksum} for t in
                              opened.manifest.tables]  # fmt: skip
    assert refused(with_manifest(packed, bent, **manifest), tmp_path) == "backup_damaged"
    for changes in ({"photos": {"0" * 64: 3}}, {"photos": {"../x": 1}}, {"tables": None}, {"store_bytes": "many"}):
        assert refused(with_manifest(packed, bent, **changes), tmp_path) == "backup_damaged"
    for body in (b"", b"[]", b"{", b"[" * 5000, b'{"format": 1}'):
        bad = repacked(packed, bent, lambda name, content, body=body: body if name == "manifest.json" else content)
        assert refused(bad, tmp_path) == "backup_damaged"


def test_newer(packed, tmp_path):
    assert refused(with_manifest(packed, tmp_path / "n.tar", format=2, program="9.9"), tmp_path) == "backup_newer"
    assert refused(other_store(packed, tmp_path, "9999"), tmp_path) == "backup_newer"


def test_older_is_brought_to_this_version(packed, tmp_path):
    before = schema.head()
    path = other_store(packed, tmp_path, "0007")
    result = restored(path, f"sqlite:///{tmp_path / 'new.gpkg'}", tmp_path / "elsewhere")
    assert result.wrong == 0
    store = open_store(f"sqlite:///{tmp_path / 'new.gpkg'}")
    with store.reading() as connection:
        assert schema.current(connection) == before
        assert len(bulk.ids_by_code(connection, L["areas"])) == 3
    store.close()


def other_store(packed, tmp_path, revision):
    """Return the backup with its store on another migration, rightly packed."""
    path = tmp_path / f"{revision}.gpkg"
    with archive.opened(packed) as opened:
        opened.extract_store(path, lambda count: None)
        manifest = opened.manifest
        photos = list(opened.photos())
    store = open_store(f"sqlite:///{path}")
    if revision == "9999":
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    else:
        with store.engine.connect() as connection:
            migrate(store, connection, revision)
    store.close()
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    (tmp_path / "out").mkdir()

    def made(size, checksum, kept):
        return replace(manifest, revision=revision, store_bytes=size, store_sha256=checksum, photos=kept)

    archive.pack(tmp_path / "out" / "b.tar", path, photos, made, lambda count: None)
    return tmp_path / "out" / "b.tar"
