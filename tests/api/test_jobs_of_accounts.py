"""A job is done with the rights its account has when it starts, not with those it had when it was queued."""

import pytest

from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.jobs import worker
from geo_service.services import accounts
from geo_service.services.context import Context


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
