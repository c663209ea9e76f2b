"""Photos as stories: who may, files and rows that belong together, and a process that dies in between."""

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta

import pytest
from shapely.geometry import Point, box

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.domain.layers import LAYERS
from geo_service.foundation.clock import fixed_clock
from geo_service.foundation.errors import Conflict, Forbidden, GeoServiceError, NotFound
from geo_service.services import photos, retention, stores
from geo_service.storage import photo_files
from geo_service.storage.checking import check_store
from geo_service.storage.photo_files import UNSETTLED_S
from tests.photos_made import phone_photo

OWN, OTHER = "990101001001", "990101001002"


@pytest.fixture
def place(town):
    """Two communities with a facility each, a case and an adoption that lies nowhere."""
    west, south = town.at(0, 0)
    outlines = [box(west, south, west + 0.01, south + 0.01), box(west + 0.01, south, west + 0.02, south + 0.01)]
    named = {OWN: "一社区", OTHER: "二社区"}
    town.put(
        "areas",
        [
            {"code": code, "name": name, "level": "community", "geometry": outline}
            for (code, name), outline in zip(named.items(), outlines, strict=True)
        ],
    )
    spots = [Point(west + 0.005, south + 0.005), Point(west + 0.015, south + 0.005)]
    town.put(
        "facilities",
        [{"code": f"F{n}", "name": f"店{n}", "category": "clinic", "geometry": spot} for n, spot in enumerate(spots)],
    )
    moment = "2026-06-01T00:00:00.000Z"
    town.put("cases", [{"code": "C1", "category": "other", "reported_at": moment, "geometry": spots[1]}])
    return town


def ctx_of(place, role, *areas):
    return replace(place.ctx, actor=Actor("someone", role, areas=areas))


def take_in(ctx, subject="facilities/F0", raw=None):
    raw = raw or phone_photo()
    layer, uid = subject.split("/")
    with ctx.store.reading() as conn:
        photos.may_upload(conn, ctx, layer, uid)
    incoming = photos.checked(ctx, raw, "image/jpeg")
    with ctx.store.writing() as conn:
        row = photos.upload(conn, ctx, layer, uid, incoming)[0]
    with ctx.store.reading() as conn:
        photos.settle(conn, ctx, "upload_photo")
    return row


def publish(ctx, photo, version=1, boxes=None):
    with ctx.store.reading() as conn:
        original = photos.original_for_review(conn, ctx, photo)
    decision = photos.drawn(ctx, photos.decision_of(ctx, "published", None, boxes), original)
    with ctx.store.writing() as conn:
        row = photos.review(conn, ctx, photo, decision, expected_version=version)
    with ctx.store.reading() as conn:
        photos.settle(conn, ctx, "review_photos")
    return row


def listed(ctx, subject):
    layer, uid = subject.split("/")
    with ctx.store.reading() as conn:
        return [one["uid"] for one in photos.published_of(conn, ctx, LAYERS[layer], uid)]


def look(ctx, photo, size="full"):
    with ctx.store.reading() as conn:
        return photos.published(conn, ctx, photo, size)


def outcome(story):
    try:
        story()
    except GeoServiceError as error:
        return error.code
    return "done"


def original(ctx, photo):
    with ctx.store.writing() as conn:
        return photos.original(conn, ctx, photo)


UPLOAD = {
    ("anonymous", OWN): "forbidden",
    ("resident", OWN): "forbidden",
    ("unit", OWN): "forbidden",
    ("grid_worker", OWN): "done",
    ("grid_worker", OTHER): "forbidden",
    ("grid_worker", None): "forbidden",
    ("planner", OWN): "done",
    ("official", OTHER): "forbidden",
    ("admin", None): "done",
}


@pytest.mark.parametrize(("role", "area"), UPLOAD, ids=str)
def test_who_may_add_a_photo(place, role, area):
    ctx = ctx_of(place, role, *filter(None, [area]))
    assert outcome(lambda: take_in(ctx)) == UPLOAD[role, area]


