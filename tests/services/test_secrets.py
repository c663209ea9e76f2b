"""The service's key: made once, found wrong or missing before anything is written, changed without a bad moment."""

import threading

import pytest
import sqlalchemy as sa

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.domain.layers import LAYERS
from geo_service.foundation import sealing
from geo_service.foundation.clock import fixed_clock
from geo_service.foundation.errors import InvalidInput, StoreFault
from geo_service.services import secrets, stores
from geo_service.services.context import Context
from geo_service.storage import bulk, person_keys, rows
from geo_service.storage.checking import check_store
from geo_service.storage.tables import AUDIT
from tests.storage.samples import WHO, areas, buildings

HOMES = LAYERS["households"]


@pytest.fixture
def file(tmp_path):
    return secrets.KeyFile(tmp_path / "kept" / "secret.key")


@pytest.fixture
def ctx(store, tmp_path, file):
    """A store with two households, sealed with the key of ``file``."""
    person_keys.use_keys(store.engine, file)
    ctx = Context(store, LOCAL_ADMIN, fixed_clock(WHO["now"]), tmp_path, "zh")
    with store.writing() as conn:
        bulk.upsert(conn, LAYERS["areas"], areas(), **WHO)
        bulk.upsert(conn, LAYERS["buildings"], buildings(), **WHO)
    for n in range(2):
        add(ctx, n)
    return ctx


def add(ctx, n):
    values = {"code": f"H{n}", "building_code": "B0", "head_name": f"李{n}", "phone": f"1380000000{n}"}
    with ctx.store.writing() as conn:
        rows.insert(conn, HOMES, values, **WHO)


def names(ctx):
    with ctx.store.reading() as conn:
        return [row["head_name"] for row in rows.page(conn, HOMES).rows]


def wrapped(ctx):
    with ctx.store.reading() as conn:
        return person_keys.wrapped_with(conn)


def test_a_file_is_made_for_its_owner_alone_and_kept(file):
    assert file.read() is None
    made = file.make()
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.make() == made == file.read()
    assert [path.name for path in file.path.parent.iterdir()] == ["secret.key"]
    assert file.is_private()
    file.path.chmod(0o644)
    assert not file.is_private()


