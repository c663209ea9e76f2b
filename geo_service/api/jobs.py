"""What the asker's own analyses are doing."""

from fastapi import APIRouter
from fastapi.responses import Response

from geo_service.api import schemas
from geo_service.api.door import Doored, json_response
from geo_service.api.runs import job_info
from geo_service.services import jobs

router = APIRouter(tags=["runs"])


@router.get(
    "/api/jobs",
    summary="我的分析任务 / My analyses in progress",
    description="本人要求的计算：排队、进行中和最近完成或失败的，新的在前，最多 20 项；完成的以 run 给出结果的编号。 / "
    "What the asker had computed: waiting, running, lately done or failed, the newest first, at most 20; one that is "
    "done names its result as run.",
    response_model=list[schemas.JobInfo],
)
def list_jobs(door: Doored) -> Response:
    """Return the asker's own jobs."""
    runner = door.request.app.state.runner
    found = []
    for job in jobs.my_jobs(door.service.jobs, door.ctx):
        # asked again, so that what a server left unfinished when it ended does not seem to run for ever
        now = job if job["status"] in ("done", "failed") else runner.status(job["uid"])
        found.append(job_info(now, door.lang) | {"finished_at": now["finished_at"], "run": now["run_uid"]})
    return json_response(found, headers={"Cache-Control": "no-store"})