def test_who_may_review_and_see_originals(place):
    photo = take_in(place.ctx)["uid"]
    for role, area, wanted in (
        ("grid_worker", OWN, "forbidden"),
        ("planner", OWN, "forbidden"),
        ("resident", OWN, "forbidden"),
        ("official", OTHER, "row_unknown"),
        ("official", OWN, "done"),
    ):
        ctx = ctx_of(place, role, area)
        assert outcome(lambda ctx=ctx: original(ctx, photo)) == wanted, role
        assert outcome(lambda ctx=ctx: publish(ctx, photo)) == wanted, role


def test_everybody_sees_what_is_published_of_published_things_and_only_that(place):
    nobody = ctx_of(place, "resident")
    photo = take_in(place.ctx)["uid"]
    with pytest.raises(NotFound, match="photo_not_published"):
        look(nobody, photo)
    publish(place.ctx, photo)
    assert look(nobody, photo).content.startswith(b"\xff\xd8\xff")
    assert listed(nobody, "facilities/F0") == [photo]
    case = take_in(place.ctx, "cases/C1")["uid"]
    publish(place.ctx, case)
    for ctx in (nobody, ctx_of(place, "grid_worker", OWN), ctx_of(place, "anonymous")):
        with pytest.raises(NotFound, match="photo_not_published"):
            look(ctx, case)
        with pytest.raises((NotFound, Forbidden)):
            listed(ctx, "cases/C1")
    assert listed(ctx_of(place, "grid_worker", OTHER), "cases/C1") == [case]
    assert look(ctx_of(place, "grid_worker", OTHER), case).media_type == "image/jpeg"


def test_a_thing_one_may_not_know_of_takes_no_photo(place):
    ctx = ctx_of(place, "grid_worker", OWN)
    with pytest.raises(NotFound, match="row_unknown") as hidden:
        take_in(ctx, "cases/C1")
    with pytest.raises(NotFound, match="row_unknown") as missing:
        take_in(ctx, "cases/C2")
    assert hidden.value.sentence("en").replace("C1", "C2") == missing.value.sentence("en")


def test_a_token_without_the_scope_may_not(place):
    worker = Actor("machine", "grid_worker", areas=(OWN,), scopes=frozenset({"read_published"}), via="token")
    with pytest.raises(Forbidden):
        take_in(replace(place.ctx, actor=worker))


def test_a_thing_that_is_retired_takes_no_photo(place):
    with place.store.writing() as conn:
        conn.exec_driver_sql("UPDATE facility SET retired_at = created_at, retired_reason = 'x' WHERE code = 'F1'")
    with pytest.raises(Conflict, match="row_retired"):
        take_in(place.ctx, "facilities/F1")


def faults(place):
    found = {finding.name: finding.faults for finding in check_store(place.store, place.ctx.var_dir)}
    assert all(not faults for name, faults in found.items() if name != "photos"), found
    return found["photos"]


def age(place, seconds=UNSETTLED_S + 60):
    for path in (place.ctx.var_dir / "photos" / "unsettled").iterdir():
        os.utime(path, (path.stat().st_mtime - seconds,) * 2)


