"""What a person asked to be computed: what waits, runs, and was lately done or failed."""

from typing import Any, Final

from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage.jobs import Jobs

MOST: Final = 20


def my_jobs(jobs: Jobs, ctx: Context) -> list[dict[str, Any]]:
    """Return up to 20 jobs the actor asked for, the newest first, as :class:`Jobs` gives them; nobody else's."""
    may(ctx.actor, "read_runs")
    return jobs.asked_by(ctx.actor, MOST)
