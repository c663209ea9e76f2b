"""A job is done with the rights its account has when it starts, not with those it had when it was queued."""

import os

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.jobs import worker
from geo_service.services import accounts, print_jobs
from geo_service.services.context import Context
from tests.api.people import code_of


@pytest.fixture
def seen(monkeypatch):
    found = []

    def kept_run(ctx, kind, question):
        found.append(ctx.actor)
        return {"uid": "run"}

    monkeypatch.setattr(worker.analyses, "kept_run", kept_run)
    return found


def done(hall, actor):
    """Queue a job as ``actor``, work it off and return it."""
    uid = hall.service.jobs.create_job("coverage", {"categories": ["clinic"]}, actor)
    worker.run_job(hall.service.settings, uid)
    return hall.service.jobs.get(uid)


def actor_of(made, **more):
    return Actor(made["name"], made["role"], made["uid"], via="browser", address="192.0.2.7", request_id="r1", **more)


def change(hall, made, **changes):
    ctx = Context(hall.store, LOCAL_ADMIN, lambda: hall.moment, hall.service.settings.var_dir, "zh")
    with hall.store.writing() as conn:
        accounts.change_account(conn, ctx, made["uid"], expected_version=made["version"], changes=changes)


def test_the_actor_is_the_account_as_it_is_now(hall, seen):
    made = hall.account()
    actor = actor_of(made, areas=("990101",), scopes=frozenset({"analyse"}))
    change(hall, made, role="official")
    assert done(hall, actor)["status"] == "done"
    (who,) = seen
    assert (who.name, who.role, who.account_uid, who.via) == ("zhang.san", "official", made["uid"], "browser")
    assert (who.areas, who.scopes) == ((), frozenset({"analyse"}))
    assert (who.address, who.request_id) == ("192.0.2.7", "r1")


def test_a_disabled_account_does_nothing_more(hall, seen):
    made = hall.account()
    change(hall, made, is_disabled=True)
    job = done(hall, actor_of(made))
    assert (job["status"], job["error_code"]) == ("failed", "account_disabled")
    assert seen == []


def test_a_job_of_nobody(hall, seen):
    job = done(hall, Actor("gone", "admin", "00000000-0000-7000-8000-000000000000", via="browser"))
    assert (job["status"], job["error_code"]) == ("failed", "account_unknown")
    assert seen == []


def test_the_local_admin_ends_with_the_first_account(hall, seen):
    assert done(hall, LOCAL_ADMIN)["status"] == "done"
    hall.account()
    job = done(hall, LOCAL_ADMIN)
    assert (job["status"], job["error_code"]) == ("failed", "sign_in_needed")
    assert [who.name for who in seen] == ["local-admin"]


def test_everybody_sees_what_he_asked_for_and_nothing_else(hall, seen):
    mine, other = hall.account("zhang.san", "planner"), hall.account("li.si", "planner")
    done(hall, actor_of(mine))
    waiting = hall.service.jobs.create_job("gaps", {"categories": ["clinic"]}, actor_of(mine), "gone")
    found = hall.signed_in("zhang.san").get("/api/jobs").json()
    # what a server left unfinished that is gone has failed
    assert [(job["kind"], job["status"], job["run"]) for job in found] == [
        ("gaps", "failed", None),
        ("coverage", "done", "run"),
    ]
    assert found[0]["uid"] == waiting
    assert found[0]["problem"]["code"] == "job_interrupted"
    assert hall.signed_in("li.si").get("/api/jobs").json() == []
    assert other["uid"] != mine["uid"]


@pytest.fixture
def made(hall, monkeypatch):
    """Batches are empty files; what they were asked as is noted."""
    made = []

    def archive(ctx, name, *, area, form):
        made.append((ctx.actor.name, ctx.lang, area, form))
        path = print_jobs.archive_of(ctx, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"zip")

    monkeypatch.setattr(print_jobs.print_batch, "print_archive", archive)
    monkeypatch.setattr(print_jobs.print_batch, "communities_of", lambda conn, area: ["C"])
    monkeypatch.setattr(hall.app.state.runner, "submit", lambda kind, asked, actor: job_of(hall, kind, asked, actor))
    return made