def test_many_at_once_agree_on_one_key(file):
    made = []
    threads = [threading.Thread(target=lambda: made.append(file.make())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({keys.current for keys in made}) == 1


@pytest.mark.parametrize(("content", "code"), [("nonsense", "secret_key_form"), ("", "secret_key_form")])
def test_a_file_that_holds_no_key_is_left_alone(ctx, file, content, code):
    file.path.write_text(content)
    with pytest.raises(StoreFault, match=code):
        names(ctx)
    with pytest.raises(StoreFault, match=code):
        secrets.rotate(ctx, file)
    assert file.path.read_text() == content


def test_a_file_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "folder.key").mkdir()
    with pytest.raises(StoreFault, match="secret_key_unreadable"):
        secrets.KeyFile(tmp_path / "folder.key").read()


def test_rotation_wraps_everything_anew_and_takes_the_old_key_away(ctx, file):
    before = file.read()
    assert secrets.rotate(ctx, file) == 2
    after = file.read()
    assert len(after.keys) == 1
    assert after.current != before.current
    assert wrapped(ctx) == {sealing.key_id(after.current): 2}
    assert names(ctx) == ["李0", "李1"]
    assert file.path.stat().st_mode & 0o777 == 0o600
    looked = secrets.check(ctx, file)
    assert looked.is_sound
    assert looked.keys == (sealing.key_id(after.current),)
    with ctx.store.reading() as conn:
        line = conn.execute(sa.select(AUDIT).where(AUDIT.c.verb == "secret_rotated")).mappings().one()
    assert line["facts"] == {"keys": 2, "key_id": looked.keys[0]}
    file.path.write_text(before.to_text())  # the old key opens nothing any more
    with pytest.raises(StoreFault, match="secret_key_wrong"):
        names(ctx)


@pytest.mark.parametrize("where", ["before_wrapping", "in_wrapping", "after_wrapping"])
def test_rotation_that_is_killed_leaves_a_usable_store_and_is_finished_later(ctx, file, monkeypatch, where):
    class Killed(BaseException):
        pass

    def killed(*_args, **_kw):
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        if where == "before_wrapping":
            patch.setattr(person_keys, "lock_keys", killed)
        elif where == "in_wrapping":
            patch.setattr(secrets.audit, "append", killed)
        else:
            write = secrets.KeyFile.write
            patch.setattr(secrets.KeyFile, "write", lambda f, keys: killed() if len(keys.keys) == 1 else write(f, keys))
        secrets.rotate(ctx, file)
    assert len(file.read().keys) == 2
    assert names(ctx) == ["李0", "李1"]
    assert not secrets.check(ctx, file).is_sound
    add(ctx, 2)
    wanted = file.read().keys[0]
    assert secrets.rotate(ctx, file) in (0, 2)
    assert file.read().keys == (wanted,)
    assert wrapped(ctx) == {sealing.key_id(wanted): 3}
    assert names(ctx) == ["李0", "李1", "李2"]
    assert secrets.check(ctx, file).is_sound


def test_rotation_with_a_foreign_key_changes_nothing(ctx, file):
    foreign = sealing.ServiceKeys((bytes(32),)).to_text()
    file.path.write_text(foreign)
    with pytest.raises(StoreFault, match="secret_key_wrong"):
        secrets.rotate(ctx, file)
    assert file.path.read_text() == foreign


def test_a_key_in_the_environment_is_changed_there(ctx, file):
    old, new = sealing.key_text(file.read().current), sealing.key_text(bytes(range(32)))
    with pytest.raises(InvalidInput, match="secret_key_in_environment"):
        secrets.rotate(ctx, secrets.KeyText(old))
    both = secrets.KeyText(f"{new},{old}")
    person_keys.use_keys(ctx.store.engine, both)
    assert secrets.rotate(ctx, both) == 2
    person_keys.use_keys(ctx.store.engine, secrets.KeyText(new))
    assert names(ctx) == ["李0", "李1"]


def test_check_tells_what_is_plain_open_to_others_or_broken(ctx, file):
    file.path.chmod(0o640)
    with ctx.store.writing() as conn:
        conn.exec_driver_sql("UPDATE household SET phone = '13800000000' WHERE code = 'H0'")
        conn.exec_driver_sql("UPDATE person_key SET wrapped = replace(wrapped, substr(wrapped, 30, 4), 'AAAA')")
    looked = secrets.check(ctx, file)
    assert (looked.is_private, looked.plain, looked.broken) == (False, {"households": 1}, 2)
    assert not looked.is_sound


def test_upgrade_seals_what_an_older_store_holds_in_plain(ctx, file):
    with ctx.store.writing() as conn:
        conn.exec_driver_sql("UPDATE household SET phone = '13899998888', head_name = '***' WHERE code = 'H0'")
        conn.exec_driver_sql(
            "INSERT INTO history (layer, version, at, actor, action) VALUES ('x', 1, 'x', 'x', 'created')"
        )
    ctx.store.engine.dispose()
    assert [one.name for one in check_store(ctx.store) if not one.is_sound] == ["sealed"]
    ctx.store.engine.dispose()
    stores.upgrade(ctx.store.url, LOCAL_ADMIN, file)
    assert all(one.is_sound for one in check_store(ctx.store))
    with ctx.store.reading() as conn:
        assert "13899998888" not in repr(conn.exec_driver_sql("SELECT * FROM household").fetchall())
        row = rows.get(conn, HOMES, "H0")
        assert (row["phone"], row["head_name"], row["version"]) == ("13899998888", "***", 1)
    assert secrets.check(ctx, file).is_sound
    if ctx.store.path:
        ctx.store.engine.dispose()
        content = b"".join(path.read_bytes() for path in ctx.store.path.parent.iterdir())
        assert b"13899998888" not in content


def test_init_makes_the_key_and_refuses_a_store_whose_key_is_gone(ctx, file, tmp_path):
    fresh = secrets.KeyFile(tmp_path / "other.key")
    stores.init(f"sqlite:///{tmp_path / 'fresh.gpkg'}", LOCAL_ADMIN, fresh)
    assert fresh.read()
    file.path.unlink()
    with pytest.raises(StoreFault, match="secret_key_missing"):
        stores.init(ctx.store.url, LOCAL_ADMIN, file)
    assert file.read() is None