def test_db_check_finds_rows_without_files_and_files_without_rows(place):
    first, second = take_in(place.ctx), take_in(place.ctx, raw=phone_photo(orientation=3))
    publish(place.ctx, first["uid"])
    assert faults(place) == ()
    folder = place.ctx.var_dir / "photos"
    whole = next(folder.rglob(second["sha256"]))
    content = whole.read_bytes()
    whole.write_bytes(content[:-5])
    assert faults(place) == (f"photo {second['code']}: {second['sha256'][:12]}…",)
    whole.unlink()
    assert faults(place) == (f"photo {second['code']}: {second['sha256'][:12]}…",)
    whole.write_bytes(content)
    stray = folder / "ab" / ("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"x")
    assert faults(place) == ("abababababab…: −",)
    stray.unlink()
    assert stores.check(place.store.url, LOCAL_ADMIN, place.ctx.var_dir).is_sound


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from geo_service.domain.actors import LOCAL_ADMIN
    from geo_service.foundation.clock import system_clock
    from geo_service.services import photos
    from geo_service.services.context import Context
    from geo_service.storage.store import open_store
    from tests.photos_made import phone_photo
    store = open_store(sys.argv[1])
    ctx = Context(store, LOCAL_ADMIN, system_clock, Path(sys.argv[2]), "zh")
    incoming = photos.checked(ctx, phone_photo(), "image/jpeg")
    with store.writing() as conn:
        photos.upload(conn, ctx, "facilities", "F0", incoming)
        if sys.argv[3] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_in_the_middle_of_an_upload_leaves_neither_half(place, moment):
    script = [sys.executable, "-c", textwrap.dedent(KILLED), place.store.url, str(place.ctx.var_dir), moment]
    done = subprocess.run(script, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    folder = place.ctx.var_dir / "photos"
    kept = [path for path in folder.rglob("*") if len(path.name) == 64]
    assert len(kept) == 1
    assert faults(place) == ()  # of the last day: it may still be under way
    age(place)
    assert len(faults(place)) == (1 if moment == "before" else 0)
    take_in(place.ctx, "facilities/F1", phone_photo(orientation=8))
    assert faults(place) == ()
    assert kept[0].exists() is False
    assert len(list(folder.rglob(kept[0].name))) == (0 if moment == "before" else 1)


def test_originals_are_swept_and_published_copies_stay(place):
    subjects = {name: take_in(place.ctx, subject) for name, subject in (("out", "facilities/F0"), ("no", "cases/C1"))}
    waiting = take_in(place.ctx, "facilities/F1", phone_photo(lon=116.31))["uid"]
    out, no = (subjects[name]["uid"] for name in ("out", "no"))
    published = publish(place.ctx, out)
    refusal = photos.decision_of(place.ctx, "refused", "有人脸", None)
    with place.ctx.store.writing() as conn:
        photos.review(conn, place.ctx, no, refusal, expected_version=1)
    assert not any(one.rows for one in retention.sweep(place.ctx))
    now = place.ctx.clock()
    soon, later = (replace(place.ctx, clock=fixed_clock(now + timedelta(days=days))) for days in (181, 366))
    assert {one.kind.name: one.rows for one in retention.sweep(soon) if one.rows} == {"refused_photos": 1}
    assert original(place.ctx, out).checksum == subjects["out"]["sha256"], "the same bytes, still in use"
    assert {one.kind.name: one.rows for one in retention.sweep(later, is_rehearsal=True) if one.rows} == {
        "published_photos": 1
    }
    assert {one.kind.name for one in retention.sweep(later) if one.rows} == {"published_photos"}
    left = place.ctx.var_dir / "photos" / "unsettled" / subjects["out"]["sha256"]
    past = left.stat().st_mtime - UNSETTLED_S - 60
    os.utime(left, (past, past))
    assert not any(one.rows for one in retention.sweep(later))
    assert photo_files.size_of(place.ctx.var_dir, subjects["out"]["sha256"]) is None
    assert look(ctx_of(place, "resident"), out).checksum == published["published_sha256"]
    assert original(place.ctx, waiting)
    for photo in (out, no):
        assert outcome(lambda photo=photo: original(place.ctx, photo)) == "photo_original_gone"
        assert outcome(lambda photo=photo: publish(place.ctx, photo, version=3)) == "photo_original_gone"
    assert all(finding.is_sound for finding in check_store(place.store, place.ctx.var_dir))
    with place.ctx.store.reading() as conn:
        assert photos.original_for_review(conn, place.ctx, out) is None
    with place.ctx.store.writing() as conn:
        photos.review(conn, place.ctx, out, refusal, expected_version=3)