def test_a_batch_of_sheets_is_made_as_who_asked_and_fetched_by_him_alone(hall, made):
    hall.account("wang.fang")
    client = hall.signed_in("wang.fang")
    asked = client.post("/api/prints/batches", json={"area": "990101"}, headers={"Accept-Language": "en"})
    assert asked.status_code == 202
    uid = asked.json()["uid"]
    here = f"/api/prints/batches/{uid}"
    assert code_of(client.get(here)) == (409, "print_batch_not_done")
    worker.run_job(hall.service.settings, uid)
    assert made == [("wang.fang", "en", "990101", "pdf")]
    fetched = client.get(here)
    assert fetched.content == b"zip"
    assert 'filename="checkup-990101-' in fetched.headers["content-disposition"]
    assert client.get("/api/jobs").json()[0]["parameters"]["count"] == 1
    assert client.get("/api/jobs").json()[0]["status"] == "done"
    assert code_of(client.delete(f"/api/jobs/{uid}")) == (409, "job_ended")
    hall.account("li.na")
    other = hall.signed_in("li.na")
    assert code_of(other.get(here)) == (404, "print_batch_unknown")
    assert code_of(other.delete(f"/api/jobs/{uid}")) == (404, "job_unknown")
    os.utime(hall.service.settings.var_dir / "prints" / f"{uid}.zip", (0, 0))  # long ago
    assert code_of(client.get(here)) == (404, "print_batch_over")


def test_a_batch_is_not_fetched_nor_made_once_one_sees_other_things(hall, town, made):
    account = hall.account("wang.fang")
    ctx = Context(hall.store, LOCAL_ADMIN, lambda: hall.moment, hall.service.settings.var_dir, "zh")
    with hall.store.writing() as conn:
        days = {"starts_on": None, "ends_on": None}
        assigned = accounts.assign(conn, ctx, account["uid"], layer="grids", code="G1", **days)
    client = hall.signed_in("wang.fang")
    fetched = client.post("/api/prints/batches", json={}).json()["uid"]
    worker.run_job(hall.service.settings, fetched)
    assert client.get(f"/api/prints/batches/{fetched}").status_code == 200
    waiting = client.post("/api/prints/batches", json={"format": "png"}).json()["uid"]
    with hall.store.writing() as conn:
        now = {"expected_version": assigned["version"], "ends_on": None}
        accounts.end_assignment(conn, ctx, account["uid"], assigned["uid"], **now)
    assert code_of(client.get(f"/api/prints/batches/{fetched}")) == (403, "print_batch_rights")
    worker.run_job(hall.service.settings, waiting)
    assert hall.service.jobs.get(waiting)["error_code"] == "print_batch_rights"
    assert len(made) == 1
    anew = client.post("/api/prints/batches", json={}).json()["uid"]
    worker.run_job(hall.service.settings, anew)
    assert client.get(f"/api/prints/batches/{anew}").content == b"zip"


def job_of(hall, kind, asked, actor):
    return hall.service.jobs.get(hall.service.jobs.create_job(kind, asked, actor))


def test_a_cancelled_job_begins_not_or_stops_at_its_next_step(hall, monkeypatch):
    actor = actor_of(hall.account("wang.fang"))
    waiting = job_of(hall, "coverage", {"categories": ["clinic"]}, actor)["uid"]
    client = hall.signed_in("wang.fang")
    assert client.delete(f"/api/jobs/{waiting}").status_code == 204
    begun = []
    monkeypatch.setattr(worker.analyses, "kept_run", lambda ctx, kind, question: begun.append(1))
    worker.run_job(hall.service.settings, waiting)
    assert begun == []

    def slow(ctx, kind, question):
        begun.append("first")
        assert client.delete(f"/api/jobs/{running}").status_code == 204
        ctx.progress(0.5, "progress.printing")
        begun.append("second")

    monkeypatch.setattr(worker.analyses, "kept_run", slow)
    running = job_of(hall, "coverage", {"categories": ["park"]}, actor)["uid"]
    worker.run_job(hall.service.settings, running)
    assert begun == ["first"]
    assert hall.service.jobs.get(running)["error_code"] == "job_cancelled"
    told = next(one for one in client.get("/api/jobs").json() if one["uid"] == running)
    assert told["problem"]["detail_zh"] == "已取消。"
