"""What waits for whom, on both stores."""

import dataclasses

from geo_service.domain.actors import Actor
from geo_service.services.waiting import waiting
from tests.services.conftest import around


def told(town, role=None, *areas):
    ctx = town.ctx if role is None else dataclasses.replace(town.ctx, actor=Actor("a", role, areas=areas))
    with town.store.reading() as conn:
        counts = waiting(conn, ctx)
    return counts["projects_overdue"], counts["photos_to_review"]


def test_overdue_are_only_open_projects_of_ones_own_places(town):
    assert told(town) == (0, 0)
    for code, east_m in (("990101001001", 0), ("990101001002", 500)):
        town.put("areas", [{"code": code, "name": code, "level": "community", "geometry": around(east_m, 0, 100)}])
    projects = [
        ("P1", 0, "building", "2026-06-14"),
        ("P2", 0, "building", "2026-06-15"),
        ("P3", 0, "accepted", "2026-01-01"),
        ("P4", 0, "proposed", None),
        ("P5", 500, "decided", "2025-12-31"),
        ("P6", 5000, "decided", "2025-12-31"),
    ]
    town.put(
        "projects",
        [
            {"code": code, "name": code, "kind": "green", "status": status, "deadline_on": due,
             "geometry": around(east_m, 0)}
            for code, east_m, status, due in projects
        ],
    )  # fmt: skip
    town.put(
        "photos",
        [
            {
                "code": f"F{n}",
                "subject_layer": "projects",
                "subject_uid": "u",
                "sha256": str(n) * 64,
                "media_type": "image/jpeg",
                "review": review,
                "geometry": around(0, 0).centroid,
            }
            for n, review in enumerate(("waiting", "published"))
        ],
    )
    assert told(town) == (3, 1)
    assert told(town, "official", "990101001001") == (1, 1)
    assert told(town, "official", "990101001002") == (1, 0)
    assert told(town, "planner", "990101001001") == (1, 0)
    assert told(town, "resident", "990101001001") == (0, 0)
