"""Ways around the rights: moving things, guessing codes, other people's caches, orders, references, old grids."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from shapely.geometry import Point, box, mapping

from geo_service.api.door import door_of
from geo_service.bootstrap import Service
from geo_service.domain.actors import LOCAL_ADMIN, Actor
from geo_service.main import create_app
from tests.api.conftest import NOW
from tests.community import ELSEWHERE, GRID_HERE, GRID_THERE, HERE, LAT, LON, THERE, feature, settle

OFFICIAL = Actor("official", "official", areas=(HERE,))
WORKER = Actor("worker", "grid_worker", grids=(GRID_HERE,))
PLANNER = Actor("planner", "planner", areas=(HERE,))
RESIDENT = Actor("resident", "resident")
TILE = "15/26970/12404.mvt"


class Asker:
    """Sends requests as whom it is told."""

    def __init__(self, client: TestClient) -> None:
        self.client, self.actor = client, LOCAL_ADMIN

    def __call__(self, actor, method, url, body=None, **headers):
        self.actor = actor
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, url, json=body, headers=named)

    def change(self, actor, url, body):
        version = self(LOCAL_ADMIN, "GET", url).headers["etag"]
        return self(actor, "PATCH", url, body, If_Match=version)


@pytest.fixture
def ask(service: Service) -> Iterator[Asker]:
    settle(service.store, NOW)
    app = create_app(service=service)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        asker = Asker(client)

        async def door(request: Request):
            return replace(await door_of(request), actor=asker.actor)

        app.dependency_overrides[door_of] = door
        yield asker


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [one["properties"]["code"] for one in answer.json()["features"]]


def test_nothing_is_moved_into_or_out_of_ones_places(ask):
    there, here = mapping(Point(LON + ELSEWHERE, LAT)), mapping(Point(LON + 0.001, LAT))
    for actor in (OFFICIAL, WORKER, PLANNER):
        assert ask.change(actor, "/api/facilities/facilities-A", {"geometry": there}).status_code == 403
        assert ask.change(actor, "/api/facilities/facilities-B", {"geometry": here}).status_code == 403
        assert ask.change(actor, "/api/facilities/facilities-A", {"geometry": here}).status_code == 200
        here = mapping(Point(here["coordinates"][0] + 0.0001, LAT))
    kept = ask(LOCAL_ADMIN, "GET", "/api/facilities/facilities-A").json()["properties"]
    assert (kept["area_code"], kept["version"]) == ("990101001001Q01", 4)
    moved = ask.change(OFFICIAL, "/api/buildings/buildings-A", {"properties": {"registered_area_code": THERE}})
    assert moved.status_code == 403
    nowhere = feature("facilities") | {"geometry": mapping(Point(118, 41))}
    assert ask(OFFICIAL, "POST", "/api/facilities", nowhere).status_code == 403


def test_what_is_there_and_what_is_not_answer_alike(ask):
    uid = ask(LOCAL_ADMIN, "GET", "/api/cases/cases-B").json()["id"]
    for actor in (OFFICIAL, WORKER, PLANNER):
        answers = [ask(actor, "GET", f"/api/cases/{ident}") for ident in ("cases-B", uid, "cases-X")]
        told = [{k: v for k, v in a.json().items() if k not in ("request_id", "ident")} for a in answers]
        shapes = [str(one).replace(ident, "?") for one, ident in zip(told, ("cases-B", uid, "cases-X"), strict=True)]
        assert {answer.status_code for answer in answers} == {404}
        assert len(set(shapes)) == 1
    for verb in ({"properties": {"source": "x"}}, {"properties": {"status": "closed"}}):
        wrong = [ask(OFFICIAL, "PATCH", f"/api/cases/{one}", verb, If_Match='"7"') for one in ("cases-B", "cases-X")]
        assert [answer.status_code for answer in wrong] == [404, 404]


def test_codes_of_what_is_not_published_are_not_tried_out(ask):
    for code in ("households-B", "nobody-has-this"):
        answer = ask(OFFICIAL, "POST", "/api/households", feature("households", code=code))
        assert (answer.status_code, answer.json()["code"]) == (422, "code_not_chosen")
    assert ask(LOCAL_ADMIN, "POST", "/api/households", feature("households", code="H-9")).status_code == 201
    assert ask(OFFICIAL, "POST", "/api/households", feature("households")).status_code == 201


def test_parts_are_added_only_to_ones_own_things(ask):
    gate = feature("entrances", facility_code="facilities-B")
    assert ask(OFFICIAL, "POST", "/api/entrances", gate).status_code == 403
    assert ask(WORKER, "POST", "/api/households", feature("households", ELSEWHERE)).status_code == 403
    assert (
        ask.change(
            OFFICIAL, "/api/entrances/entrances-A", {"properties": {"facility_code": "facilities-B"}}
        ).status_code
        == 403
    )
    assert ask(OFFICIAL, "POST", "/api/entrances", feature("entrances")).status_code == 201
    statement = feature("inventory_statements", ELSEWHERE)
    assert ask(OFFICIAL, "POST", "/api/inventory_statements", statement).status_code == 403


def test_who_moves_grids_loses_the_old_one_at_once(ask):
    answer = ask(WORKER, "GET", "/api/households")
    assert codes(answer) == ["households-A"]
    etag = answer.headers["etag"]
    assert ask(WORKER, "GET", "/api/households", If_None_Match=etag).status_code == 304
    moved = replace(WORKER, grids=(GRID_THERE,))
    assert codes(ask(moved, "GET", "/api/households", If_None_Match=etag)) == ["households-B"]
    assert ask(moved, "GET", "/api/households/households-A").status_code == 404
    assert ask.change(moved, "/api/facilities/facilities-A", {"properties": {"source": "x"}}).status_code == 403


def test_a_grid_that_moves_takes_its_rows_along(ask):
    etag = ask(WORKER, "GET", "/api/cases").headers["etag"]
    body = {"geometry": mapping(box(116.34, 40.0, 116.36, 40.02))}
    assert ask.change(LOCAL_ADMIN, f"/api/grids/{GRID_HERE}", body).status_code == 200
    assert codes(ask(WORKER, "GET", "/api/cases", If_None_Match=etag)) == []


def test_tiles_are_not_handed_from_one_to_another(ask):
    full = ask(OFFICIAL, "GET", f"/tiles/cases/{TILE}")
    assert full.status_code == 200
    etag = full.headers["etag"]
    assert ask(replace(OFFICIAL, name="again"), "GET", f"/tiles/cases/{TILE}", If_None_Match=etag).status_code == 304
    for other in (replace(OFFICIAL, areas=(THERE,)), replace(OFFICIAL, areas=()), WORKER):
        answer = ask(other, "GET", f"/tiles/cases/{TILE}", If_None_Match=etag)
        assert answer.status_code == (200 if other is WORKER else 204)
        assert answer.headers["etag"] != etag
    assert ask(RESIDENT, "GET", f"/tiles/cases/{TILE}", If_None_Match=etag).status_code == 403
    streets = ask(RESIDENT, "GET", f"/tiles/facilities/{TILE}").headers["etag"]
    assert ask(LOCAL_ADMIN, "GET", f"/tiles/facilities/{TILE}", If_None_Match=streets).status_code == 304


def test_counts_are_of_what_one_may_read(ask):
    def counted(actor):
        layers = {one["name"]: one["count"] for one in ask(actor, "GET", "/api/layers").json()}
        assert ask(actor, "GET", "/api/summary").json()["counts"] == layers
        return [layers.get(name) for name in ("facilities", "households", "cases", "photos")]

    for _ in range(2):  # the second time from what is remembered
        assert counted(LOCAL_ADMIN) == [2, 2, 2, 2]
        assert counted(OFFICIAL) == [2, 1, 1, 1]
        assert counted(PLANNER) == [2, None, 1, 1]
        assert counted(replace(PLANNER, areas=())) == [2, None, 0, 0]
        assert counted(RESIDENT) == [2, None, None, None]


def test_filters_and_boxes_reach_no_further(ask):
    for query in (f"area_code={THERE}", f"grid_code={GRID_THERE}", "bbox=116.32,40,116.34,40.02", "is_retired=true"):
        found = ask(OFFICIAL, "GET", f"/api/cases?{query}")
        assert "cases-B" not in codes(found), query
        assert found.json()["numberMatched"] == len(found.json()["features"])
    assert ask(PLANNER, "GET", "/api/households").status_code == 403
    assert ask(OFFICIAL, "GET", "/api/households?building_code=buildings-B").json()["numberMatched"] == 0


def test_a_name_that_is_not_shown_is_not_emptied_by_sending_the_form_back(ask):
    shown = ask(PLANNER, "GET", "/api/projects/projects-A").json()["properties"]
    assert shown["responsible_person"] is None
    sent = {"responsible_person": shown["responsible_person"], "source": "form"}
    assert ask.change(PLANNER, "/api/projects/projects-A", {"properties": sent}).status_code == 200
    kept = ask(OFFICIAL, "GET", "/api/projects/projects-A").json()["properties"]
    assert (kept["responsible_person"], kept["source"]) == ("李**", "form")


def test_a_tokens_scopes_only_take_away(ask):
    machine = replace(OFFICIAL, scopes=frozenset({"read_published"}))
    assert ask(machine, "GET", "/api/facilities").status_code == 200
    assert ask(machine, "GET", "/api/households").status_code == 403
    assert ask(machine, "GET", "/api/runs").status_code == 403
    assert ask(machine, "GET", "/api/buildings/buildings-A").json()["properties"]["residents_persons"] is None
    assert ask.change(machine, "/api/facilities/facilities-A", {"properties": {"source": "x"}}).status_code == 403
    assert ask(replace(machine, scopes=frozenset()), "GET", "/api/facilities").status_code == 403
