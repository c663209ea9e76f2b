"""What waits for somebody's hand, apart from what is being computed."""

from typing import TYPE_CHECKING, Final

from geo_service.domain.layers import LAYERS
from geo_service.domain.rights import reach_of
from geo_service.domain.works import PROJECT_STATUSES, SETTLED
from geo_service.foundation.clock import local_date
from geo_service.services.context import Context
from geo_service.services.rights import may
from geo_service.storage.overview import count_where
from geo_service.storage.visible import visible_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OPEN: Final = tuple(status for status in PROJECT_STATUSES if status not in SETTLED)


def waiting(conn: "Connection", ctx: Context) -> dict[str, int]:
    """Return how many photos wait for the actor's review, and how many of the projects it keeps are overdue.

    Overdue is, as on the board, what has a deadline before today and is neither built nor given up.
    """
    may(ctx.actor, "read_published")
    today = local_date(ctx.clock(), ctx.timezone).isoformat()
    photos, projects = LAYERS["photos"], LAYERS["projects"]
    reviewed = visible_to(ctx.actor, reach_of(ctx.actor, "review_photos"), photos)
    kept = visible_to(ctx.actor, reach_of(ctx.actor, "write_projects"), projects)
    late = count_where(conn, projects, kept, among={"status": _OPEN}, before={"deadline_on": today})
    return {
        "photos_to_review": count_where(conn, photos, reviewed, among={"review": ("waiting",)}),
        "projects_overdue": late,
    }
