"""Verify tasks: what somebody has to look at so that nobody's coverage is unknown (PRODUCT §3.10)."""

from typing import Final

from geo_service.domain.facilities import CATEGORY_CODES
from geo_service.domain.fields import Field, Layer

FACILITY_TASKS: Final = ("facility_unverified", "facility_not_snapped")
HOME_TASKS: Final = ("home_not_snapped", "network_edge")
TASK_KINDS: Final = (*FACILITY_TASKS, *HOME_TASKS)
OPEN, DONE, DROPPED = "open", "done", "dropped"
TASK_STATUSES: Final = (OPEN, DONE, DROPPED)

VERIFY_TASKS: Final = Layer(
    "verify_tasks",
    "verify_task",
    "Point",
    (
        Field("kind", "choice", required=True, choices=TASK_KINDS, filterable=True),
        Field("category", "choice", choices=CATEGORY_CODES, filterable=True),
        Field("status", "choice", required=True, choices=TASK_STATUSES, filterable=True, default=OPEN),
        Field("facility", "reference", refers_to="facilities", filterable=True),
        Field("buildings_count", "integer", minimum=0),
        Field("due_on", "date"),
        Field("note", max_length=2000),
        Field("closed_on", "date"),
        Field("closed_by", max_length=50),
    ),
    title_field="code",
)
