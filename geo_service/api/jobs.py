"""What the asker's own analyses are doing."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from geo_service.api import schemas
from geo_service.api.door import Doored, json_response
from geo_service.api.runs import job_info
from geo_service.services import jobs, print_jobs

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


@router.delete(
    "/api/jobs/{uid}",
    summary="取消本人的任务 / Cancel one's own job",
    description="排队的不再开始，进行中的在下一步停下；已结束的 409。 / "
    "One that waits does not begin, one that runs stops at its next step; 409 for one that has ended.",
    status_code=204,
)
def delete_job(uid: Annotated[str, Path(max_length=64)], door: Doored) -> Response:
    """End a job of the asker's."""
    print_jobs.cancel(door.service.jobs, door.ctx, uid)
    return Response(status_code=204)
