"""The audit over HTTP: who sees which lines, page by page, and that looking is noted."""

import pytest
import sqlalchemy as sa

from geo_service.domain.actors import Actor
from geo_service.domain.layers import LAYERS
from geo_service.storage import audit, rows
from geo_service.storage.tables import AUDIT
from tests.api.conftest import NOW

WORKER = Actor("wang", "grid_worker", "u-9", address="192.0.2.1", request_id="r-9")


@pytest.fixture
def lines(town):
    """Lines about both areas, about none, and of several verbs; the town's own rows were noted as it was made."""
    with town.writing() as c:
        for n in range(6):
            area = ("990101001001", "990101001", None)[n % 3]
            audit.append(c, WORKER, NOW, "exported", area_code=area, reason=f"=cmd{n}", facts={"n": n})
        rows.update(c, LAYERS["households"], "H1", 1, {"head_name": "王五"}, actor=WORKER, now=NOW)
        rows.update(
            c,
            LAYERS["buildings"],
            "B1",
            rows.get(c, LAYERS["buildings"], "B1")["version"],
            {"floors": 6},
            actor=WORKER,
            now=NOW,
        )
    return town


def asked(store):
    """Return verb and facts of what was noted of reading."""
    with store.reading() as c:
        found = c.execute(
            sa.select(AUDIT.c.verb, AUDIT.c.facts).where(AUDIT.c.verb.like("audit_%")).order_by(AUDIT.c.id)
        )
        return [tuple(row) for row in found]


def test_lines_come_newest_first_page_by_page(client, lines):
    first = client.get("/api/audit", params={"limit": 3, "verb": "exported"}).json()
    assert [line["facts"]["n"] for line in first["lines"]] == [5, 4, 3]
    second = client.get("/api/audit", params={"limit": 3, "verb": "exported", "before": first["next_before"]}).json()
    assert [line["facts"]["n"] for line in second["lines"]] == [2, 1, 0]
    assert second["next_before"] is None
    one = first["lines"][0]
    assert (one["actor"], one["address"], one["request_id"], one["reason"]) == ("wang", "192.0.2.1", "r-9", "=cmd5")
    assert not {"hash", "previous"} & one.keys()


def test_each_query_is_noted_with_what_it_asked(client, lines):
    client.get("/api/audit", params={"actor": "wang", "area": "990101001", "from": "2026-03-01", "limit": 2})
    client.get("/api/audit/1")
    client.get("/api/audit/999999")
    assert asked(lines) == [
        ("audit_read", {"asked": {"actor": "wang", "area": "990101001", "since": "2026-03-01"}}),
        ("audit_line_read", {"asked": {"before": 2}}),
        ("audit_line_read", {"asked": {"before": 1000000}}),
    ]


def test_a_query_that_is_refused_finds_nothing_and_is_not_noted(client, lines):
    assert client.get("/api/audit", params={"from": "gestern"}).json()["code"] == "audit_moment_form"
    assert client.get("/api/audit", params={"from": "2026-03-01T08:00"}).json()["code"] == "audit_moment_form"
    for wrong in ({"limit": 0}, {"limit": 501}, {"before": 0}, {"before": 2**63}, {"actor": "x" * 101}, {"sort": "id"}):
        assert client.get("/api/audit", params=wrong).status_code == 422, wrong
    for path in ("0", "-1", "x", str(2**63), "1.5"):
        assert client.get(f"/api/audit/{path}").status_code == 422, path
    assert asked(lines) == []


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"verb": "exported"}, 6),
        ({"verb": "exported", "area": "990101001001"}, 2),
        ({"verb": "exported", "area": "990101001"}, 4),
        ({"verb": "exported", "area": "nowhere"}, 0),
        ({"actor": "wang", "layer": "households"}, 1),
        ({"actor": "nobody"}, 0),
        ({"layer": "nothing"}, 0),
        ({"verb": "exported", "from": "2026-03-01", "to": "2026-03-01"}, 6),
        ({"verb": "exported", "from": "2026-03-02"}, 0),
        ({"verb": "exported", "to": "2026-02-28"}, 0),
        ({"verb": "exported", "from": "2026-03-01T08:00:00Z", "to": "2026-03-01T16:00:01+08:00"}, 6),
        ({"verb": "exported", "to": "2026-03-01T08:00:00Z"}, 0),
    ],
)
def test_filters(client, lines, filters, count):
    assert len(client.get("/api/audit", params=filters).json()["lines"]) == count


def test_before_and_after_of_a_change_without_personal_values(client, lines):
    listed = client.get("/api/audit", params={"actor": "wang", "verb": "updated"}).json()["lines"]
    changes = {line["layer"]: client.get(f"/api/audit/{line['id']}").json()["changes"] for line in listed}
    (home,), (house,) = changes["households"], changes["buildings"]
    assert home["action"] == "updated"
    assert (home["before"], home["after"]) == ({"head_name": "***"}, {"head_name": "***"})
    assert (house["before"], house["after"]) == ({"floors": None}, {"floors": 6})
    line = next(line for line in listed if line["layer"] == "buildings")
    with lines.reading() as c:
        row = rows.get(c, LAYERS["buildings"], "B1")
    assert (line["subject_uid"], line["area_code"]) == (row["uid"], "990101001001")
    found = client.get("/api/audit", params={"subject": row["uid"]}).json()["lines"]
    assert [one["verb"] for one in found] == ["updated", "created"]


def test_an_unknown_line(client, lines):
    answer = client.get("/api/audit/999999")
    assert (answer.status_code, answer.json()["code"]) == (404, "audit_line_unknown")


def test_answers_are_not_kept_by_browsers(client, lines):
    assert client.get("/api/audit").headers["cache-control"] == "no-store"


def test_the_page(client):
    answer = client.get("/audit")
    assert answer.status_code in (200, 503)
    assert answer.headers["content-type"].startswith("text/html")
