import multiprocessing
import sqlite3
import stat
from contextlib import closing

import pytest

from geo_service.domain.actors import LOCAL_ADMIN
from geo_service.foundation.clock import fixed_clock
from geo_service.foundation.errors import NotFound, StoreFault
from geo_service.storage.jobs import _SCHEMA, Jobs
from tests.storage.samples import NOW


@pytest.fixture
def jobs(tmp_path):
    return Jobs(tmp_path / "var" / "jobs.sqlite3", fixed_clock(NOW))


def test_a_job_from_queue_to_end(jobs):
    uid = jobs.create_job("coverage", {"circle": 15}, LOCAL_ADMIN)
    queued = jobs.get(uid)
    assert (queued["status"], queued["parameters"], queued["actor"], queued["role"]) == (
        "queued",
        {"circle": 15},
        "local-admin",
        "admin",
    )
    assert jobs.start(uid)["status"] == "running"
    jobs.set_progress(uid, 0.5, "progress.storing")
    jobs.set_progress(uid, None, "progress.comparing")
    assert (jobs.get(uid)["share"], jobs.get(uid)["message_key"]) == (0.5, "progress.comparing")
    assert [job["uid"] for job in jobs.unfinished()] == [uid]
    jobs.finish(uid, "run-uid")
    done = jobs.get(uid)
    assert (done["status"], done["share"], done["run_uid"]) == ("done", 1.0, "run-uid")
    assert jobs.unfinished() == []


def test_a_failed_job_says_why(jobs):
    uid = jobs.create_job("coverage", {}, LOCAL_ADMIN)
    assert jobs.start(uid)["status"] == "running"
    jobs.fail(uid, "no_network", {"area": "990101"})
    failed = jobs.get(uid)
    assert (failed["status"], failed["error_code"], failed["error_facts"]) == (
        "failed",
        "no_network",
        {"area": "990101"},
    )


def _serve_and_wait(path, pipe):
    jobs = Jobs(path)
    pipe.send(jobs.create_job("coverage", {}, LOCAL_ADMIN, jobs.serve().name))
    pipe.recv()


def test_jobs_are_lost_only_with_their_server(jobs):
    serving = jobs.serve()
    mine = jobs.create_job("coverage", {}, LOCAL_ADMIN, serving.name)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve_and_wait, args=(jobs.path, theirs))
    process.start()
    other = ours.recv()
    assert jobs.lost() == []
    process.kill()
    process.join()
    assert [job["uid"] for job in jobs.lost()] == [other]
    serving.end()
    assert [job["uid"] for job in jobs.lost()] == [mine, other]


def test_a_job_file_of_an_earlier_version_is_read(tmp_path):
    with closing(sqlite3.connect(tmp_path / "jobs.sqlite3")) as old:
        old.execute(_SCHEMA.replace("  server TEXT,\n", ""))
    jobs = Jobs(tmp_path / "jobs.sqlite3")
    assert jobs.get(jobs.create_job("coverage", {}, LOCAL_ADMIN))["server"] is None


def _start_first(path):
    jobs = Jobs(path)
    return jobs.start(jobs.unfinished()[0]["uid"])


def test_other_processes_see_the_queue(jobs):
    uid = jobs.create_job("coverage", {}, LOCAL_ADMIN)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_start_first, (jobs.path,))["uid"] == uid


def test_unknown_jobs_and_bad_files(jobs, tmp_path):
    with pytest.raises(NotFound, match="job_unknown"):
        jobs.get("nobody")
    with pytest.raises(NotFound, match="job_unknown"):
        jobs.finish("nobody", None)
    text = tmp_path / "text"
    text.write_text("this is no database, it only sits where one should be")
    with pytest.raises(StoreFault, match="store_damaged"):
        Jobs(text)
    with pytest.raises(StoreFault, match="store_not_writable"):
        Jobs(text / "jobs.sqlite3")


def test_the_file_is_private(jobs):
    assert stat.S_IMODE(jobs.path.stat().st_mode) == 0o600
